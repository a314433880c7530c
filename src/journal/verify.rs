//! Is the record still what was written? Reads everything once, streaming,
//! and never changes a byte.
//!
//! To look at one more thing, add it to the verdict in `verify/verdict.rs`,
//! judge it here, and say it in `verify/text.rs`.

mod peek;
mod shape;
mod text;
mod told;
mod verdict;

pub use verdict::{Outcome, Since, Verdict};

use super::chain::hex;
use super::evidence::MAX_EVIDENCE;
use super::fault::{Fault, FaultKind};
use super::layout::{self, META, PLAYBOOK, WRITERS};
use super::meta::Meta;
use super::recover;
use super::scan::{Scan, scan};
use crate::domain::digest::Digest;
use crate::domain::untrusted::Untrusted;
use peek::{Refs, Seen};
use sha2::{Digest as _, Sha256};
use std::io::Read;
use std::path::Path;
use told::Told;
use verdict::{Chain, Incident, PlaybookSeen, SinceSeen};

/// Verifies a folder.
pub fn verify(folder: &Path) -> Verdict {
    verify_since(folder, None)
}

/// Verifies a folder, and that it goes on from a head somebody kept.
pub fn verify_since(folder: &Path, since: Option<&Since>) -> Verdict {
    let mut verdict = Verdict::default();
    let Some((meta, genesis)) = read_meta(folder, &mut verdict) else {
        return verdict.judged();
    };
    if let Some(meta) = &meta {
        let playbook = judge_playbook(folder, meta, &mut verdict);
        verdict.incident = Some(Incident::of(meta, playbook));
    }
    let inc = meta.as_ref().map(|meta| meta.id.as_str());
    let dirs = match layout::writers(folder) {
        Ok(dirs) => dirs,
        Err(e) => {
            let fault = Fault::new(FaultKind::Unreadable, WRITERS, &e.to_string());
            verdict.faults.push(fault);
            return verdict.judged();
        }
    };
    verdict.since = since.map(SinceSeen::sought);
    let mut refs = Refs::default();
    for dir in dirs.iter().filter(|dir| !layout::is_draft(dir)) {
        let mut seen = Seen::new(&mut refs);
        let scan = scan(dir, inc, &genesis, &mut seen);
        let seen = seen.close();
        verdict.find_head(since, &scan);
        verdict.take_chain(scan, seen);
    }
    if verdict.writers.iter().all(|writer| writer.entries == 0) && verdict.faults.is_empty() {
        let fault = Fault::new(FaultKind::Absent, WRITERS, "there is no entry");
        verdict.faults.push(fault);
    }
    judge_evidence(folder, &refs, &mut verdict);
    verdict.judged()
}

/// The meta and the hash every chain starts from. An unreadable meta still
/// has a hash, so the chains can be judged.
fn read_meta(folder: &Path, verdict: &mut Verdict) -> Option<(Option<Meta>, Digest)> {
    match layout::read_bounded(&folder.join(META), layout::SMALL) {
        Ok(bytes) => {
            let meta = Meta::parse(&bytes);
            if let Err(why) = &meta {
                let fault = Fault::new(FaultKind::Unreadable, META, why);
                verdict.faults.push(fault);
            }
            Some((meta.ok(), Digest::of(&bytes)))
        }
        Err(e) => {
            let fault = Fault::new(FaultKind::Unreadable, META, &e.to_string());
            verdict.faults.push(fault);
            None
        }
    }
}

fn judge_playbook(folder: &Path, meta: &Meta, verdict: &mut Verdict) -> PlaybookSeen {
    match layout::read_bounded(&folder.join(PLAYBOOK), layout::SMALL) {
        Ok(bytes) if Digest::of(&bytes) == meta.playbook.sha256 => PlaybookSeen::Matches,
        Ok(_) => {
            let text = "the copy differs from the pin in INCIDENT.json";
            verdict.push(FaultKind::Altered, PLAYBOOK, text);
            PlaybookSeen::Differs
        }
        Err(e) => {
            verdict.push(FaultKind::Absent, PLAYBOOK, &e.to_string());
            PlaybookSeen::Absent
        }
    }
}

fn judge_evidence(folder: &Path, refs: &Refs, verdict: &mut Verdict) {
    for (h, wanted) in refs.iter() {
        verdict.evidence.referenced += 1;
        let place = layout::blob_path(Path::new(""), h.as_str());
        let place = place.to_string_lossy();
        let path = layout::blob_path(folder, h.as_str());
        match hash_file(&path) {
            Ok((n, found)) => {
                verdict.evidence.present += 1;
                if found.as_slice() == h.as_str().as_bytes() && wanted.is_none_or(|w| w == n) {
                    verdict.evidence.matching += 1;
                } else {
                    let text = "the evidence differs from what was recorded";
                    verdict.push(FaultKind::Altered, &place, text);
                }
            }
            Err(e) => {
                let text = format!("evidence that an entry refers to: {e}");
                verdict.push(FaultKind::Absent, &place, &text);
            }
        }
    }
}

/// Size and hexadecimal hash of a file, read in pieces; at most what the
/// store takes and one byte more.
fn hash_file(path: &Path) -> std::io::Result<(u64, [u8; 64])> {
    let mut file = layout::open_regular(path)?.take(MAX_EVIDENCE as u64 + 1);
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    let mut n = 0_u64;
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((n, hex(&hasher.finalize().into()))),
            got => {
                hasher.update(&piece[..got]);
                n += got as u64;
            }
        }
    }
}

impl Verdict {
    fn push(&mut self, kind: FaultKind, place: &str, text: &str) {
        self.faults.push(Fault::new(kind, place, text));
    }

    fn find_head(&mut self, since: Option<&Since>, scan: &Scan) {
        let (Some(since), Some(told)) = (since, self.since.as_mut()) else {
            return;
        };
        if let Some(link) = scan.links.iter().find(|l| since.names(l.seq, &hex(&l.h))) {
            told.found = true;
            told.later = scan.links.last().map_or(0, |last| last.seq - link.seq);
        }
    }

    fn take_chain(&mut self, scan: Scan, seen: Told) {
        let copies = recover::copies(&scan.dir);
        let gone = seen
            .torn
            .iter()
            .filter(|t| t.bytes > 0 && !copies.iter().any(|(_, sha256)| *sha256 == t.sha256));
        for torn in gone {
            let place = format!("writers/{}/torn", scan.wid);
            let text = format!("the {} bytes set aside are gone", torn.bytes);
            self.faults
                .push(Fault::new(FaultKind::Absent, &place, &text));
        }
        self.time.take(&seen);
        self.more_faults += scan.more_faults;
        let (first, last) = (scan.links.first(), scan.links.last());
        self.writers.push(Chain {
            wid: Untrusted::new(scan.wid.as_str()).visible(),
            who: seen.who.unwrap_or_default(),
            entries: scan.links.len() as u64,
            first: first.map(|link| link.seq),
            last: last.map(|link| link.seq),
            head: last.map(|l| String::from_utf8_lossy(&hex(&l.h)).into_owned()),
            signed: false,
            whole: scan.faults.is_empty(),
            bytes: scan.bytes,
            torn: seen.torn,
            superseded: scan.superseded,
        });
        self.faults.extend(scan.faults);
    }
}
