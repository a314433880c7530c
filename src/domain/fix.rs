//! A drafted way to close a finding: statements for a person to read, weigh
//! and run. A check only writes drafts; it never runs one.

use super::untrusted::visible;
use serde::{Deserialize, Serialize};

/// A draft that closes a finding. The JSON form is part of the contract of
/// `check database --json`; findings without a draft leave it out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// To be run in this order, in one transaction, without semicolons. Names
    /// are quoted, so that they can be copied as they stand.
    pub statements: Vec<String>,
    /// Why these statements and no others.
    pub why: String,
    /// Who loses what, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loses: Vec<String>,
    /// What a person has to decide before this is more than a stopgap; empty
    /// when the draft stands by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decide: Vec<String>,
    /// What a rehearsal showed; `None` when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<Rehearsal>,
}

/// What running a draft and looking again showed; all of it was rolled back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// The target's name.
    pub on: String,
    /// Cells that leaked before and show no foreign row with the draft.
    pub closes: u32,
    /// Cells that leaked before.
    pub of: u32,
    /// What each principal keeps or loses, one line each.
    pub told: Vec<String>,
    /// What still leaks with the draft, or leaks only with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
    /// The SQLSTATE at which the draft failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

impl Rehearsal {
    /// Whether every leaking cell was seen to close.
    pub const fn closed(&self) -> bool {
        self.failed.is_none() && self.of > 0 && self.closes == self.of && self.open.is_empty()
    }

    /// The result in one line.
    pub fn summary(&self) -> String {
        match &self.failed {
            Some(code) => format!("the draft does not run on {}: error {code}", self.on),
            None if self.of == 0 => {
                format!("the draft runs on {}, where no cell leaked before", self.on)
            }
            None => format!(
                "closes {} of {} leaking cells on {}",
                self.closes, self.of, self.on
            ),
        }
    }
}

impl Fix {
    /// A draft. `None` when a statement cannot be shown as it stands, since
    /// what is copied from a screen must be what was meant.
    pub fn new(statements: Vec<String>, why: &str) -> Option<Self> {
        let shown = statements.iter().all(|text| visible(text) == *text);
        (shown && !statements.is_empty()).then(|| Self {
            statements,
            why: visible(why),
            ..Self::default()
        })
    }

    /// Adds who loses what.
    #[must_use]
    pub fn losing(mut self, line: &str) -> Self {
        self.loses.push(visible(line));
        self
    }

    /// Adds what a person has to decide.
    #[must_use]
    pub fn deciding(mut self, line: &str) -> Self {
        self.decide.push(visible(line));
        self
    }

    /// The draft as one block to copy, with what is undecided as comments.
    pub fn sql(&self) -> String {
        let notes = self.decide.iter().map(|line| format!("-- {line}"));
        let lines = self.statements.iter().map(|text| format!("{text};"));
        notes.chain(lines).collect::<Vec<_>>().join("\n")
    }

    /// The draft as a script to run by hand: one transaction that gives up
    /// rather than wait for a lock while others queue behind it.
    pub fn script(&self, check: &str) -> String {
        let head = format!("-- drafted for {}, not run", visible(check));
        let sql = self.sql();
        format!("{head}\nBEGIN;\nSET LOCAL lock_timeout = '2s';\n{sql}\nCOMMIT;")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_undecided_stands_above_the_statements() {
        let fix = Fix::new(vec!["A".to_owned(), "B".to_owned()], "w").unwrap();
        let fix = fix.deciding("name the owner");
        assert_eq!(fix.sql(), "-- name the owner\nA;\nB;");
        let script = fix.script("P06\nDROP");
        assert_eq!(script.lines().count(), 7, "{script}");
        assert!(script.starts_with("-- drafted for P06"), "{script}");
        assert!(script.ends_with("B;\nCOMMIT;"), "{script}");
    }

    #[test]
    fn a_name_that_cannot_be_shown_gets_no_draft() {
        assert_eq!(Fix::new(vec!["DROP \"a\u{202e}b\"".to_owned()], "w"), None);
        assert_eq!(Fix::new(Vec::new(), "w"), None);
    }

    #[test]
    fn a_draft_that_leaves_a_cell_open_has_not_closed() {
        let mut rehearsal = Rehearsal {
            closes: 2,
            of: 2,
            ..Rehearsal::default()
        };
        assert!(rehearsal.closed());
        rehearsal.of = 3;
        assert!(!rehearsal.closed());
        rehearsal.closes = 3;
        rehearsal.open = vec!["ghost reads".to_owned()];
        assert!(!rehearsal.closed());
        rehearsal.open.clear();
        assert!(rehearsal.closed());
        rehearsal.failed = Some("55P03".to_owned());
        assert!(!rehearsal.closed());
    }
}
