//! The files of a tar archive as they stream by, in bounded memory.

use std::io::{Error, ErrorKind, Read};

/// The size of a block.
pub const BLOCK: usize = 512;
/// The longest name, and the longest list of attributes, that is read.
const LONGEST: u64 = 64 << 10;

/// A file in an archive; the archive reads its bytes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub path: String,
    pub size: u64,
}

/// An archive at some place in it.
pub struct Tar<'a> {
    stream: &'a mut dyn Read,
    /// Bytes of the file at hand that were not read.
    left: u64,
    /// What fills up its last block.
    filling: u64,
}

impl<'a> Tar<'a> {
    /// An archive at its beginning.
    pub fn new(stream: &'a mut dyn Read) -> Self {
        Self {
            stream,
            left: 0,
            filling: 0,
        }
    }

    /// Goes to the next file.
    ///
    /// # Errors
    /// When the stream breaks, or when what comes is no header.
    pub fn next(&mut self) -> std::io::Result<Option<Entry>> {
        let (mut path, mut size) = (None, None);
        loop {
            self.pass()?;
            let mut header = [0; BLOCK];
            if !self.block(&mut header)? || header.iter().all(|byte| *byte == 0) {
                return Ok(None);
            }
            if !is_header(&header) {
                return Err(Error::new(ErrorKind::InvalidData, "no header of a file"));
            }
            let said = number(&header[124..136]);
            let length = said.ok_or_else(|| Error::new(ErrorKind::InvalidData, "no size"))?;
            self.turn(length);
            match header[156] {
                b'L' => path = Some(self.text(length)?.trim_end_matches('\0').to_owned()),
                b'x' => {
                    let attributes = self.text(length)?;
                    path = attribute(&attributes, "path").or(path);
                    size = attribute(&attributes, "size").and_then(|size| size.parse().ok());
                }
                b'0' | 0 | b'7' => {
                    let size = size.unwrap_or(length);
                    self.turn(size);
                    let path = path.unwrap_or_else(|| name(&header));
                    return Ok(Some(Entry { path, size }));
                }
                // Folders, links, devices: nothing to read.
                _ => (path, size) = (None, None),
            }
        }
    }

    const fn turn(&mut self, size: u64) {
        self.left = size;
        self.filling = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    /// Passes over what was not read of the file at hand.
    fn pass(&mut self) -> std::io::Result<()> {
        let rest = self.left.saturating_add(self.filling);
        self.turn(0);
        let passed = std::io::copy(&mut (&mut *self.stream).take(rest), &mut std::io::sink())?;
        if passed < rest {
            return Err(Error::new(ErrorKind::UnexpectedEof, "it is cut off"));
        }
        Ok(())
    }

    /// Reads one block; `false` at the end.
    fn block(&mut self, block: &mut [u8; BLOCK]) -> std::io::Result<bool> {
        let mut filled = 0;
        while filled < BLOCK {
            match self.stream.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(false),
                Ok(0) => return Err(Error::new(ErrorKind::UnexpectedEof, "it is cut off")),
                Ok(more) => filled += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn text(&mut self, length: u64) -> std::io::Result<String> {
        let mut bytes = Vec::new();
        self.take(length.min(LONGEST)).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Read for Tar<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 || into.is_empty() {
            return Ok(0);
        }
        let most = usize::try_from(self.left).map_or(into.len(), |left| left.min(into.len()));
        let read = self.stream.read(&mut into[..most])?;
        if read == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, "it is cut off"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// Whether a block is the header of a file: its sum is right.
pub fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.get(..BLOCK) else {
        return false;
    };
    let sum: u64 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            u64::from(if (148..156).contains(&at) {
                b' '
            } else {
                *byte
            })
        })
        .sum();
    block[0] != 0 && number(&block[148..156]) == Some(sum)
}

/// A number in octal digits, or in binary where its first bit says so.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        // Only sizes are written so, and they have twelve bytes.
        let start = field.len().checked_sub(8).filter(|start| *start > 0)?;
        let high = &field[1..start];
        if field[0] != 0x80 || high.iter().any(|byte| *byte != 0) {
            return None;
        }
        return Some(
            field[start..]
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        );
    }
    let text = std::str::from_utf8(field).ok()?;
    let text = text.trim_matches(|c| c == ' ' || c == '\0');
    u64::from_str_radix(text, 8).ok()
}

fn name(header: &[u8; BLOCK]) -> String {
    let text = |field: &[u8]| {
        let end = field.iter().position(|byte| *byte == 0);
        String::from_utf8_lossy(&field[..end.unwrap_or(field.len())]).into_owned()
    };
    let (name, prefix) = (text(&header[..100]), text(&header[345..500]));
    if header[257..263] == *b"ustar\0" && !prefix.is_empty() {
        format!("{prefix}/{name}")
    } else {
        name
    }
}

/// The value of an attribute in lines such as `17 path=some/name`.
fn attribute(attributes: &str, key: &str) -> Option<String> {
    attributes
        .lines()
        .filter_map(|line| line.split_once(' ')?.1.split_once('='))
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.to_owned())
}
