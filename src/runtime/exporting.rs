//! Writes an export into the incident's own folder.

use super::clock::now;
use crate::app::message::Message;
use crate::app::model::JobId;
use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes the export and answers with where it lies.
pub fn export(job: JobId, folder: &Path, format: &str) -> Result<Message, Failure> {
    let format = crate::report::Format::parse(format).ok_or_else(|| {
        Failure::new(
            "nothing was exported",
            format!("{format} is not a format"),
            "choose markdown or jsonl",
        )
    })?;
    let bytes = super::record::render(folder, format, now())?;
    let exports = folder.join("exports");
    let name = format!("{}.{}", now().format("%Y%m%dT%H%M%SZ"), format.extension());
    let file = exports.join(name);
    write(&exports, &file, &bytes).map_err(|e| {
        Failure::new(
            "the export could not be written",
            e.to_string(),
            "free space or export elsewhere with firsthour export --out",
        )
    })?;
    Ok(Message::Exported {
        job,
        format: format.word().to_owned(),
        file: file.display().to_string(),
        sha256: Digest::of(&bytes),
        bytes: bytes.len() as u64,
    })
}

fn write(folder: &Path, file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    out.write_all(bytes)?;
    out.sync_all()
}
