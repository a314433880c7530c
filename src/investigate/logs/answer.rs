//! What a look at logs comes to: findings, and the account of all that was
//! not looked at, inputs that nobody gave among it.
//!
//! Whoever filled the tables, the answer is made here; the command line and
//! the check of the registry print and record the same one.

use super::gather::aggregates::{Aggregates, Piece};
use super::known::Known;
use super::rules::claim::Case;
use super::rules::{claims, judge};
use crate::domain::check::Coverage;
use crate::domain::finding::Finding;
use crate::domain::gap::Gap;
use crate::domain::number::of;
use chrono::DateTime;

/// Gaps told one by one; the rest is one gap with a number.
const MOST_GAPS: usize = 200;

/// Places shown of records that could not be read.
const PLACES: usize = 3;

/// What the logs say, and what they were not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The gravest first.
    pub findings: Vec<Finding>,
    pub coverage: Coverage,
    /// Inputs that were not given, and what each would add.
    pub missing: Vec<Gap>,
}

/// Judges the tables; `failed` is what could not even be opened.
pub fn answer(tables: &Aggregates, known: &Known, failed: &[(String, String)]) -> Answer {
    let findings = claims(&Case { tables, known })
        .into_iter()
        .map(|claim| judge::finding(claim, tables))
        .collect();
    let missing = missing(tables, known);
    let mut could_not = unread(tables, failed);
    could_not.extend(missing.iter().cloned());
    Answer {
        findings,
        coverage: Coverage {
            check: "logs".into(),
            looked_at: tables.pieces.iter().map(|piece| piece.events).sum(),
            could_not,
        },
        missing,
    }
}

/// What of the input was not read.
fn unread(tables: &Aggregates, failed: &[(String, String)]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = failed
        .iter()
        .map(|(what, why)| Gap::new(what, why))
        .collect();
    for piece in &tables.pieces {
        if let Some(why) = &piece.broken {
            gaps.push(Gap::new(&piece.name, why));
        }
        if piece.unparsed > 0 {
            gaps.push(Gap::new(&piece.name, &unparsed(piece)));
        }
    }
    if gaps.len() > MOST_GAPS {
        let more = (gaps.len() - MOST_GAPS) as u64;
        gaps.truncate(MOST_GAPS);
        gaps.push(Gap::new("more input", &of(more, "further gap")));
    }
    gaps.extend(tables.cut.iter().map(|cut| Gap::new("bounds", cut)));
    let events: u64 = tables.pieces.iter().map(|piece| piece.events).sum();
    if gaps.is_empty() && events == 0 {
        gaps.push(Gap::new("the input", "it holds no event at all"));
    }
    gaps
}

fn unparsed(piece: &Piece) -> String {
    let shown: Vec<String> = piece
        .unparsed_at
        .iter()
        .take(PLACES)
        .map(u64::to_string)
        .collect();
    let at = if shown.is_empty() {
        String::new()
    } else {
        format!(", at byte {}", shown.join(", "))
    };
    let more = if piece.unparsed > shown.len() as u64 && !shown.is_empty() {
        " and on"
    } else {
        ""
    };
    format!(
        "{} could not be read{at}{more}",
        of(piece.unparsed, "record")
    )
}

/// The last deployment that began within the logs, if one did.
fn candidate(tables: &Aggregates) -> Option<Gap> {
    let start = tables
        .access
        .values()
        .filter_map(|access| access.first)
        .min()?;
    let newest = tables
        .deployments
        .iter()
        .filter_map(|(name, seen)| Some((seen.first?, name)))
        .filter(|(first, _)| *first > start)
        .max()?;
    let at = DateTime::from_timestamp_nanos(newest.0).format("%Y-%m-%dT%H:%M:%SZ");
    Some(Gap::new(
        "a deployment in the logs",
        &format!(
            "{} appears at {at}: ask again with --release-at {at}",
            newest.1
        ),
    ))
}

/// Inputs nobody gave, and what is judged worse or not at all without them.
fn missing(tables: &Aggregates, known: &Known) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if tables.release.is_none() {
        gaps.push(Gap::new(
            "time of the release",
            "without --release-at nothing is told before from after: what began with the \
             release, refusals that rose or vanished, a lost predicate",
        ));
        gaps.extend(candidate(tables));
    }
    if !known.has_users() {
        gaps.push(Gap::new(
            "users",
            "without --users nobody's role, own tenants and status are known: who may see what, \
             and whose account is barred, is not judged",
        ));
    }
    if !known.has_customers() {
        gaps.push(Gap::new(
            "customers",
            "without --customers it is not known whose object an id is: foreign objects are \
             counted only where the log itself names the tenant",
        ));
    }
    if known.routes.is_empty() {
        gaps.push(Gap::new(
            "routes",
            "without --routes it is not known which routes are private and for whom: that is \
             inferred from who used them",
        ));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::logs::known::{Declared, User};

    #[test]
    fn what_was_not_given_or_not_read_is_no_clean_look() {
        let mut tables = Aggregates::default();
        tables.pieces.push(Piece {
            name: "a.log".into(),
            events: 9,
            unparsed: 5,
            unparsed_at: vec![7, 70],
            ..Piece::default()
        });
        let said = answer(&tables, &Known::default(), &[("b".into(), "gone".into())]);
        assert_eq!(said.missing.len(), 4);
        assert!(!said.coverage.whole());
        let gaps = &said.coverage.could_not;
        assert_eq!((gaps[0].what.as_str(), gaps[0].why.as_str()), ("b", "gone"));
        assert_eq!(
            gaps[1].why,
            "5 records could not be read, at byte 7, 70 and on"
        );
        assert_eq!(said.coverage.looked_at, 9);
    }

    #[test]
    fn logs_without_an_event_are_no_clean_look() {
        let mut known = Known::default();
        known.add_customer("1", "o");
        known.add_user(User::default(), [""; 0]);
        known.routes.insert("GET /".into(), Declared::default());
        let tables = Aggregates {
            release: Some(0),
            ..Aggregates::default()
        };
        let said = answer(&tables, &known, &[]);
        assert!(said.missing.is_empty());
        assert!(!said.coverage.whole());
    }
}
