//! The envelope of the timeline: one entry, one line, one link of the chain.
//!
//! The own hash `h` is the last key and is the SHA-256 of the line's bytes
//! from `{` up to, not including, `,"h":`. Bytes are hashed, never a
//! re-serialised struct, so a shell with `sha256sum` can verify the chain.

use super::digest::Digest;
use super::fact::Fact;
use super::mask::{mask, mask_json};
use super::untrusted::{quiet_json, visible};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The schema this version writes.
pub const SCHEMA: u32 = 1;

/// The longest line written, newline included, in bytes.
pub const MAX_LINE: usize = 16 * 1024;

/// Bytes of `,"h":"<64>"}` at the end of every line.
const TAIL: usize = 6 + 64 + 2;

/// The monotonic clock that goes on in suspend, with the boot it counts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mono {
    pub boot: String,
    pub ns: u64,
}

/// What is known about the wall clock: `ntp`, or `unknown`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockNote {
    pub src: String,
}

/// Who wrote the entry, and through which door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub id: String,
    /// `tui`, `plain` or `cli`.
    pub via: String,
    pub host: String,
}

/// A reference to a blob in the evidence store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRef {
    /// SHA-256 of the blob.
    pub h: Digest,
    /// Its size in bytes.
    pub n: u64,
    /// Its media type.
    pub mt: String,
    pub what: String,
}

/// A recorded entry, read back from its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub v: u32,
    pub inc: String,
    pub wid: String,
    pub seq: u64,
    pub prev: Digest,
    pub ts: DateTime<Utc>,
    pub mono: Mono,
    pub clk: ClockNote,
    pub hlc: String,
    pub act: Actor,
    pub step: Option<String>,
    /// The entry this one answers, corrects or approves.
    pub re: Option<Digest>,
    /// When the reported fact happened, if not now.
    pub at: Option<DateTime<Utc>>,
    pub sum: String,
    pub fact: Fact,
    pub ev: Vec<EvidenceRef>,
    pub h: Digest,
}

/// What is to be recorded; the journal adds the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub fact: Fact,
    pub step: Option<String>,
    pub re: Option<Digest>,
    pub at: Option<DateTime<Utc>>,
    pub ev: Vec<EvidenceRef>,
}

impl Draft {
    /// A draft that belongs to no step.
    pub const fn new(fact: Fact) -> Self {
        Self {
            fact,
            step: None,
            re: None,
            at: None,
            ev: Vec::new(),
        }
    }

    /// Ties the draft to a playbook step.
    #[must_use]
    pub fn at_step(mut self, step: Option<&str>) -> Self {
        self.step = step.map(str::to_owned);
        self
    }

    /// Points at the entry this one answers.
    #[must_use]
    pub fn answering(mut self, entry: &Digest) -> Self {
        self.re = Some(entry.clone());
        self
    }
}

/// The fields the journal supplies when it seals a draft.
#[derive(Debug, Clone)]
pub struct Envelope<'a> {
    pub inc: &'a str,
    pub wid: &'a str,
    pub seq: u64,
    pub prev: &'a Digest,
    pub ts: DateTime<Utc>,
    pub mono: &'a Mono,
    pub clk: &'a ClockNote,
    pub hlc: &'a str,
    pub act: &'a Actor,
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    v: u32,
    inc: std::borrow::Cow<'a, str>,
    wid: std::borrow::Cow<'a, str>,
    seq: u64,
    prev: Digest,
    ts: String,
    mono: Mono,
    clk: ClockNote,
    hlc: std::borrow::Cow<'a, str>,
    act: Actor,
    kind: std::borrow::Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    re: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    sum: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    data: std::borrow::Cow<'a, RawValue>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ev: Vec<EvidenceRef>,
}

/// Why a line is not a good entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    #[error("the line does not end in its own hash")]
    NoHash,
    #[error("the line's bytes do not match its own hash")]
    WrongHash,
    #[error("the line is not a readable entry: {0}")]
    NotAnEntry(String),
    #[error("the entry needs {bytes} bytes and the limit is {MAX_LINE}; keep the bulk as evidence")]
    TooLong { bytes: usize },
}

/// Builds the line of a draft, without its newline. Private values are
/// masked on the way; the statements of a plan are kept verbatim, because an
/// approval names their digest.
///
/// # Errors
/// [`LineFault::TooLong`] above [`MAX_LINE`].
pub fn seal(draft: &Draft, envelope: &Envelope<'_>) -> Result<String, LineFault> {
    let not_an_entry = |e: serde_json::Error| LineFault::NotAnEntry(e.to_string());
    let mut data = draft.fact.data().map_err(not_an_entry)?;
    if !matches!(draft.fact, Fact::Planned(_)) {
        mask_json(&mut data);
    }
    let data = serde_json::value::to_raw_value(&data).map_err(not_an_entry)?;
    let wire = Wire {
        v: SCHEMA,
        inc: envelope.inc.into(),
        wid: envelope.wid.into(),
        seq: envelope.seq,
        prev: envelope.prev.clone(),
        ts: stamp(envelope.ts),
        mono: envelope.mono.clone(),
        clk: envelope.clk.clone(),
        hlc: envelope.hlc.into(),
        act: envelope.act.clone(),
        kind: draft.fact.kind().into(),
        step: draft.step.clone(),
        re: draft.re.clone(),
        at: draft.at.map(stamp),
        sum: clip(&mask(&visible(&draft.fact.summary()))).into(),
        data: std::borrow::Cow::Owned(data),
        ev: draft.ev.clone(),
    };
    let mut line = quiet_json(serde_json::to_string(&wire).map_err(not_an_entry)?);
    line.pop();
    let h = Digest::of(line.as_bytes());
    line.push_str(",\"h\":\"");
    line.push_str(h.as_str());
    line.push_str("\"}");
    if line.len() >= MAX_LINE {
        return Err(LineFault::TooLong { bytes: line.len() });
    }
    Ok(line)
}

/// Splits a line (no newline) into the hashed body and the hash it claims.
///
/// # Errors
/// [`LineFault::NoHash`] when the line does not end in `,"h":"<64 hex>"}`.
pub fn split(line: &[u8]) -> Result<(&[u8], Digest), LineFault> {
    let (body, hash) = split_bytes(line)?;
    let hash = std::str::from_utf8(hash)
        .ok()
        .and_then(Digest::parse)
        .ok_or(LineFault::NoHash)?;
    Ok((body, hash))
}

/// As [`split`], lending the 64 bytes that stand where the hash should; they
/// may be anything. For readers that compare bytes and copy nothing.
///
/// # Errors
/// [`LineFault::NoHash`] when the line has not the shape of a sealed one.
pub fn split_bytes(line: &[u8]) -> Result<(&[u8], &[u8; 64]), LineFault> {
    let at = line.len().checked_sub(TAIL).ok_or(LineFault::NoHash)?;
    let (body, tail) = line.split_at(at);
    tail.strip_prefix(b",\"h\":\"")
        .and_then(|rest| rest.strip_suffix(b"\"}"))
        .and_then(|hash| hash.try_into().ok())
        .map(|hash| (body, hash))
        .ok_or(LineFault::NoHash)
}

impl Entry {
    /// Reads a line (no newline) and checks it against its own hash.
    ///
    /// # Errors
    /// See [`LineFault`]; the link to the entry before is the reader's to check.
    pub fn read(line: &[u8]) -> Result<Self, LineFault> {
        let (body, h) = split(line)?;
        if Digest::of(body) != h {
            return Err(LineFault::WrongHash);
        }
        let wire: Wire<'_> =
            serde_json::from_slice(line).map_err(|e| LineFault::NotAnEntry(e.to_string()))?;
        let time = |text: &str| {
            DateTime::parse_from_rfc3339(text)
                .map(|t| t.with_timezone(&Utc))
                .map_err(|e| LineFault::NotAnEntry(e.to_string()))
        };
        Ok(Self {
            v: wire.v,
            ts: time(&wire.ts)?,
            at: wire.at.as_deref().map(time).transpose()?,
            inc: wire.inc.into_owned(),
            wid: wire.wid.into_owned(),
            seq: wire.seq,
            prev: wire.prev,
            mono: wire.mono,
            clk: wire.clk,
            hlc: wire.hlc.into_owned(),
            act: wire.act,
            step: wire.step,
            re: wire.re,
            fact: Fact::read(&wire.kind, wire.data.get()),
            sum: wire.sum.into_owned(),
            ev: wire.ev,
            h,
        })
    }
}

fn stamp(t: DateTime<Utc>) -> String {
    t.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Cuts a summary at 240 characters; the whole stays in the data.
fn clip(text: &str) -> String {
    match text.char_indices().nth(240) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fact::Noted;
    use super::*;

    fn line(text: &str) -> String {
        let draft = Draft::new(Fact::Noted(Noted { text: text.into() })).at_step(Some("t1"));
        let prev = Digest::of(b"genesis");
        let mono = Mono {
            boot: "b".into(),
            ns: 7,
        };
        let clk = ClockNote {
            src: "unknown".into(),
        };
        let act = Actor {
            id: "ada".into(),
            via: "cli".into(),
            host: "h".into(),
        };
        let ts = DateTime::from_timestamp(1_787_392_923, 123_456_000).unwrap();
        seal(
            &draft,
            &Envelope {
                inc: "k7f3",
                wid: "w1",
                seq: 3,
                prev: &prev,
                ts,
                mono: &mono,
                clk: &clk,
                hlc: "1.0",
                act: &act,
            },
        )
        .unwrap()
    }

    #[test]
    fn what_is_sealed_is_read_back() {
        let entry = Entry::read(line("all quiet").as_bytes()).unwrap();
        assert_eq!(entry.seq, 3);
        assert_eq!(entry.step.as_deref(), Some("t1"));
        assert_eq!(
            entry.fact,
            Fact::Noted(Noted {
                text: "all quiet".into()
            })
        );
        assert_eq!(
            entry.ts.to_rfc3339_opts(SecondsFormat::Micros, true),
            "2026-08-22T10:02:03.123456Z"
        );
    }

    #[test]
    fn private_values_do_not_reach_the_line() {
        let line = line("ask ada@example.com about cus_NffrFeUfNV2Hib");
        assert!(
            !line.contains("example.com") && !line.contains("cus_Nff"),
            "{line}"
        );
        assert!(line.contains("[e-mail]") && line.contains("[stripe id]"));
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let good = line("x").into_bytes();
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                assert!(
                    Entry::read(&bad).is_err(),
                    "byte {at} bit {bit} was accepted"
                );
            }
        }
    }

    #[test]
    fn an_unknown_kind_is_kept() {
        let text = line("x").replace("\"kind\":\"note\"", "\"kind\":\"tarot\"");
        let (body, _) = split(text.as_bytes()).unwrap();
        let text = format!(
            "{},\"h\":\"{}\"}}",
            std::str::from_utf8(body).unwrap(),
            Digest::of(body)
        );
        let entry = Entry::read(text.as_bytes()).unwrap();
        assert_eq!(entry.fact.kind(), "tarot");
        assert!(entry.fact.summary().contains("unknown kind tarot"));
    }
}
