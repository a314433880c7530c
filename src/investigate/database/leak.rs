//! One proven leak, told so that an action can be planned against it: who
//! reads through it, how to act as them, and which rows they must not see.

use super::look::Look;
use super::principals::{self, Right};
use super::questions;
use super::snapshot::Oid;
use super::survey::Survey;
use crate::domain::exposure::{ColumnClass, Principal};
use crate::domain::failure::Failure;
use crate::investigate::check::{Quiet, Reach};
use crate::providers::postgres::Assumed;

/// Somebody who reads what they must not.
#[derive(Debug, Clone)]
pub struct Reader {
    pub principal: Principal,
    pub who: Assumed,
    /// The rows they must not see; `None` if they must see none at all.
    pub foreign: Option<String>,
}

/// A relation with everybody who was shown to leak it.
#[derive(Debug, Clone)]
pub struct Leak {
    pub schema: String,
    pub relation: String,
    /// Its columns that nobody publishes: of people, payments and secrets.
    pub private: Vec<String>,
    pub readers: Vec<Reader>,
}

/// Looks the relation and the principals up again: names in a record may be
/// older than the database. Logins that read everything by design are left
/// out, since cutting them off would stop the application itself.
///
/// # Errors
/// When the relation or all of the principals are gone.
pub async fn leak(reach: &Reach, relation: &str, names: &[String]) -> Result<Leak, Failure> {
    let look = Look::open(reach, &Quiet).await?;
    let survey = &look.survey;
    let found = survey
        .snapshot
        .relations
        .iter()
        .find(|candidate| candidate.full_name() == relation)
        .ok_or_else(|| gone(relation, "the relation is not there any more"))?;
    let (actors, _) = principals::actors(survey);
    let readers: Vec<Reader> = actors
        .into_iter()
        .filter(|actor| names.contains(&actor.principal.name) && actor.right != Right::Everything)
        .map(|actor| Reader {
            foreign: questions::foreign_rows(survey, &actor, found),
            principal: actor.principal,
            who: actor.assumed,
        })
        .collect();
    if readers.is_empty() {
        return Err(gone(
            relation,
            "none of the principals it was shown for is there any more",
        ));
    }
    Ok(Leak {
        schema: found.schema.clone(),
        relation: found.name.clone(),
        private: private(survey, found.oid),
        readers,
    })
}

/// The columns to keep to oneself. Keys stay: an application finds its own
/// rows by them.
fn private(survey: &Survey, relation: Oid) -> Vec<String> {
    survey
        .classes(relation)
        .filter(|(_, class)| !matches!(class, ColumnClass::Tenant | ColumnClass::Owner))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// Everybody from outside who may call a function, named with or without its
/// argument types.
///
/// # Errors
/// When nobody may.
pub async fn callers(reach: &Reach, function: &str) -> Result<Vec<Reader>, Failure> {
    let look = Look::open(reach, &Quiet).await?;
    let survey = &look.survey;
    let bare = function.split('(').next().unwrap_or(function);
    let named = survey.snapshot.functions.iter();
    let named = named.filter(|f| f.full_name() == bare || f.full_name() == function);
    let roles: Vec<Oid> = named.flat_map(|f| survey.callers(f.oid)).collect();
    let readers = from_outside(survey, |role| roles.contains(&role));
    if readers.is_empty() {
        return Err(gone(function, "nobody from outside may call it any more"));
    }
    Ok(readers)
}

/// Everybody who comes from outside: signed in or not.
///
/// # Errors
/// When the database cannot be read, or has no such role.
pub async fn outsiders(reach: &Reach) -> Result<Vec<Reader>, Failure> {
    let look = Look::open(reach, &Quiet).await?;
    let readers = from_outside(&look.survey, |_| true);
    if readers.is_empty() {
        return Err(gone("it", "no role of people from outside is known"));
    }
    Ok(readers)
}

fn from_outside(survey: &Survey, keep: impl Fn(Oid) -> bool) -> Vec<Reader> {
    let (actors, _) = principals::actors(survey);
    let kept = actors
        .into_iter()
        .filter(|actor| actor.right != Right::Everything && keep(actor.role));
    kept.map(|actor| Reader {
        principal: actor.principal,
        who: actor.assumed,
        foreign: None,
    })
    .collect()
}

fn gone(relation: &str, why: &str) -> Failure {
    Failure::new(
        format!("no plan was made for {relation}"),
        why,
        "run the reach check again and plan from what it shows",
    )
}
