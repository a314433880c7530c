//! The few file operations an append needs, as a trait: so that a short
//! write, a full disk and a disk that loses data can be played in a test.

use super::layout::{self, RESERVE, segment_name};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// Bytes kept aside for the day the disk is full.
pub(super) const RESERVE_BYTES: usize = 1024 * 1024;

/// Free bytes needed before the reserve is taken again; more than the reserve
/// itself, or a disk on the brink would flap between full and whole.
const REGAIN_BYTES: u64 = 4 * RESERVE_BYTES as u64;

/// One writer's segment under construction.
pub(super) trait Disk: std::fmt::Debug + Send {
    /// One write at the end of the segment; may be short.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Makes everything written durable. After an error the segment must not
    /// be synced again: the kernel may have dropped what it could not write.
    fn sync(&mut self) -> io::Result<()>;
    /// Takes unacknowledged bytes off the end.
    fn cut(&mut self, len: u64) -> io::Result<()>;
    /// Leaves this segment for a new, empty one.
    fn next_segment(&mut self, number: u32) -> io::Result<()>;
    /// Takes the reserve, whatever else is free.
    fn hold_reserve(&mut self) -> io::Result<()>;
    /// Takes the reserve again if there is plenty of room.
    fn regain_reserve(&mut self) -> io::Result<()>;
    /// Gives the reserve's space to the journal.
    fn free_reserve(&mut self) -> io::Result<()>;
}

/// The real thing.
#[derive(Debug)]
pub(super) struct Files {
    dir: PathBuf,
    segment: File,
}

impl Files {
    /// Opens a segment for appending; makes it, and its name durable, if it
    /// is not there.
    pub(super) fn open(dir: PathBuf, number: u32) -> io::Result<Self> {
        let path = dir.join(segment_name(number));
        let fresh = !path.exists();
        let segment = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .custom_flags(layout::no_follow())
            .open(&path)?;
        if !segment.metadata()?.is_file() {
            return Err(io::Error::other("the segment is not a regular file"));
        }
        if fresh {
            segment.sync_all()?;
            layout::sync_dir(&dir)?;
        }
        Ok(Self { dir, segment })
    }
}

impl Disk for Files {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.segment.write(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.segment.sync_data()
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.segment.set_len(len)
    }

    fn next_segment(&mut self, number: u32) -> io::Result<()> {
        *self = Self::open(self.dir.clone(), number)?;
        Ok(())
    }

    fn hold_reserve(&mut self) -> io::Result<()> {
        let path = self.dir.join(RESERVE);
        let whole = RESERVE_BYTES as u64;
        if std::fs::symlink_metadata(&path).is_ok_and(|m| m.is_file() && m.len() == whole) {
            return Ok(());
        }
        let write = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .custom_flags(layout::no_follow())
                .open(&path)?;
            // Noise, so that a file system that compresses keeps real blocks.
            let mut noise = vec![0; RESERVE_BYTES];
            fastrand::Rng::new().fill(&mut noise);
            file.write_all(&noise)?;
            file.sync_all()?;
            layout::sync_dir(&self.dir)
        };
        write().inspect_err(|_| {
            // Half a reserve only takes room from the record.
            let _ = std::fs::remove_file(&path);
        })
    }

    fn regain_reserve(&mut self) -> io::Result<()> {
        let room = rustix::fs::statvfs(&self.dir)?;
        if room.f_bavail.saturating_mul(room.f_frsize) < REGAIN_BYTES {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.hold_reserve()
    }

    fn free_reserve(&mut self) -> io::Result<()> {
        match std::fs::remove_file(self.dir.join(RESERVE)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e),
            Ok(()) => layout::sync_dir(&self.dir),
        }
    }
}
