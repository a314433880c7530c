//! Reads the texts that the server writes out only under locks which it keeps:
//! a few relations at a time, so that nobody's change waits for all of them.

use super::Reader;
use crate::domain::check::Gap;
use crate::domain::failure::Failure;
use crate::investigate::database::snapshot::{Oid, Snapshot};
use futures_util::future::join_all;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Relations locked at once; one text that reads more is asked for alone.
const AT_ONCE: usize = 25;

/// What has a text of its own; the order in which [`chunks`] takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    View,
    Policy,
    Function,
}

/// Texts that are asked for together.
#[derive(Debug, Default)]
struct Chunk {
    locks: BTreeSet<Oid>,
    items: Vec<(Kind, Oid)>,
}

const LOCKED: &str = "a table it reads is locked by another session; look again when it is free";

/// One text as it came.
#[derive(Debug, Deserialize)]
struct Written {
    kind: String,
    oid: Oid,
    locked: bool,
    #[serde(default)]
    check: Option<String>,
    #[serde(default)]
    text: Option<String>,
}

impl Reader<'_> {
    /// Fills them in. What did not come counts as left out for a lock: a
    /// condition that is not there must not pass for none.
    pub(super) async fn texts(&self, s: &mut Snapshot) {
        let chunks = chunks(wanted(s));
        let asked = chunks.iter().map(|chunk| async move {
            let read = self.reading.read::<Written>(&chunk.sql()).await;
            read.unwrap_or_else(|error| {
                let what = "texts of views, policies and functions";
                self.note([Gap::new(what, &Failure::from(error).why)]);
                Vec::new()
            })
        });
        let texts = join_all(asked).await.into_iter().flatten();
        let mut texts: BTreeMap<(String, Oid), Written> = texts
            .filter(|text| !text.locked)
            .map(|text| ((text.kind.clone(), text.oid), text))
            .collect();
        let mut take = |kind: &str, oid: Oid| texts.remove(&(kind.to_owned(), oid));
        for view in s
            .relations
            .iter_mut()
            .filter(|r| matches!(&*r.kind, "v" | "m"))
        {
            let text = take("view", view.oid);
            view.locked |= text.is_none();
            view.definition = text.and_then(|text| text.text);
        }
        for policy in s.policies.iter_mut().filter(|p| p.locks.is_some()) {
            let text = take("policy", policy.oid);
            policy.unread |= text.is_none();
            if let Some(text) = text {
                (policy.using, policy.check) = (text.text, text.check);
            }
        }
        for function in s.functions.iter_mut().filter(|f| f.locks.is_some()) {
            let text = take("function", function.oid);
            if text.is_none() {
                let what = format!("the body of function {}", function.full_name());
                self.note([Gap::new(&what, LOCKED)]);
            }
            function.source = text.and_then(|text| text.text);
        }
    }
}

/// Each text with the relations that writing it out locks.
fn wanted(s: &Snapshot) -> Vec<(Vec<Oid>, Kind, Oid)> {
    let mut reads: BTreeMap<Oid, Vec<Oid>> = BTreeMap::new();
    for uses in &s.view_uses {
        reads.entry(uses.view).or_default().extend(&uses.relations);
    }
    let views = s
        .relations
        .iter()
        .filter(|r| matches!(&*r.kind, "v" | "m") && !r.locked);
    let views = views.map(|view| {
        let mut locks = reads.remove(&view.oid).unwrap_or_default();
        locks.push(view.oid);
        (locks, Kind::View, view.oid)
    });
    let mut all: Vec<_> = views.collect();
    let policies = s.policies.iter().filter(|policy| !policy.unread);
    all.extend(policies.filter_map(|p| Some((p.locks.clone()?, Kind::Policy, p.oid))));
    let functions = s.functions.iter();
    all.extend(functions.filter_map(|f| Some((f.locks.clone()?, Kind::Function, f.oid))));
    for (locks, ..) in &mut all {
        locks.sort_unstable();
    }
    // Neighbours read much the same.
    all.sort();
    all
}

fn chunks(wanted: Vec<(Vec<Oid>, Kind, Oid)>) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    for (locks, kind, oid) in wanted {
        let fits = |chunk: &Chunk| {
            let more = locks.iter().filter(|lock| !chunk.locks.contains(lock));
            chunk.locks.len() + more.count() <= AT_ONCE
        };
        if !chunks.last().is_some_and(fits) {
            chunks.push(Chunk::default());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.locks.extend(locks);
            chunk.items.push((kind, oid));
        }
    }
    chunks
}

impl Chunk {
    fn sql(&self) -> String {
        let list = |oids: &mut dyn Iterator<Item = Oid>| {
            let oids: Vec<String> = oids.map(|oid| oid.to_string()).collect();
            format!("{{{}}}", oids.join(","))
        };
        let of = |kind: Kind| {
            let items = self.items.iter().filter(|(own, _)| *own == kind);
            list(&mut items.map(|(_, oid)| *oid))
        };
        include_str!("../sql/texts.sql")
            .replace("{LOCKS}", &list(&mut self.locks.iter().copied()))
            .replace("{VIEWS}", &of(Kind::View))
            .replace("{POLICIES}", &of(Kind::Policy))
            .replace("{FUNCTIONS}", &of(Kind::Function))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_locks_no_more_than_its_share_and_what_reads_more_stands_alone() {
        let many: Vec<Oid> = (100..140).collect();
        let mut wanted: Vec<_> = (0..60).map(|i| (vec![i, i + 1], Kind::Policy, i)).collect();
        wanted.push((many, Kind::View, 1));
        let chunks = chunks(wanted);
        assert_eq!(chunks.iter().map(|c| c.items.len()).sum::<usize>(), 61);
        let large: Vec<&Chunk> = chunks.iter().filter(|c| c.locks.len() > AT_ONCE).collect();
        assert_eq!(large.len(), 1);
        assert_eq!(large[0].items, [(Kind::View, 1)]);
        assert!(chunks.len() < 6, "{}", chunks.len());
    }
}
