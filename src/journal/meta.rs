//! `INCIDENT.json`: what the folder is about. Its bytes are hashed into the
//! first line of every writer, so it is written once and never changed.

use super::error::JournalError;
use super::layout::{self, META};
use crate::domain::digest::Digest;
use crate::domain::fact::PlaybookPin;
use crate::domain::stance::Mode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The schema of `INCIDENT.json` that this version writes.
pub const META_SCHEMA: u32 = 1;

/// What an incident is, as fixed when it was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// `inc-YYYYMMDD-xxxx`; also the name of the folder when it is made.
    pub id: String,
    pub title: String,
    pub codename: String,
    pub created: DateTime<Utc>,
    pub mode: Mode,
    pub playbook: PlaybookPin,
    /// The named environment; `lab` in a drill.
    pub target: String,
}

/// The file: the meta with the schema in front.
#[derive(Serialize, Deserialize)]
struct Wire {
    schema: u32,
    #[serde(flatten)]
    meta: Meta,
}

impl Meta {
    /// A fresh id for an incident opened now. Uniqueness is settled when the
    /// folder is created.
    pub fn new_id(now: DateTime<Utc>) -> String {
        let tail: String = std::iter::repeat_with(|| fastrand::choice(*BASE32))
            .flatten()
            .map(char::from)
            .take(4)
            .collect();
        format!("inc-{}-{tail}", now.format("%Y%m%d"))
    }

    /// The bytes of `INCIDENT.json`.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let wire = Wire {
            schema: META_SCHEMA,
            meta: self.clone(),
        };
        // Strings and numbers only: serialising them cannot fail.
        let mut bytes = serde_json::to_vec_pretty(&wire).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads the file's bytes.
    ///
    /// # Errors
    /// The reason as text: not JSON, a field missing, a schema of the future.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let wire: Wire = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if wire.schema > META_SCHEMA {
            return Err(format!(
                "schema {} is newer than this program (schema {META_SCHEMA})",
                wire.schema
            ));
        }
        Ok(wire.meta)
    }

    /// Reads `INCIDENT.json` of a folder, with the hash that starts every
    /// writer's chain.
    pub(super) fn load(folder: &Path) -> Result<(Self, Digest), JournalError> {
        let path = folder.join(META);
        let not_one = |why: String| JournalError::NotAnIncident {
            path: folder.to_owned(),
            why,
        };
        let bytes = layout::read_bounded(&path, layout::SMALL)
            .map_err(|e| not_one(format!("{META} cannot be read: {e}")))?;
        let meta = Self::parse(&bytes).map_err(|e| not_one(format!("{META}: {e}")))?;
        Ok((meta, Digest::of(&bytes)))
    }

    /// Refuses an id that is not a plain folder name.
    pub(super) fn check_id(&self) -> Result<(), JournalError> {
        let plain = (1..=64).contains(&self.id.len())
            && self
                .id
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        plain.then_some(()).ok_or_else(|| JournalError::BadId {
            id: self.id.clone(),
        })
    }
}

/// Lower-case letters and digits that are not mistaken for one another.
pub(super) const BASE32: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What stands in the folder for a person who has no firsthour.
pub(super) const README_TEXT: &str = "\
This folder is the record of one incident, written by firsthour.

INCIDENT.json              what it is about; its SHA-256 starts every chain
playbook.md                the playbook as it was when the incident opened
writers/ID/000001.jsonl    one chain for each person and device, one entry a line
writers/ID/torn/           bytes of writes that a crash cut short; kept, not part of the chain
writers/ID/reserve         1 MiB of noise, given up when the disk is full
evidence/sha256/ab/cdef..  evidence, named by its SHA-256

Nothing here is ever changed after it was written. To read it:
  grep -h '\"kind\":\"decision\"' writers/*/*.jsonl | jq .sum

To verify it:
  firsthour verify THIS_FOLDER
or, with nothing but a shell and sha256sum, by hand for any line:
  1. Every line ends in ,\"h\":\"HASH\"}   Everything before that comma is the body.
       sed -n 3p writers/ID/000001.jsonl | sed 's/,\"h\":\"[0-9a-f]*\"}$//' | tr -d '\\n' | sha256sum
     must print HASH.
  2. \"prev\" in the line is the HASH of the line before it (\"seq\" one less).
  3. In the line with \"seq\":0, \"prev\" is the SHA-256 of INCIDENT.json:
       sha256sum INCIDENT.json
  4. Each \"h\" inside \"ev\" is the SHA-256 of the file evidence/sha256/<first 2>/<other 62>:
       sha256sum evidence/sha256/ab/cdef...
  5. \"sha256\" under \"playbook\" in INCIDENT.json is that of playbook.md.

This shows that nothing was altered, reordered or taken out of the middle. That
nothing was taken off the end shows only against a head (the last HASH) that
somebody kept elsewhere. Whether an entry is true, no hash can tell.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_32_distinct_letters() {
        let mut letters = BASE32.to_vec();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), 32);
    }

    #[test]
    fn a_new_id_is_a_plain_name() {
        let now = DateTime::from_timestamp(1_787_392_923, 0).unwrap();
        let id = Meta::new_id(now);
        assert!(id.starts_with("inc-20260822-") && id.len() == 17, "{id}");
    }
}
