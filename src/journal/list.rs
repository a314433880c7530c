//! The incidents of this user at a glance: reads the meta and the last lines
//! of each chain, never a whole record.

use super::append::SEGMENT_BYTES;
use super::layout;
use super::meta::Meta;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::stance::Mode;
use crate::domain::untrusted::{Untrusted, visible};
use chrono::{DateTime, Utc};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes read from the end of each chain.
const TAIL_BYTES: u64 = 128 * 1024;

/// One incident in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub folder: PathBuf,
    pub id: String,
    pub codename: String,
    pub title: String,
    /// `None` when the meta cannot be read.
    pub mode: Option<Mode>,
    pub created: Option<DateTime<Utc>>,
    /// When the last entry was written.
    pub last: Option<DateTime<Utc>>,
    pub entries: u64,
    pub closed: bool,
    /// Why it cannot be resumed as it is. Only what a glance shows: `verify`
    /// tells the rest.
    pub damaged: Option<String>,
}

/// Lists the incidents under a folder, the latest first. A folder that cannot
/// be read is listed with the reason; a missing `incidents` is an empty list.
pub fn list(incidents: &Path) -> Vec<Listed> {
    let Ok(items) = std::fs::read_dir(incidents) else {
        return Vec::new();
    };
    let mut found: Vec<Listed> = items
        .flatten()
        .filter(|item| item.file_type().is_ok_and(|t| t.is_dir()))
        .map(|item| item.path())
        .filter(|path| !layout::is_draft(path))
        .map(|path| glance(&path))
        .collect();
    found.sort_by(|a, b| (b.last.or(b.created), &b.id).cmp(&(a.last.or(a.created), &a.id)));
    found
}

fn glance(folder: &Path) -> Listed {
    let name = folder.file_name().unwrap_or_default().as_encoded_bytes();
    let mut listed = Listed {
        folder: folder.to_owned(),
        id: Untrusted::from_bytes(name).visible(),
        codename: String::new(),
        title: String::new(),
        mode: None,
        created: None,
        last: None,
        entries: 0,
        closed: false,
        damaged: None,
    };
    match Meta::load(folder) {
        Ok((meta, _)) => {
            listed.id = visible(&meta.id);
            listed.codename = visible(&meta.codename);
            listed.title = visible(&meta.title);
            listed.mode = Some(meta.mode);
            listed.created = Some(meta.created);
        }
        Err(e) => {
            listed.damaged = Some(visible(&e.to_string()));
            return listed;
        }
    }
    match layout::writers(folder) {
        Ok(dirs) => {
            for dir in dirs.iter().filter(|dir| !layout::is_draft(dir)) {
                if let Err(why) = listed.take(dir) {
                    listed.damaged = Some(visible(&why));
                }
            }
        }
        Err(e) => listed.damaged = Some(format!("its writers cannot be read: {e}")),
    }
    listed
}

impl Listed {
    /// Takes in the end of one writer's chain.
    fn take(&mut self, dir: &Path) -> Result<(), String> {
        let (segments, _) = layout::segments(dir).map_err(|e| e.to_string())?;
        // The newest segment may have been opened just before a crash.
        for &number in segments.iter().rev() {
            let tail = tail(&dir.join(layout::segment_name(number))).map_err(|e| e.to_string())?;
            let read: Vec<Entry> = tail
                .split(|&byte| byte == b'\n')
                .filter_map(|line| Entry::read(line).ok())
                .collect();
            if let Some(last) = read.last() {
                self.entries = self.entries.saturating_add(last.seq).saturating_add(1);
                self.last = self.last.max(Some(last.ts));
                self.closed |= read
                    .iter()
                    .any(|entry| matches!(entry.fact, Fact::IncidentClosed(_)));
                return Ok(());
            }
            if !tail.is_empty() {
                return Err("the end of its record is damaged".to_owned());
            }
        }
        Ok(())
    }
}

/// The last bytes of a segment.
fn tail(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = layout::open_regular(path)?;
    let len = file.metadata()?.len();
    file.seek(SeekFrom::Start(len.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(SEGMENT_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
