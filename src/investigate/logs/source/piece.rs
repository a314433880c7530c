//! One stream of the input and how it is opened.

use super::unpack::{self, Part};
use super::waiting::Waiting;
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Opens a stream that is no file.
pub trait Opener: Send + Sync + std::fmt::Debug {
    /// A stream from its beginning.
    ///
    /// # Errors
    /// What the store says.
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>>;
}

/// One stream of the input, not yet opened.
#[derive(Debug, Clone)]
pub enum Piece {
    File {
        path: PathBuf,
        size: u64,
    },
    Stdin,
    Stored {
        name: String,
        size: u64,
        opener: Arc<dyn Opener>,
    },
}

impl Piece {
    /// What it is called on screens and in places.
    pub fn name(&self) -> String {
        match self {
            Self::File { path, .. } => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
            Self::Stored { name, .. } => name.clone(),
        }
    }

    /// Bytes as stored, where that is known.
    pub const fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } | Self::Stored { size, .. } => *size,
            Self::Stdin => 0,
        }
    }

    /// Whether its reader may have to wait for somebody else.
    fn may_wait(&self) -> bool {
        match self {
            Self::File { path, .. } => std::fs::metadata(path).is_ok_and(|about| !about.is_file()),
            Self::Stdin | Self::Stored { .. } => true,
        }
    }

    /// Opens it as it is stored.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        match self {
            Self::File { path, .. } => {
                let file = File::open(path)?;
                let about = file.metadata()?;
                if !about.is_file() || about.len() == 0 {
                    return Ok(Box::new(file));
                }
                let left = about.len();
                Ok(Box::new(Still { file, left }))
            }
            Self::Stdin => Ok(Box::new(std::io::stdin())),
            Self::Stored { opener, .. } => opener.open(),
        }
    }

    /// Some bytes of a file as it is stored; what is missing is told.
    ///
    /// # Errors
    /// What the system says, or that it is no file.
    pub fn range(&self, from: u64, to: u64) -> std::io::Result<Box<dyn Read + Send>> {
        let Self::File { path, .. } = self else {
            return Err(Error::new(ErrorKind::Unsupported, "it is no file"));
        };
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        let left = to.saturating_sub(from);
        Ok(Box::new(Still { file, left }))
    }

    /// Shows everything in it, unpacked: once for a plain stream, once a file
    /// for an archive. What can't be read is shown with why; `false` stops, and
    /// so does `stop` while nothing comes.
    pub fn parts(&self, stop: &AtomicBool, visit: &mut dyn FnMut(Part<'_>) -> bool) {
        let name = self.name();
        let stream: std::io::Result<Box<dyn Read + '_>> = if self.may_wait() {
            let piece = self.clone();
            Waiting::on(move || piece.open(), stop)
                .map(|stream| Box::new(stream) as Box<dyn Read + '_>)
        } else {
            self.open().map(|stream| stream as Box<dyn Read + '_>)
        };
        match stream {
            Ok(mut stream) => {
                unpack::parts(&name, &mut stream, visit);
            }
            Err(error) => {
                visit(Part {
                    name: &name,
                    stream: Err(error.to_string()),
                });
            }
        }
    }
}

/// A file as long as it was when it was opened: what a writer adds meanwhile
/// is of a later time, and what is missing is told.
struct Still {
    file: File,
    left: u64,
}

impl Read for Still {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 || into.is_empty() {
            return Ok(0);
        }
        let most = usize::try_from(self.left).map_or(into.len(), |left| left.min(into.len()));
        let read = self.file.read(&mut into[..most])?;
        if read == 0 {
            return Err(Error::new(
                ErrorKind::UnexpectedEof,
                "the file became shorter while it was read",
            ));
        }
        self.left -= read as u64;
        Ok(read)
    }
}
