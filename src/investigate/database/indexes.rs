//! Indexes that policies lean on and that are not there, and what that costs.
//!
//! `leaning` finds what policies look up, with `scope` to say which table a
//! name means; `known` judges the indexes there are; `candidates` puts together
//! what nothing serves; `asking` chooses a query and a principal, `weigh` has it planned. A cost with the
//! index is only told when it was planned with one.

mod asking;
mod calls;
mod candidates;
mod key;
mod known;
mod leaning;
mod report;
mod scope;
mod weigh;

pub use report::{Call, Cost, How, Missing, Report};

use super::hazards::hazards;
use super::look::Look;
use super::principals::actors;
use super::snapshot::Oid;
use super::survey::Survey;
use crate::domain::check::Gap;
use crate::domain::failure::Failure;
use crate::investigate::check::{Reach, Sink};
use crate::providers::postgres::Trial;
use asking::Asker;
use known::{Index, Known};
use serde::Deserialize;
use std::collections::BTreeMap;
use weigh::Scale;

const INDEXES: &str = include_str!("sql/indexes.sql");
const SIZES: &str = include_str!("sql/index_sizes.sql");
const TRIAL: &str = include_str!("sql/index_trial.sql");

#[derive(Debug, Deserialize)]
struct Size {
    relation: Oid,
    bytes: i64,
}

/// Where HypoPG stands.
#[derive(Debug, Deserialize)]
struct Hypopg {
    schema: String,
    callable: bool,
}

/// Looks for missing indexes and has them weighed. Where there is leave to
/// practise they may be built and rolled back: with `build` always, otherwise
/// where HypoPG is not there.
///
/// # Errors
/// When there is no connection, or the login cannot read the catalogs.
pub async fn indexes(reach: &Reach, build: bool, sink: &dyn Sink) -> Result<Report, Failure> {
    let (look, mut along) = Look::open_along(reach, sink, &[INDEXES, SIZES, TRIAL]).await?;
    let survey = &look.survey;
    let known = Known::new(along.take::<Index>(INDEXES)?);
    let mut gaps: Vec<Gap> = look.gaps.iter().filter(|gap| bears(gap)).cloned().collect();
    let sizes = along.take::<Size>(SIZES).unwrap_or_else(|failure| {
        gaps.push(Gap::new("sizes of tables", &failure.why));
        Vec::new()
    });
    let hypopg = along.take::<Hypopg>(TRIAL).unwrap_or_else(|failure| {
        gaps.push(Gap::new("whether HypoPG is there", &failure.why));
        Vec::new()
    });
    let found = candidates::find(survey, &known);
    gaps.extend(found.gaps);
    let (trial, untried) = way(reach, build, hypopg.first());
    let (acting, _) = actors(survey);
    let scale = Scale {
        session: &look.session,
        known: &known,
        asker: Asker {
            survey,
            actors: &acting,
            hazards: unasked(reach, survey),
        },
        sizes: sizes.into_iter().map(|s| (s.relation, s.bytes)).collect(),
        trial,
        untried,
    };
    let mut missing = Vec::new();
    let total = found.candidates.len();
    for (i, candidate) in found.candidates.iter().enumerate() {
        sink.progress(i, total, "missing indexes");
        if let Some((one, gap)) = scale.weigh(candidate).await? {
            missing.push(one);
            gaps.extend(gap);
        }
    }
    let mut report = Report {
        missing,
        calls: per_row(survey),
        gaps,
        looked: found.looked,
        warnings: look.warnings,
    };
    report.sort();
    Ok(report)
}

/// Whether what was refused bears on indexes.
fn bears(gap: &Gap) -> bool {
    let parts = [
        "policies",
        "functions",
        "role memberships",
        "inheritance and foreign keys",
        "grants on relations",
    ];
    let texts = ["the condition of policy ", "the body of function "];
    parts.contains(&gap.what.as_str()) || texts.iter().any(|text| gap.what.starts_with(text))
}

/// How indexes are tried, or why they are not.
fn way<'a>(reach: &Reach, build: bool, hypopg: Option<&'a Hypopg>) -> (Option<Trial<'a>>, String) {
    let callable = hypopg.filter(|hypopg| hypopg.callable);
    match (callable, &reach.practice) {
        (Some(_), Some(_)) if build => (Some(Trial::Built), String::new()),
        (Some(Hypopg { schema, .. }), _) => (Some(Trial::Hypothetical { schema }), String::new()),
        (None, Some(_)) => (Some(Trial::Built), String::new()),
        (None, None) => {
            let without = if hypopg.is_some() {
                "this login may not call HypoPG"
            } else {
                "HypoPG is not installed"
            };
            let why = format!("{without}, and the target is not marked staging");
            (None, why)
        }
    }
}

/// Relations that are not planned while nobody was asked: the planner itself
/// may call a policy's functions.
fn unasked(reach: &Reach, survey: &Survey) -> BTreeMap<Oid, String> {
    if reach.probe_helpers {
        BTreeMap::new()
    } else {
        hazards(survey)
    }
}

fn per_row(survey: &Survey) -> Vec<Call> {
    let mut all = Vec::new();
    for relation in survey
        .snapshot
        .relations
        .iter()
        .filter(|r| r.rls && !r.extension)
    {
        for read in survey.policies(relation.oid) {
            all.extend(calls::per_row(survey, relation, read));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::check::Practice;
    use crate::providers::postgres::{ConnectSettings, Host};

    fn reach(practice: bool) -> Reach {
        let host = Host::Tcp("localhost".to_owned());
        let mut reach = Reach::new(ConnectSettings::new(host, "app", "reader"));
        reach.practice = practice.then(|| Practice::in_lab("lab"));
        reach
    }

    #[test]
    fn nothing_is_built_without_leave() {
        let hypopg = |callable| Hypopg {
            schema: "extensions".to_owned(),
            callable,
        };
        let (usable, shut) = (hypopg(true), hypopg(false));
        for build in [false, true] {
            for hypopg in [None, Some(&usable), Some(&shut)] {
                let (trial, why) = way(&reach(false), build, hypopg);
                assert!(!matches!(trial, Some(Trial::Built)));
                assert_eq!(trial.is_none(), why.contains("staging"));
            }
        }
        let (trial, _) = way(&reach(true), false, Some(&usable));
        assert!(matches!(
            trial,
            Some(Trial::Hypothetical {
                schema: "extensions"
            })
        ));
        let (trial, _) = way(&reach(true), true, Some(&usable));
        assert!(matches!(trial, Some(Trial::Built)));
        let (trial, _) = way(&reach(true), false, Some(&shut));
        assert!(matches!(trial, Some(Trial::Built)));
    }
}
