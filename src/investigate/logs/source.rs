//! Where bytes come from: files, folders, standard input, other stores, and
//! what is packed in them.
//!
//! A piece is what was asked for; what is packed in it is in `source/`. To add
//! a store: an [`Opener`], and its address in `source/stored.rs`.

mod dated;
mod piece;
mod stored;
mod tar;
#[cfg(test)]
mod tests;
mod unpack;
mod walk;

pub use piece::{Opener, Piece};
pub use stored::gathered;
pub use unpack::Part;
pub use walk::{Found, Gaps, pieces};

use crate::domain::untrusted::Untrusted;
use std::io::{Error, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The longest line that is shown.
const SHOWN: u64 = 64 << 10;

/// The line at a place of a scanned piece, cut at 64 KiB.
///
/// # Errors
/// When the piece is there no more, is standard input, or ends before that.
pub fn lines_at(name: &str, offset: u64) -> std::io::Result<Untrusted> {
    let path = stored(name)
        .ok_or_else(|| Error::new(ErrorKind::NotFound, "it is no file that can be read again"))?;
    let piece = Piece::File { path, size: 0 };
    let mut found = Err(Error::new(
        ErrorKind::NotFound,
        "it is not in there any more",
    ));
    piece.parts(&mut |part| {
        if part.name != name {
            return true;
        }
        found = match part.stream {
            Ok(stream) => line_at(stream, offset),
            Err(why) => Err(Error::other(why)),
        };
        false
    });
    found
}

/// The file that holds what is called so: `a.tar!b.log` is in `a.tar`.
fn stored(name: &str) -> Option<PathBuf> {
    let ends = name.match_indices('!').map(|(at, _)| at);
    ends.chain([name.len()])
        .map(|end| Path::new(&name[..end]))
        .find(|path| path.is_file())
        .map(Path::to_owned)
}

fn line_at(stream: &mut dyn Read, offset: u64) -> std::io::Result<Untrusted> {
    let passed = std::io::copy(&mut stream.take(offset), &mut std::io::sink())?;
    let mut line = Vec::new();
    stream.take(SHOWN).read_to_end(&mut line)?;
    if passed < offset || line.is_empty() {
        return Err(Error::new(
            ErrorKind::UnexpectedEof,
            "it ends before that place",
        ));
    }
    let end = memchr::memchr(b'\n', &line).unwrap_or(line.len());
    let line = line[..end].strip_suffix(b"\r").unwrap_or(&line[..end]);
    Ok(Untrusted::from_bytes(line))
}
