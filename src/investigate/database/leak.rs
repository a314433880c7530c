//! One proven leak, told so that an action can be planned against it: who
//! reads through it, how to act as them, and which rows they must not see.

use super::look::Look;
use super::principals::{self, Right};
use super::questions;
use crate::domain::exposure::Principal;
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
        readers,
    })
}

fn gone(relation: &str, why: &str) -> Failure {
    Failure::new(
        format!("no plan was made for {relation}"),
        why,
        "run the reach check again and plan from what it shows",
    )
}
