//! The bytes around a place of a piece that was scanned: unpacked again up to
//! it, or sought where nothing is packed.

use super::piece::Piece;
use super::unpack::is_plain;
use crate::domain::untrusted::visible;
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes kept in front of the place, and read from it on.
const BEFORE: usize = 32 << 10;
const AFTER: u64 = 256 << 10;
/// Bytes passed over between two looks whether anybody still waits.
const STEP: u64 = 1 << 20;

/// What stands around a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    pub before: Vec<u8>,
    /// Whether the stream begins with `before`.
    pub from_start: bool,
    pub after: Vec<u8>,
    /// Whether the stream ends with `after`.
    pub to_end: bool,
}

/// Reads around a place. `name` is that of the part, as it is shown.
///
/// # Errors
/// When the part is not there any more, can't be read, or ends before that.
pub fn around(
    piece: &Piece,
    name: &str,
    offset: u64,
    stop: &AtomicBool,
) -> std::io::Result<Around> {
    if let Piece::File { path, .. } = piece
        && visible(&piece.name()) == name
        && let Some(found) = sought(path, offset)?
    {
        return Ok(found);
    }
    let mut found = Err(Error::new(
        ErrorKind::NotFound,
        "it is not in there any more",
    ));
    piece.parts(stop, &mut |part| {
        if stop.load(Ordering::Relaxed) {
            found = Err(Error::new(
                ErrorKind::TimedOut,
                "nobody waits for it any more",
            ));
            return false;
        }
        if visible(part.name) != name {
            return true;
        }
        found = match part.stream {
            Ok(stream) => passed(stream, offset, stop),
            Err(why) => Err(Error::other(why)),
        };
        false
    });
    found
}

/// Whether a piece is, or may hold, what is called so on screens:
/// `a.tar!b.log` is in `a.tar`.
pub fn holds(piece: &Piece, name: &str) -> bool {
    let rest = name.strip_prefix(visible(&piece.name()).as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('!'))
}

/// A piece that bears the name of one that is gone, and what is called so
/// there: of several, the one whose folders are called alike. Logs move with
/// their folder, as those of a lab do when it is built again.
pub fn namesake<'a>(pieces: &'a [Piece], name: &str) -> Option<(&'a Piece, String)> {
    let (outer, inner) = name.split_at(name.find('!').unwrap_or(name.len()));
    let alike = |piece: &Piece| {
        let other = visible(&piece.name());
        let (ours, theirs) = (other.rsplit('/'), outer.rsplit('/'));
        ours.zip(theirs).take_while(|(a, b)| a == b).count()
    };
    let best = pieces.iter().max_by_key(|piece| alike(piece))?;
    let most = alike(best);
    let alone = pieces.iter().filter(|piece| alike(piece) == most).count() == 1;
    (most > 0 && alone).then(|| (best, format!("{}{inner}", visible(&best.name()))))
}

/// The file that holds what is called so on screens: names that could drive a
/// terminal are spelled out there, so they are looked up in their folder.
pub fn stored(name: &str) -> Option<PathBuf> {
    let ends = name.match_indices('!').map(|(at, _)| at);
    ends.chain([name.len()]).find_map(|end| file(&name[..end]))
}

fn file(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    if path.is_file() {
        return Some(path.to_owned());
    }
    let folder = path.parent()?;
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let spelled = visible(path.file_name()?.to_str()?);
    std::fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
        let same = visible(&entry.file_name().to_string_lossy()) == spelled;
        (same && entry.path().is_file()).then(|| entry.path())
    })
}

/// Looks right at the place of a file in which nothing is packed.
fn sought(path: &Path, offset: u64) -> std::io::Result<Option<Around>> {
    let mut file = File::open(path)?;
    let about = file.metadata()?;
    if !about.is_file() || !is_plain(&mut file)? {
        return Ok(None);
    }
    if about.len() <= offset {
        return Err(ended());
    }
    let start = offset.saturating_sub(BEFORE as u64);
    file.seek(SeekFrom::Start(start))?;
    let mut found = passed(&mut file, offset - start, &AtomicBool::new(false))?;
    found.from_start = start == 0;
    Ok(Some(found))
}

/// Passes over what stands before the place and keeps the last of it.
fn passed(stream: &mut dyn Read, offset: u64, stop: &AtomicBool) -> std::io::Result<Around> {
    let far = offset.saturating_sub(BEFORE as u64);
    let mut at = 0;
    while at < far {
        if stop.load(Ordering::Relaxed) {
            return Err(Error::new(
                ErrorKind::TimedOut,
                "nobody waits for it any more",
            ));
        }
        let next = STEP.min(far - at);
        let read = std::io::copy(&mut (&mut *stream).take(next), &mut std::io::sink())?;
        if read < next {
            return Err(ended());
        }
        at += next;
    }
    let mut near = Vec::new();
    (&mut *stream).take(offset - far).read_to_end(&mut near)?;
    let mut after = Vec::new();
    let broken = (&mut *stream).take(AFTER).read_to_end(&mut after).err();
    if (near.len() as u64) < offset - far || after.is_empty() {
        return Err(broken.unwrap_or_else(ended));
    }
    Ok(Around {
        before: near,
        from_start: far == 0,
        to_end: (after.len() as u64) < AFTER,
        after,
    })
}

fn ended() -> Error {
    Error::new(ErrorKind::UnexpectedEof, "it ends before that place")
}
