//! What a missing index costs, and what the answer is worth.

use super::asking::{Asked, Asker, Silent};
use super::candidates::Candidate;
use super::known::Known;
use super::leaning::Form;
use super::report::{Cost, How, Missing};
use crate::domain::check::Gap;
use crate::domain::failure::Failure;
use crate::domain::finding::Severity;
use crate::domain::untrusted::visible;
use crate::investigate::database::questions::estimate;
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::providers::postgres::{Costs, Query, Session, Trial};
use std::collections::HashMap;

/// Below this many rows, or this many bytes where nobody counted, reading all
/// of them costs next to nothing.
const TINY_ROWS: i64 = 1_000;
const TINY_BYTES: i64 = 64 * 1024;

/// An index that saves less than this part is not worth its writes.
const WORTH: f64 = 1.1;

/// What all candidates are weighed with.
#[derive(Debug)]
pub struct Scale<'a> {
    pub session: &'a Session,
    pub known: &'a Known,
    pub asker: Asker<'a>,
    pub sizes: HashMap<Oid, i64>,
    pub trial: Option<Trial<'a>>,
    /// Why there is no way to try an index.
    pub untried: String,
}

impl Scale<'_> {
    /// Weighs one candidate; with it the gap where its cost is not known.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn weigh(
        &self,
        candidate: &Candidate,
    ) -> Result<Option<(Missing, Option<Gap>)>, Failure> {
        let Some(relation) = self.asker.survey.relation(candidate.relation) else {
            return Ok(None);
        };
        let mut missing = self.described(candidate, relation);
        let cost = match self.asker.asked(candidate, relation) {
            Ok(asked) => self.cost(candidate, &asked).await?,
            Err(silent) => Err(silent),
        };
        let mut gap = None;
        match cost {
            Ok(cost) => missing.cost = Some(cost),
            Err(silent) => {
                let what = format!("what {} costs without the index", missing.relation);
                gap = silent.unknown().then(|| Gap::new(&what, silent.why()));
                missing.no_cost = Some(visible(silent.why()));
                if matches!(silent, Silent::Nobody(_)) {
                    missing.severity = Severity::Low;
                }
            }
        }
        missing.ratio = missing.cost.as_ref().and_then(Cost::ratio);
        if !matters(candidate.servable(), &missing) {
            missing.severity = Severity::Low;
        }
        Ok(Some((missing, gap)))
    }

    fn described(&self, candidate: &Candidate, relation: &Relation) -> Missing {
        let survey = self.asker.survey;
        let names = candidate
            .policies
            .iter()
            .filter_map(|oid| self.asker.policy(*oid));
        let policies = names.map(|policy| {
            let on = survey.relation(policy.relation);
            let on = on.map_or_else(String::new, Relation::full_name);
            visible(&format!("{} on {on}", policy.name))
        });
        let first = candidate.keys.first();
        let near = first.map(|key| self.known.near(relation.oid, key));
        let shown = |text: &String| visible(text);
        Missing {
            relation: visible(&relation.full_name()),
            column: first.map_or_else(String::new, |key| visible(&key.column)),
            keys: candidate
                .keys
                .iter()
                .map(|key| visible(&key.shown()))
                .collect(),
            severity: Severity::Medium,
            policies: policies.collect(),
            rows: estimate(survey, relation, |r| r.rows),
            bytes: self.bytes(relation),
            near: near.unwrap_or_default().iter().map(shown).collect(),
            told: self.told(candidate),
            cost: None,
            ratio: None,
            no_cost: None,
            draft: candidate
                .draft(survey, self.known)
                .iter()
                .map(shown)
                .collect(),
        }
    }

    fn bytes(&self, relation: &Relation) -> Option<i64> {
        let below = self.asker.survey.below(relation.oid);
        let all = std::iter::once(relation.oid).chain(below);
        let sizes: Vec<i64> = all
            .filter_map(|oid| self.sizes.get(&oid).copied())
            .collect();
        (!sizes.is_empty()).then(|| sizes.into_iter().sum())
    }

    fn told(&self, candidate: &Candidate) -> Vec<String> {
        let mut told = Vec::new();
        let form = |form| candidate.forms.contains(&form);
        if form(Form::Member) {
            told.push(
                "value = ANY (column) can use no index; column @> ARRAY[value] can use a GIN index"
                    .to_owned(),
            );
        }
        if form(Form::Hashed) {
            told.push("compared by IN (SELECT ..), which is hashed: every row is read, with an index or without; = ANY (ARRAY(SELECT ..)) can use one".to_owned());
        }
        if form(Form::Inside) {
            told.push("compared inside a sub-select only, row by row: an index here does not narrow what the policy reads".to_owned());
        }
        if let Some(key) = candidate.keys.first().filter(|key| !key.plain()) {
            told.push(format!(
                "the policy compares {}, which an index on {} alone does not serve; compare the bare column, or index the expression",
                visible(&key.shown()),
                visible(&key.column)
            ));
        }
        let functions = candidate.functions.iter().flatten();
        for function in functions.filter_map(|oid| self.asker.survey.function(*oid)) {
            told.push(visible(&format!(
                "looked up inside {}",
                function.full_name()
            )));
        }
        told
    }

    /// Plans all queries and keeps the one on which the index saves most, or
    /// that is dearest.
    async fn cost(
        &self,
        candidate: &Candidate,
        asked: &[Asked],
    ) -> Result<Result<Cost, Silent>, Failure> {
        let queries: Vec<Query> = asked.iter().map(|one| one.query.clone()).collect();
        let create = candidate.trial(self.asker.survey);
        let trial = self.trial.as_ref().filter(|_| create.is_some());
        let untried = if create.is_some() {
            self.untried.as_str()
        } else {
            "no index serves the condition as it is written"
        };
        let create = create.unwrap_or_default();
        let costs = self.session.costs(&queries, &create, trial).await?;
        Ok(chosen(asked, &costs, self.how(), untried).map_err(Silent::Refused))
    }

    const fn how(&self) -> How {
        match self.trial {
            Some(Trial::Hypothetical { .. }) => How::Hypothetical,
            Some(Trial::Built) => How::Built,
            None => How::NotTried,
        }
    }
}

fn chosen(asked: &[Asked], costs: &Costs, how: How, untried: &str) -> Result<Cost, String> {
    let (tried, why) = match &costs.after {
        Some(Ok(after)) => (Some(after), None),
        Some(Err(why)) => (None, Some(reason(why))),
        None => (None, Some(untried.to_owned())),
    };
    let mut best: Option<Cost> = None;
    let mut refused = None;
    for (i, one) in asked.iter().enumerate() {
        let before = match &costs.before[i] {
            Ok(before) => *before,
            Err(code) => {
                refused = Some(reason(code));
                continue;
            }
        };
        let after = tried.map(|after| &after[i]);
        let cost = Cost {
            query: one.shown.clone(),
            principal: one.principal.clone(),
            before,
            after: after.and_then(|after| after.as_ref().ok().copied()),
            how: if matches!(after, Some(Ok(_))) {
                how
            } else {
                How::NotTried
            },
            why: match after {
                Some(Ok(_)) => None,
                Some(Err(code)) => Some(reason(code)),
                None => why.clone(),
            },
        };
        let weight = |cost: &Cost| (cost.saved().unwrap_or(0.0), cost.before);
        let better = best
            .as_ref()
            .is_none_or(|best| weight(&cost) > weight(best));
        if better {
            best = Some(cost);
        }
    }
    best.ok_or_else(|| refused.unwrap_or_else(|| "nothing was planned".to_owned()))
}

/// An SQLSTATE in words; what is a sentence already stays one.
fn reason(code: &str) -> String {
    match code {
        "42501" => "refused: this login, or the principal, lacks the right (42501)".to_owned(),
        "55P03" => "another session holds the table's lock (55P03)".to_owned(),
        "57014" => "it took too long (57014)".to_owned(),
        code if code.len() == 5 => format!("the server refused it ({code})"),
        sentence => sentence.to_owned(),
    }
}

/// Whether it can matter: not with few rows, nor where no index could serve
/// the condition, nor where one was tried and saves nothing.
fn matters(servable: bool, missing: &Missing) -> bool {
    let tiny = match (missing.rows, missing.bytes) {
        (Some(rows), _) => rows < TINY_ROWS,
        (None, Some(bytes)) => bytes < TINY_BYTES,
        (None, None) => false,
    };
    let saves = missing.ratio.is_none_or(|ratio| ratio >= WORTH);
    servable && saves && !tiny
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::postgres::{Assumed, Planned};

    fn asked(sql: &str) -> Asked {
        Asked {
            query: Query {
                who: Assumed::role("r"),
                sql: sql.to_owned(),
            },
            shown: sql.to_owned(),
            principal: "member A".to_owned(),
        }
    }

    fn refusal(code: &str) -> Planned {
        Err(code.to_owned())
    }

    #[test]
    fn the_query_on_which_most_is_saved_is_told() {
        let all = [asked("a"), asked("b"), asked("c")];
        let costs = Costs {
            before: vec![Ok(900.0), Ok(500.0), refusal("42501")],
            after: Some(Ok(vec![Ok(890.0), Ok(5.0), refusal("42501")])),
        };
        let cost = chosen(&all, &costs, How::Built, "").unwrap();
        assert_eq!((cost.query.as_str(), cost.ratio()), ("b", Some(100.0)));
        assert_eq!(cost.how, How::Built);
    }

    #[test]
    fn a_cost_that_was_not_tried_is_never_made_up() {
        let all = [asked("a")];
        let before = vec![Ok(900.0)];
        for (after, why) in [
            (None, "no way"),
            (Some(Err("55P03".to_owned())), "55P03"),
            (Some(Ok(vec![refusal("57014")])), "57014"),
        ] {
            let costs = Costs {
                before: before.clone(),
                after,
            };
            let cost = chosen(&all, &costs, How::Hypothetical, "no way").unwrap();
            assert_eq!(
                (cost.after, cost.ratio(), cost.how),
                (None, None, How::NotTried)
            );
            assert!(
                cost.why.as_deref().is_some_and(|told| told.contains(why)),
                "{cost:?}"
            );
        }
        let none = Costs {
            before: vec![refusal("42501")],
            after: None,
        };
        assert!(chosen(&all, &none, How::NotTried, "").is_err_and(|why| why.contains("42501")));
    }
}
