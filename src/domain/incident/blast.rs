//! Could read, joined with did read: one line a relation and role.
//!
//! The matrix knows principals, the server's statistics know roles: several
//! principals may act as one role, and then the statistics can't tell them
//! apart. Nothing here ever says "not read"; the weakest word is *no sign*,
//! and it holds only as far back as the horizon.

use super::Incident;
use crate::domain::exposure::{Cell, RelationShape, Verdict};
use crate::domain::reading::{Read, Scan};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a role and a relation, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// A row count for the role.
    Read,
    /// A probe reached rows beyond its own tenant's.
    CouldRead,
    /// A table's counter rose; by whom is not known.
    Scanned,
    /// No trace, as far back as the horizon.
    NoSign,
    /// The statistics were not looked at.
    NotLooked,
}

impl Sign {
    /// The word shown and exported.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::CouldRead => "could read",
            Self::Scanned => "scanned",
            Self::NoSign => "no sign",
            Self::NotLooked => "not looked",
        }
    }
}

/// How soon a person must see a line, soonest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Read by somebody who must not.
    Forbidden,
    /// A wide read by a role nobody probed as.
    Unexplained,
    /// Somebody who must not could read.
    Open,
    /// Read by somebody who may.
    Used,
    /// Could not be decided.
    Undecided,
    /// A counter rose, or somebody may read it all by design.
    Known,
    /// Nothing seen.
    Quiet,
}

/// One relation and one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blast<'a> {
    /// `schema.relation`; empty when a statement does not tell.
    pub relation: &'a str,
    /// The database role, or the principal whose role is not known; empty for
    /// a table's counter, which names nobody.
    pub role: &'a str,
    /// The principals that act as the role.
    pub principals: Vec<&'a str>,
    /// The widest of their cells.
    pub could: Option<&'a Cell>,
    /// What the role was sent, wide and large first.
    pub reads: Vec<&'a Read>,
    /// The relation's counter.
    pub scan: Option<&'a Scan>,
    pub sign: Sign,
    pub urgency: Urgency,
}

impl Blast<'_> {
    /// Rows sent, all statements together.
    pub fn rows(&self) -> u64 {
        let rows = self.reads.iter().map(|read| read.rows);
        rows.fold(0, u64::saturating_add)
    }

    /// Whether one statement brought more than a tenant's share a call.
    pub fn wide(&self) -> bool {
        self.reads.iter().any(|read| read.wide)
    }

    /// The views and functions the rows came through.
    pub fn doors(&self) -> BTreeSet<&str> {
        let doors = self.reads.iter().map(|read| read.through.as_str());
        doors.filter(|door| !door.is_empty()).collect()
    }
}

/// What is gathered of one relation and role.
#[derive(Default)]
struct Gathered<'a> {
    principals: Vec<&'a str>,
    cells: Vec<&'a Cell>,
    reads: Vec<&'a Read>,
}

impl Incident {
    /// Every relation and role that was probed or left a trace, what matters
    /// most first.
    pub fn blast(&self) -> Vec<Blast<'_>> {
        let scans: BTreeMap<&str, &Scan> = self
            .reads
            .scans
            .iter()
            .map(|scan| (scan.relation.as_str(), scan))
            .collect();
        let mut found: BTreeMap<(&str, &str), Gathered<'_>> = BTreeMap::new();
        for cell in self.cells.values().flat_map(BTreeMap::values) {
            let at = found
                .entry((&cell.relation, self.role_of(&cell.principal)))
                .or_default();
            at.principals.push(&cell.principal);
            at.cells.push(cell);
        }
        for read in &self.reads.read {
            let at = found.entry((&read.relation, &read.role)).or_default();
            at.reads.push(read);
        }
        let read: BTreeSet<&str> = found
            .iter()
            .filter(|(_, at)| !at.reads.is_empty())
            .map(|((relation, _), _)| *relation)
            .collect();
        let nobody = scans
            .values()
            .filter(|scan| scan.rows > 0 && !read.contains(scan.relation.as_str()))
            .map(|scan| counter(scan));
        let mut lines: Vec<Blast<'_>> = nobody.collect();
        lines.extend(found.into_iter().map(|((relation, role), gathered)| {
            self.joined(relation, role, gathered, scans.get(relation).copied())
        }));
        lines.sort_by(compare);
        lines
    }

    /// The role a principal acts as; its own name when that is not known.
    fn role_of<'a>(&'a self, principal: &'a str) -> &'a str {
        let told = self.reads.roles.get(principal);
        let acting = || Some(&self.acting.get(principal)?.principal.role);
        told.or_else(acting).map_or(principal, String::as_str)
    }

    fn joined<'a>(
        &self,
        relation: &'a str,
        role: &'a str,
        mut gathered: Gathered<'a>,
        scan: Option<&'a Scan>,
    ) -> Blast<'a> {
        let reads = &mut gathered.reads;
        reads.sort_by_key(|read| Reverse((read.wide, read.rows, read.calls)));
        let could = gathered
            .cells
            .iter()
            .copied()
            .max_by_key(|cell| (self.leaks(cell), self.reads_too_much(cell), cell.verdict));
        let sign = if !gathered.reads.is_empty() {
            Sign::Read
        } else if could.is_some_and(|cell| cell.verdict.leaks()) {
            Sign::CouldRead
        } else if self.reads.looked() {
            Sign::NoSign
        } else {
            Sign::NotLooked
        };
        Blast {
            urgency: self.urgency(relation, &gathered, could),
            relation,
            role,
            principals: gathered.principals,
            could,
            reads: gathered.reads,
            scan,
            sign,
        }
    }

    fn urgency(&self, relation: &str, gathered: &Gathered<'_>, could: Option<&Cell>) -> Urgency {
        let leaks = could.is_some_and(|cell| self.leaks(cell));
        let by_design = |principal: &&str| self.by_design.contains(*principal);
        let wide = gathered.reads.iter().any(|read| read.wide);
        if !gathered.reads.is_empty() {
            // What reads no row now and was sent some has read before a
            // containment, or by a way that is not known.
            let shut = gathered.cells.iter().all(|c| c.verdict == Verdict::None);
            let too_much = leaks || (self.private(relation) && (wide || shut));
            return match could {
                None if wide => Urgency::Unexplained,
                Some(_) if too_much && !gathered.principals.iter().all(by_design) => {
                    Urgency::Forbidden
                }
                _ => Urgency::Used,
            };
        }
        match could {
            _ if leaks => Urgency::Open,
            _ if gathered
                .cells
                .iter()
                .any(|cell| cell.verdict == Verdict::Undecided) =>
            {
                Urgency::Undecided
            }
            Some(cell) if cell.verdict.leaks() => Urgency::Known,
            _ => Urgency::Quiet,
        }
    }

    /// Whether a relation holds what must not be read by everybody; one whose
    /// shape is not known counts as one that does.
    fn private(&self, relation: &str) -> bool {
        let shape = self.relations.get(relation);
        shape.is_none_or(RelationShape::sensitive)
    }
}

/// A table's counter with no read to explain it.
fn counter(scan: &Scan) -> Blast<'_> {
    Blast {
        relation: &scan.relation,
        role: "",
        principals: Vec::new(),
        could: None,
        reads: Vec::new(),
        scan: Some(scan),
        sign: Sign::Scanned,
        urgency: Urgency::Known,
    }
}

/// By urgency, then wide and large reads, then names.
fn compare(a: &Blast<'_>, b: &Blast<'_>) -> Ordering {
    let size = |line: &Blast<'_>| {
        let could = line.could.and_then(|cell| cell.rows);
        Reverse((line.wide(), line.rows(), could))
    };
    (a.urgency, size(a))
        .cmp(&(b.urgency, size(b)))
        .then_with(|| (a.relation, a.role).cmp(&(b.relation, b.role)))
}

#[cfg(test)]
mod tests;
