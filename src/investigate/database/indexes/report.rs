//! What the look at indexes says: the contract of `--indexes --json`. A leaf.

use crate::domain::check::Gap;
use crate::domain::finding::Severity;
use serde::Serialize;

/// How a cost with the index was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Planned with an index that HypoPG made up.
    Hypothetical,
    /// Planned with the index built, in a transaction that was rolled back.
    Built,
    /// There is no cost with the index.
    NotTried,
}

/// The planner's cost of one query, in its own units.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    pub query: String,
    /// Who asks it.
    pub principal: String,
    pub before: f64,
    pub after: Option<f64>,
    pub how: How,
    /// Why it was not tried.
    pub why: Option<String>,
}

impl Cost {
    /// How many times dearer it is without the index.
    pub fn ratio(&self) -> Option<f64> {
        let after = self.after?;
        (after > 0.0).then(|| self.before / after)
    }

    /// What the index saves.
    pub fn saved(&self) -> Option<f64> {
        Some(self.before - self.after?)
    }
}

/// An index that policies lean on and that is not there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Missing {
    pub relation: String,
    /// The column it would lead with.
    pub column: String,
    /// Everything it would be looked up by, in order.
    pub keys: Vec<String>,
    /// Low where it can hardly matter, medium otherwise.
    pub severity: Severity,
    pub policies: Vec<String>,
    /// The planner's estimate; none before the first ANALYZE.
    pub rows: Option<i64>,
    pub bytes: Option<i64>,
    /// Indexes that come near, and what each lacks.
    pub near: Vec<String>,
    /// What else there is to know.
    pub told: Vec<String>,
    pub cost: Option<Cost>,
    pub ratio: Option<f64>,
    /// Why there is no cost at all.
    pub no_cost: Option<String>,
    pub draft: Vec<String>,
}

/// A function that a policy runs for each row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    pub relation: String,
    pub policy: String,
    pub function: String,
    /// Whether a row's own column goes in.
    pub takes_column: bool,
    pub told: String,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The dearest first.
    pub missing: Vec<Missing>,
    pub calls: Vec<Call>,
    pub gaps: Vec<Gap>,
    /// Look-ups of policies that were judged.
    pub looked: usize,
    pub warnings: Vec<String>,
}

impl Report {
    /// Puts what an index saves most over most rows first, then what was not
    /// tried by what it costs now; what can hardly matter comes last.
    pub fn sort(&mut self) {
        #[expect(clippy::cast_precision_loss, reason = "an order, not a count")]
        let rows = |missing: &Missing| missing.rows.unwrap_or(0).max(1) as f64;
        let weight = |missing: &Missing| {
            let cost = missing.cost.as_ref();
            let saved = cost.and_then(Cost::saved);
            let known = saved.or_else(|| cost.map(|cost| cost.before));
            (saved.is_some(), known.unwrap_or(0.0) * rows(missing))
        };
        self.missing.sort_by(|a, b| {
            let (x, y) = (weight(a), weight(b));
            (b.severity.cmp(&a.severity))
                .then(y.0.cmp(&x.0))
                .then(y.1.total_cmp(&x.1))
                .then((&a.relation, &a.keys).cmp(&(&b.relation, &b.keys)))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(
        name: &str,
        severity: Severity,
        rows: i64,
        cost: Option<(f64, Option<f64>)>,
    ) -> Missing {
        let cost = cost.map(|(before, after)| Cost {
            query: String::new(),
            principal: String::new(),
            before,
            after,
            how: How::NotTried,
            why: None,
        });
        Missing {
            relation: name.to_owned(),
            column: String::new(),
            keys: Vec::new(),
            severity,
            policies: Vec::new(),
            rows: Some(rows),
            bytes: None,
            near: Vec::new(),
            told: Vec::new(),
            ratio: cost.as_ref().and_then(Cost::ratio),
            cost,
            no_cost: None,
            draft: Vec::new(),
        }
    }

    #[test]
    fn what_is_saved_over_most_rows_comes_first_and_what_is_low_last() {
        let mut report = Report {
            missing: vec![
                missing("low", Severity::Low, 9, Some((900.0, Some(1.0)))),
                missing("unknown", Severity::Medium, 9_000, None),
                missing("untried", Severity::Medium, 9_000, Some((800.0, None))),
                missing("small", Severity::Medium, 2_000, Some((900.0, Some(100.0)))),
                missing("large", Severity::Medium, 9_000, Some((500.0, Some(100.0)))),
            ],
            calls: Vec::new(),
            gaps: Vec::new(),
            looked: 5,
            warnings: Vec::new(),
        };
        report.sort();
        let order: Vec<&str> = report.missing.iter().map(|m| m.relation.as_str()).collect();
        assert_eq!(order, ["large", "small", "untried", "unknown", "low"]);
        assert_eq!(report.missing[0].ratio, Some(5.0));
        assert_eq!(report.missing[2].ratio, None);
    }
}
