//! The little that `verify` reads of an entry beyond its link: who wrote it,
//! the evidence it refers to, and what the journal told about itself.

use super::shape::Shape;
use super::told::{Told, Torn};
use crate::domain::digest::Digest;
use crate::domain::untrusted::visible;
use crate::journal::scan::Visit;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

const RECOVERED: &str = "log.recover";
const STEPPED: &str = "clock.sync";

/// Whether the data of this kind is read.
fn telling(kind: &[u8]) -> bool {
    [RECOVERED, STEPPED].map(str::as_bytes).contains(&kind)
}

/// Evidence that entries refer to, with the size they say, if they agree.
#[derive(Debug, Default)]
pub(super) struct Refs(BTreeMap<Digest, Option<u64>>);

impl Refs {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Digest, Option<u64>)> {
        self.0.iter().map(|(h, n)| (h, *n))
    }
}

/// Visits the entries of one chain.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    refs: &'a mut Refs,
    told: Told,
}

impl<'a> Seen<'a> {
    pub(super) fn new(refs: &'a mut Refs) -> Self {
        Self {
            refs,
            told: Told::default(),
        }
    }

    pub(super) fn close(self) -> Told {
        self.told
    }

    fn count(&mut self, clk: &[u8]) {
        self.told.entries += 1;
        self.told.unsynced += u64::from(clk == b"unknown");
    }
}

/// An entry, borrowed from its line. Every field a reader needs must be
/// there and of its type, or the line is no entry.
#[derive(Deserialize)]
struct Peek<'a> {
    #[serde(borrow)]
    ts: Cow<'a, str>,
    #[serde(rename = "mono")]
    _mono: IgnoredAny,
    #[serde(borrow)]
    clk: Clk<'a>,
    #[serde(borrow, rename = "hlc")]
    _hlc: Cow<'a, str>,
    #[serde(borrow)]
    act: Act<'a>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(rename = "sum")]
    _sum: IgnoredAny,
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(default)]
    ev: Vec<Ev>,
}

#[derive(Deserialize)]
struct Clk<'a> {
    #[serde(borrow)]
    src: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Act<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    host: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Ev {
    h: Digest,
    n: u64,
}

#[derive(Deserialize)]
struct Recover {
    bytes: u64,
    sha256: Digest,
    reason: String,
}

#[derive(Deserialize)]
struct Jump {
    delta_ms: i64,
}

impl Visit for Seen<'_> {
    fn entry(&mut self, _seq: u64, line: &[u8]) -> Result<(), String> {
        if self.told.who.is_some()
            && let Some(shape) = Shape::of(line).filter(|shape| !telling(shape.kind))
        {
            self.count(shape.clk);
            return Ok(());
        }
        let peek: Peek<'_> = serde_json::from_slice(line)
            .map_err(|e| format!("the line is not a readable entry: {e}"))?;
        self.count(peek.clk.src.as_bytes());
        if self.told.who.is_none() {
            let who = format!("{}/{}", peek.act.id, peek.act.host);
            self.told.who = Some(visible(&who));
        }
        for ev in peek.ev {
            let known = self.refs.0.entry(ev.h).or_insert(Some(ev.n));
            // Two sizes for one hash: neither can be held against the file.
            if *known != Some(ev.n) {
                *known = None;
            }
        }
        match peek.kind.as_ref() {
            RECOVERED => {
                if let Ok(r) = serde_json::from_str::<Recover>(peek.data.get()) {
                    self.told.torn.push(Torn {
                        at: time(&peek.ts)?,
                        bytes: r.bytes,
                        sha256: r.sha256,
                        reason: visible(&r.reason),
                    });
                }
            }
            STEPPED => {
                if let Ok(jump) = serde_json::from_str::<Jump>(peek.data.get()) {
                    self.told.jumps.push((time(&peek.ts)?, jump.delta_ms));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn forget(&mut self, _from: u64) {}
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|t| t.with_timezone(&Utc))
        .map_err(|e| format!("the time '{text}' cannot be read: {e}"))
}
