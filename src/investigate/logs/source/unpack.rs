//! What is packed in a stream, told by its first bytes and never by its name:
//! gzip (members after one another), zstd, lz4, and archives of tar, in each
//! other. A plain text that is called `.gz` is a plain text.

use super::tar::{Entry, Tar};
use flate2::bufread::GzDecoder;
use std::io::{BufRead, BufReader, Chain, Cursor, Error, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Packings within each other that are opened.
const DEEPEST: u32 = 6;
/// Files of one archive that are read.
const ENTRIES: u32 = 100_000;
/// A stream that unpacks to more than this many times its size ...
const RATIO: u64 = 2_000;
/// ... and to more than this is no log.
const FREE: u64 = 1 << 30;

/// One stream with nothing packed in it.
pub struct Part<'a> {
    /// Names as in `a.tar.gz!dir/b.log`.
    pub name: &'a str,
    /// The stream, or why there is none.
    pub stream: Result<&'a mut dyn Read, String>,
}

impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let why = self.stream.as_ref().err();
        f.debug_struct("Part")
            .field("name", &self.name)
            .field("why", &why)
            .finish_non_exhaustive()
    }
}

/// Whom the parts are shown to, one after the other; `false` stops.
pub type Visit<'v> = dyn FnMut(Part<'_>) -> bool + 'v;

/// Shows every part of a stream; `false` when it was stopped.
pub fn parts(name: &str, stream: &mut dyn Read, visit: &mut Visit<'_>) -> bool {
    let taken = Arc::new(AtomicU64::new(0));
    let mut counted = Counted {
        stream,
        count: Arc::clone(&taken),
    };
    open(name, &mut counted, &taken, 0, visit)
}

fn open(
    name: &str,
    stream: &mut dyn Read,
    taken: &Arc<AtomicU64>,
    depth: u32,
    visit: &mut Visit<'_>,
) -> bool {
    let fail = |why: String, visit: &mut Visit<'_>| {
        visit(Part {
            name,
            stream: Err(why),
        })
    };
    let (head, broken) = beginning(stream);
    let packing = Packing::of(&head);
    let mut breaks = Breaks(broken);
    let stream = if breaks.0.is_some() {
        &mut breaks
    } else {
        stream
    };
    let mut whole: Chain<Cursor<Vec<u8>>, &mut dyn Read> = Cursor::new(head).chain(stream);
    if depth >= DEEPEST && packing != Packing::Plain {
        return fail(format!("more than {DEEPEST} packings in each other"), visit);
    }
    match packing {
        Packing::Plain => visit(Part {
            name,
            stream: Ok(&mut whole),
        }),
        Packing::Foreign(what) => fail(
            format!("{what} is not read: unpack it, or export as lines"),
            visit,
        ),
        Packing::Tar => archive(name, &mut whole, taken, depth, visit),
        Packing::Gzip => {
            let mut inside = Members::new(BufReader::with_capacity(64 << 10, whole));
            guarded(name, &mut inside, taken, depth, visit)
        }
        Packing::Zstd => match zstd::stream::read::Decoder::new(whole) {
            Ok(mut inside) => guarded(name, &mut inside, taken, depth, visit),
            Err(error) => fail(error.to_string(), visit),
        },
        Packing::Lz4 => {
            let mut inside = lz4_flex::frame::FrameDecoder::new(whole);
            guarded(name, &mut inside, taken, depth, visit)
        }
    }
}

fn guarded(
    name: &str,
    inside: &mut dyn Read,
    taken: &Arc<AtomicU64>,
    depth: u32,
    visit: &mut Visit<'_>,
) -> bool {
    let mut inside = Guarded {
        stream: inside,
        taken: Arc::clone(taken),
        given: 0,
    };
    open(name, &mut inside, taken, depth + 1, visit)
}

fn archive(
    name: &str,
    stream: &mut dyn Read,
    taken: &Arc<AtomicU64>,
    depth: u32,
    visit: &mut Visit<'_>,
) -> bool {
    let mut tar = Tar::new(stream);
    for _ in 0..ENTRIES {
        match tar.next() {
            Ok(None) => return true,
            Ok(Some(Entry { path, size: 0 })) if path.ends_with('/') => {}
            Ok(Some(Entry { path, .. })) => {
                let inside = format!("{name}!{path}");
                if !open(&inside, &mut tar, taken, depth + 1, visit) {
                    return false;
                }
            }
            Err(error) => {
                return visit(Part {
                    name,
                    stream: Err(format!("the archive can't be read further: {error}")),
                });
            }
        }
    }
    visit(Part {
        name,
        stream: Err(format!("only its first {ENTRIES} files were read")),
    })
}

/// How a stream is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Zstd,
    Lz4,
    Tar,
    Foreign(&'static str),
}

impl Packing {
    fn of(head: &[u8]) -> Self {
        const FOREIGN: [(&[u8], &str); 8] = [
            (b"PK\x03\x04", "a zip archive"),
            (b"PK\x05\x06", "a zip archive"),
            (b"BZh", "a bzip2 file"),
            (b"\xfd7zXZ\0", "an xz file"),
            (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
            (b"PAR1", "a Parquet file"),
            (b"SQLite format 3\0", "an SQLite database"),
            (b"\x7fELF", "a program"),
        ];
        let skippable = head.len() >= 4 && head[0] & 0xf0 == 0x50 && head[1..4] == *b"\x2a\x4d\x18";
        if head.starts_with(b"\x1f\x8b\x08") {
            Self::Gzip
        } else if head.starts_with(b"\x28\xb5\x2f\xfd") || skippable {
            Self::Zstd
        } else if head.starts_with(b"\x04\x22\x4d\x18") {
            Self::Lz4
        } else if super::tar::is_header(head) {
            Self::Tar
        } else {
            FOREIGN
                .iter()
                .find(|(magic, _)| head.starts_with(magic))
                .map_or(Self::Plain, |(_, what)| Self::Foreign(what))
        }
    }
}

/// Whether nothing is packed in a stream, which is at its beginning.
pub fn is_plain(stream: &mut dyn Read) -> std::io::Result<bool> {
    let (head, broken) = beginning(stream);
    broken.map_or_else(|| Ok(Packing::of(&head) == Packing::Plain), Err)
}

/// Enough of a stream to tell how it is packed, and why there is no more.
fn beginning(stream: &mut dyn Read) -> (Vec<u8>, Option<Error>) {
    let most = super::tar::BLOCK;
    let mut head = Vec::with_capacity(most);
    let broken = stream.take(most as u64).read_to_end(&mut head).err();
    (head, broken)
}

/// A stream that is broken, said once.
struct Breaks(Option<Error>);

impl Read for Breaks {
    fn read(&mut self, _into: &mut [u8]) -> std::io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Counts what is taken from a stream.
struct Counted<'a> {
    stream: &'a mut dyn Read,
    count: Arc<AtomicU64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.stream.read(into)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Ends a stream that unpacks to far more than any log does.
struct Guarded<'a> {
    stream: &'a mut dyn Read,
    taken: Arc<AtomicU64>,
    given: u64,
}

impl Read for Guarded<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let taken = self.taken.load(Ordering::Relaxed).max(1);
        if self.given > FREE && self.given / taken > RATIO {
            return Err(Error::other(format!(
                "it unpacks to more than {RATIO} times its size: not read further"
            )));
        }
        let read = self.stream.read(into)?;
        self.given += read as u64;
        Ok(read)
    }
}

/// The members of a gzip file one after the other.
struct Members<R: BufRead> {
    decoder: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    fn new(stream: R) -> Self {
        Self {
            decoder: Some(GzDecoder::new(stream)),
        }
    }

    /// Turns to the next member, if one follows.
    fn turn(&mut self) -> std::io::Result<bool> {
        let Some(decoder) = self.decoder.take() else {
            return Ok(false);
        };
        let mut stream = decoder.into_inner();
        loop {
            let next = stream.fill_buf()?;
            let zeros = next.iter().take_while(|byte| **byte == 0).count();
            let (length, first) = (next.len(), next.get(zeros).copied());
            // Some tools fill up the last block.
            stream.consume(zeros);
            match first {
                Some(0x1f) => break,
                None if length == 0 => return Ok(false),
                None => {}
                Some(_) => {
                    return Err(Error::new(
                        ErrorKind::InvalidData,
                        "what follows the packed data is none of it and was not read",
                    ));
                }
            }
        }
        self.decoder = Some(GzDecoder::new(stream));
        Ok(true)
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(decoder) = &mut self.decoder else {
                return Ok(0);
            };
            match decoder.read(into) {
                Ok(0) if self.turn()? => {}
                other => return other,
            }
        }
    }
}
