//! Functions that a policy runs once for each row, though their answer is the
//! same for all of them, or though no index can stand in for them.

use super::report::Call;
use super::scope::{Scope, refs};
use crate::domain::untrusted::visible;
use crate::investigate::database::atom::subselect_mask;
use crate::investigate::database::expression::closing;
use crate::investigate::database::helpers::calls;
use crate::investigate::database::snapshot::Relation;
use crate::investigate::database::survey::{ReadPolicy, Survey};

/// The calls of one policy.
pub fn per_row(survey: &Survey, relation: &Relation, read: &ReadPolicy) -> Vec<Call> {
    let tokens = &read.text.tokens;
    let scope = Scope::own(survey, relation.oid);
    let mask = subselect_mask(tokens);
    let mut found: Vec<Call> = Vec::new();
    for (name, open) in calls(tokens) {
        let end = closing(tokens, open).unwrap_or(tokens.len());
        if mask.get(open).copied().unwrap_or_default() || !runs(survey, &name) {
            continue;
        }
        let arguments = &tokens[(open + 1).min(end)..end];
        let row = !refs(survey, &scope, arguments).is_empty();
        let shown = visible(&name);
        let told = if row {
            format!(
                "{shown}(..) takes a column, so it runs for each row; no index on the table stands in for it"
            )
        } else {
            format!(
                "{shown}(..) runs for each row that is filtered; (SELECT {shown}(..)) runs once"
            )
        };
        let call = Call {
            relation: visible(&relation.full_name()),
            policy: visible(&read.policy.name),
            function: shown,
            takes_column: row,
            told,
        };
        if !found.contains(&call) {
            found.push(call);
        }
    }
    found
}

/// Whether a call costs anything: a function of the database's users that is
/// not folded into a constant, or a setting.
fn runs(survey: &Survey, name: &str) -> bool {
    let named = survey.helpers.named(name).iter();
    let mut own = named.filter_map(|oid| survey.function(*oid));
    own.any(|function| function.volatility != "i") || setting(name)
}

fn setting(name: &str) -> bool {
    matches!(name, "current_setting" | "pg_catalog.current_setting")
}
