//! The chain rule: each entry names the hash of the one before; the first
//! names that of `INCIDENT.json`.
//!
//! A line whose first bytes are exactly those expected is linked without
//! being parsed; only a line that differs is taken apart to say how. After a
//! fault the chain goes on from what it found, so one change is one fault.

use super::fault::FaultKind;
use crate::domain::digest::Digest;
use crate::domain::entry::{SCHEMA, split_bytes};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;

/// A place in the chain: an entry's number and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) h: [u8; 32],
}

/// What one more line means for the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// It is the next entry. `recover` is told for first lines of segments.
    Linked { recover: bool },
    /// It is a `log.recover` that goes on from an earlier entry: what stood
    /// from `from` on, `dropped` entries, was never acknowledged.
    Rewound { from: u64, dropped: u64 },
    /// It is an entry, but not the next one; the chain goes on from it.
    Skipped(FaultKind, String),
    /// It is not to be taken as an entry.
    Bad(FaultKind, String),
}

/// The envelope's fields that make the link.
#[derive(Deserialize)]
struct Envelope<'a> {
    v: u32,
    #[serde(borrow)]
    inc: Cow<'a, str>,
    #[serde(borrow)]
    wid: Cow<'a, str>,
    seq: u64,
    #[serde(borrow)]
    prev: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

/// A line's own hash, in both forms.
#[derive(Debug, Clone, Copy)]
struct Own {
    raw: [u8; 32],
    hex: [u8; 64],
}

impl Own {
    fn of(body: &[u8]) -> Self {
        let raw = Sha256::digest(body).into();
        Self {
            raw,
            hex: hex(&raw),
        }
    }
}

/// One writer's chain as far as it was read.
#[derive(Debug)]
pub(super) struct Chain {
    /// Unknown when `INCIDENT.json` cannot be read.
    inc: Option<String>,
    wid: String,
    /// Strictly ascending in `seq`.
    links: Vec<Link>,
    genesis: [u8; 64],
    /// The last hash, in hexadecimal.
    prev: [u8; 64],
    next: u64,
    /// A line before could not be read: the next good one is believed.
    loose: bool,
    /// What every line of this writer starts with, up to its number; `None`
    /// while the incident is unknown.
    head: Option<Vec<u8>>,
}

impl Chain {
    pub(super) fn new(inc: Option<&str>, wid: &str, genesis: &Digest) -> Self {
        let mut prev = [0; 64];
        prev.copy_from_slice(genesis.as_str().as_bytes());
        Self {
            inc: inc.map(str::to_owned),
            wid: wid.to_owned(),
            links: Vec::new(),
            genesis: prev,
            prev,
            next: 0,
            loose: false,
            head: inc.map(|inc| {
                let head = format!(r#"{{"v":{SCHEMA},"inc":"{inc}","wid":"{wid}","seq":"#);
                head.into_bytes()
            }),
        }
    }

    /// Everything linked, ascending.
    pub(super) fn into_links(self) -> Vec<Link> {
        self.links
    }

    /// The place of the entry linked last.
    pub(super) fn last(&self) -> Option<Link> {
        self.links.last().copied()
    }

    /// Takes one line (no newline) in.
    pub(super) fn check(&mut self, line: &[u8], first_in_segment: bool) -> Step {
        let (body, claimed) = match split_bytes(line) {
            Ok(parts) => parts,
            Err(fault) => return self.bad(FaultKind::Altered, fault.to_string()),
        };
        let h = Own::of(body);
        if &h.hex != claimed {
            let text = "the line's bytes do not match its own hash".to_owned();
            return self.bad(FaultKind::Altered, text);
        }
        if !first_in_segment && !self.loose && self.starts_as_expected(body) {
            self.push(self.next, h);
            return Step::Linked { recover: false };
        }
        self.take_apart(line, h, first_in_segment)
    }

    fn bad(&mut self, kind: FaultKind, text: String) -> Step {
        self.loose = true;
        Step::Bad(kind, text)
    }

    fn push(&mut self, seq: u64, h: Own) {
        self.links.push(Link { seq, h: h.raw });
        self.prev = h.hex;
        self.next = seq.saturating_add(1);
        self.loose = false;
    }

    /// Whether the body starts with the bytes this program writes for the
    /// next entry: schema, incident, writer, number and link all at once.
    fn starts_as_expected(&self, body: &[u8]) -> bool {
        let numbered = || {
            let rest = body.strip_prefix(self.head.as_deref()?)?;
            let (seq, rest) = number(rest)?;
            let rest = rest.strip_prefix(br#","prev":""#)?;
            let rest = rest.strip_prefix(&self.prev)?;
            Some(seq == self.next && rest.starts_with(br#"","ts":""#))
        };
        numbered().unwrap_or(false)
    }

    fn take_apart(&mut self, line: &[u8], h: Own, first_in_segment: bool) -> Step {
        let envelope: Envelope<'_> = match serde_json::from_slice(line) {
            Ok(envelope) => envelope,
            Err(e) => {
                let text = format!("the line is not a readable entry: {e}");
                return self.bad(FaultKind::Altered, text);
            }
        };
        if envelope.v > SCHEMA {
            let text = format!("schema {} is newer than this program", envelope.v);
            return self.bad(FaultKind::Unreadable, text);
        }
        if self.inc.as_ref().is_some_and(|inc| *inc != envelope.inc) {
            let text = format!("the entry belongs to incident {}", envelope.inc);
            return self.bad(FaultKind::Altered, text);
        }
        if self.wid != envelope.wid {
            let text = format!("the entry belongs to writer {}", envelope.wid);
            return self.bad(FaultKind::Altered, text);
        }
        if envelope.seq < self.next {
            return self.step_back(&envelope, h, first_in_segment);
        }
        self.step_on(&envelope, h)
    }

    /// The line is at or beyond the place expected.
    fn step_on(&mut self, envelope: &Envelope<'_>, h: Own) -> Step {
        let seq = envelope.seq;
        let gap = (seq > self.next).then(|| {
            let (from, to) = (self.next, seq - 1);
            if from == to {
                format!("entry {from} is missing before this line")
            } else {
                format!("entries {from} to {to} are missing before this line")
            }
        });
        let linked = envelope.prev.as_bytes() == self.prev;
        let loose = self.loose;
        let first = self.next == 0;
        self.push(seq, h);
        match gap {
            // The line that could not be read stood in the gap.
            Some(_) if loose => Step::Linked { recover: false },
            Some(text) => Step::Skipped(FaultKind::Missing, text),
            None if linked => Step::Linked {
                recover: envelope.kind == "log.recover",
            },
            None if first => Step::Skipped(
                FaultKind::Altered,
                "the first entry was written under another INCIDENT.json".to_owned(),
            ),
            None => Step::Skipped(
                FaultKind::Altered,
                format!("entry {seq} does not name the hash of the entry before it"),
            ),
        }
    }

    /// The line claims a place that is already passed.
    fn step_back(&mut self, envelope: &Envelope<'_>, h: Own, first: bool) -> Step {
        let seq = envelope.seq;
        let known = self.hash_at(seq);
        let before = match seq {
            0 => Some(self.genesis),
            _ => self.hash_at(seq - 1).map(|h| hex(&h)),
        };
        let goes_on = before.is_some_and(|h| envelope.prev.as_bytes() == h);
        if first && envelope.kind == "log.recover" && goes_on && known != Some(h.raw) {
            let kept = self.links.partition_point(|link| link.seq < seq);
            let dropped = (self.links.len() - kept) as u64;
            self.links.truncate(kept);
            self.push(seq, h);
            return Step::Rewound { from: seq, dropped };
        }
        match known {
            Some(known) if known == h.raw => Step::Bad(
                FaultKind::Altered,
                format!("entry {seq} stands here a second time"),
            ),
            Some(_) => Step::Bad(
                FaultKind::Forked,
                format!("another entry {seq} of this writer was read before"),
            ),
            None => Step::Bad(
                FaultKind::Altered,
                format!("entry {seq} stands out of order"),
            ),
        }
    }

    /// The hash of an entry that was linked.
    pub(super) fn hash_at(&self, seq: u64) -> Option<[u8; 32]> {
        let at = self
            .links
            .binary_search_by_key(&seq, |link| link.seq)
            .ok()?;
        Some(self.links[at].h)
    }
}

/// A number as this program writes one, and what follows it.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = bytes.split_at(digits);
    let canonical = !digits.is_empty() && (digits.len() == 1 || digits[0] != b'0');
    let number = digits.iter().try_fold(0_u64, |n, b| {
        n.checked_mul(10)?.checked_add(u64::from(b - b'0'))
    })?;
    canonical.then_some((number, rest))
}

/// Lower-case hexadecimal on the stack: this runs once for every line read.
pub(super) fn hex(h: &[u8; 32]) -> [u8; 64] {
    // Arithmetic instead of a table: the compiler does many bytes at once.
    let digit = |n: u8| n + if n < 10 { b'0' } else { b'a' - 10 };
    let mut out = [0; 64];
    for (pair, byte) in out.chunks_exact_mut(2).zip(h) {
        pair[0] = digit(byte >> 4);
        pair[1] = digit(byte & 15);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_that_of_the_domain() {
        for n in 0..=255_u8 {
            let h = [n; 32];
            assert_eq!(
                hex(&h).as_slice(),
                crate::domain::digest::hex(&h).as_bytes()
            );
        }
    }

    #[test]
    fn only_numbers_as_written_are_numbers() {
        assert_eq!(number(b"0,"), Some((0, b",".as_slice())));
        assert_eq!(number(b"120"), Some((120, b"".as_slice())));
        assert_eq!(number(b"18446744073709551615").unwrap().0, u64::MAX);
        for other in ["", "00", "01", "-1", "x", "18446744073709551616"] {
            assert_eq!(number(other.as_bytes()), None, "{other}");
        }
    }
}
