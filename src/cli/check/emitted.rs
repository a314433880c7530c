//! The files of `--emit-aggregates` and `--emit-events`.

use super::private::{create, unwritten};
use crate::domain::failure::Failure;
use crate::investigate::logs::gather::aggregates::Aggregates;
use crate::investigate::logs::gather::store;
use crate::investigate::logs::tap::Tap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const WHAT: &str = "the aggregates";

/// A new file, opened before the work begins, so that a place that can't be
/// written to costs nobody a scan.
#[derive(Debug)]
pub struct Emitted {
    path: PathBuf,
    file: File,
}

impl Emitted {
    /// Opens the new file.
    ///
    /// # Errors
    /// When there is one, or none can be made.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        Ok(Self {
            path: path.to_owned(),
            file: create(path, WHAT)?,
        })
    }

    /// Writes the tables and waits until they are on disk.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write(&mut self, tables: &Aggregates) -> Result<(), Failure> {
        let mut out = BufWriter::new(&self.file);
        store::write(tables, &mut out)
            .and_then(|()| out.flush())
            .and_then(|()| self.file.sync_all())
            .map_err(|error| unwritten(&self.path, WHAT, &error))
    }
}

/// A new file of events, written while the scan runs.
#[derive(Debug)]
pub struct Events {
    path: PathBuf,
    tap: Arc<Tap>,
}

impl Events {
    /// Opens the new file.
    ///
    /// # Errors
    /// When there is one, or none can be made.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let file = BufWriter::new(create(path, "the events")?);
        Ok(Self {
            path: path.to_owned(),
            tap: Arc::new(Tap::new(Box::new(file))),
        })
    }

    /// What the scan writes to.
    pub fn tap(&self) -> Arc<Tap> {
        Arc::clone(&self.tap)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What the disk said, at any time.
    pub fn close(&self) -> Result<(), Failure> {
        let closed = self.tap.close();
        closed.map_err(|error| unwritten(&self.path, "the events", &error))
    }
}
