//! A recorded incident as export bytes, for the terminal and the command line
//! alike.

use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use crate::domain::incident::Incident;
use crate::domain::playbook::Playbook;
use crate::journal::{Verdict, read, read_lines, verify};
use crate::playbooks;
use crate::report::Format;
use crate::report::exposure;
use crate::report::jsonl::jsonl;
use crate::report::markdown::markdown;
use crate::report::source::{Chain, Integrity, Source};
use chrono::{DateTime, Utc};
use std::path::Path;

/// Reads a folder and writes it in a format: the same folder and time give
/// the same bytes.
///
/// # Errors
/// When the folder is no readable incident.
pub fn render(folder: &Path, format: Format, now: DateTime<Utc>) -> Result<Vec<u8>, Failure> {
    match format {
        Format::Jsonl => Ok(jsonl(read_lines(folder)?.iter().map(Vec::as_slice))),
        Format::ExposureCsv => Ok(exposure::csv(&Incident::fold(read(folder)?.entries))),
        Format::ExposureJson => Ok(exposure::json(&Incident::fold(read(folder)?.entries))),
        Format::Markdown => {
            let record = read(folder)?;
            let incident = Incident::fold(record.entries.iter().cloned());
            let playbook = pinned_playbook(folder);
            let integrity = integrity(&verify(folder));
            let source = Source {
                incident: &incident,
                entries: &record.entries,
                playbook: playbook.as_ref(),
                integrity: &integrity,
                generated: now,
            };
            Ok(markdown(&source).into_bytes())
        }
    }
}

/// The copy in the incident's folder; a report can do without it.
fn pinned_playbook(folder: &Path) -> Option<Playbook> {
    let text = playbooks::load(&folder.join("playbook.md")).ok()?;
    playbooks::read(&text.source, "playbook.md").playbook
}

fn integrity(verdict: &Verdict) -> Integrity {
    let chains = verdict
        .writers
        .iter()
        .map(|writer| Chain {
            writer: format!("{} ({})", writer.who, writer.wid),
            entries: writer.entries,
            head: writer.head.as_deref().and_then(Digest::parse),
            broken: (!writer.whole).then(|| "does not hold".to_owned()),
        })
        .collect();
    let mut remarks: Vec<String> = verdict.faults.iter().map(ToString::to_string).collect();
    if verdict.more_faults > 0 {
        remarks.push(format!("{} more", verdict.more_faults));
    }
    Integrity { chains, remarks }
}
