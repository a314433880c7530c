//! What a column of the mapping is for: how much of it may be empty before
//! rules lose something by it, and what they lose. A leaf.
//!
//! Each column of an event needs its row here; a test says which are missing.

use super::mapping::Mapping;

/// One column of an event.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub column: &'static str,
    /// Percent of empty rows that are natural; above it is told.
    pub natural: u64,
    /// What is judged worse or not at all.
    pub costs: &'static str,
}

const fn row(column: &'static str, natural: u64, costs: &'static str) -> Cost {
    Cost {
        column,
        natural,
        costs,
    }
}

/// Never told: no rule judges otherwise without it.
const NEVER_TOLD: u64 = 101;

/// By column. Nothing is above 100: only a column that is empty throughout is
/// told then, as a mapping that does not hold.
const COSTS: &[Cost] = &[
    row("layer", 0, "requests and sign-ins are not told apart (R7)"),
    row(
        "user",
        50,
        "R1, R2, R3, R6 and R7 know no person there and judge the key or the address instead",
    ),
    row("email", NEVER_TOLD, "people have one name less"),
    row(
        "key",
        100,
        "R6 and R12 do not see which API key was used, nor from where",
    ),
    row(
        "db_role",
        100,
        "R6 and R12 do not see which database role was used",
    ),
    row(
        "role",
        50,
        "R6, and the comparison of R1 to R3 with others alike, know roles by --users alone",
    ),
    row(
        "actor_tenant",
        100,
        "R1 and R2 know a person's own tenants by --users alone",
    ),
    row(
        "tenant",
        100,
        "R1 and R2 know whose data it is by --customers alone",
    ),
    row(
        "client",
        20,
        "R9 can't count who got a stored answer, R12 not from where, and people without a name are nobody",
    ),
    row(
        "agent",
        50,
        "R6 and R12 do not tell a browser from a program",
    ),
    row(
        "method",
        5,
        "routes have no method there: R6, R8 and R9 do not find them in --routes",
    ),
    row(
        "path",
        20,
        "R1 and R2 do not see which object was read, and no rule which route, unless `route` and `object` say",
    ),
    row("query", 100, "R1 and R2 miss objects that a query names"),
    row("route", NEVER_TOLD, "routes are made from paths alone"),
    row(
        "object_kind",
        NEVER_TOLD,
        "R1 and R2 take kinds from paths alone",
    ),
    row("object", 100, "R1 and R2 take objects from paths alone"),
    row(
        "deployment",
        NEVER_TOLD,
        "no deployment is offered as the release",
    ),
    row("cache", 50, "R9 does not see what a cache answered"),
    row(
        "shared",
        NEVER_TOLD,
        "R9 does not see what shared caches may keep",
    ),
    row(
        "bypass_mark",
        NEVER_TOLD,
        "R11 does not see marks of a bypass",
    ),
    row(
        "status",
        1,
        "no rule knows there whether data went out or was refused",
    ),
    row("rows", 100, "R3 and R4 judge by bytes alone"),
    row(
        "bytes",
        50,
        "R3 and R4 judge by rows alone, where they are logged",
    ),
];

/// What a column is for.
pub fn of(column: &str) -> Option<&'static Cost> {
    COSTS.iter().find(|cost| cost.column == column)
}

/// Groups of columns of which a mapping needs one, and what it costs when it
/// has none.
const GROUPS: &[(&[&str], &str)] = &[
    (
        &["user", "email", "key", "db_role"],
        "nobody is named: R1, R2, R3, R6 and R7 judge addresses, which many people may share",
    ),
    (
        &["rows", "bytes"],
        "no size is known: R3 and R4 are not judged",
    ),
    (&["cache", "shared"], "no cache is known: R9 is not judged"),
    (
        &["client"],
        "no address is known: R9 can't count who got a stored answer, R12 not from where",
    ),
    (
        &["agent"],
        "no program is known: R12 judges by routes alone",
    ),
    (
        &["method"],
        "no method is known: R6, R8 and R9 do not find routes in --routes",
    ),
    (
        &["bypass_mark"],
        "no header of a bypass is known: R11 sees only its shadow, answers without a person on private routes",
    ),
    (
        &["message"],
        "what programs printed is not looked at: R10 (secrets in logs) is not judged",
    ),
];

/// What no engine is asked, whatever the mapping.
const NEVER: &[(&str, &str)] = &[
    (
        "statements of SQL",
        "an engine is not asked for them: R5 (wide queries) is not judged; check logs PATH reads them from Postgres logs",
    ),
    (
        "personal data in logs",
        "an engine is asked for secrets only: R10 does not look for cards and addresses of people",
    ),
    (
        "records that belong together",
        "an engine's rows are taken one by one: what a program printed is not joined to its request, and what was delivered twice counts twice",
    ),
    (
        "ids that are words",
        "templates of --routes are not held against paths there: a slug or a name in a path is no id",
    ),
];

/// What this way can't see with this mapping: what, and why.
pub fn unseen(mapping: &Mapping) -> Vec<(String, String)> {
    let mut gaps = Vec::new();
    for (columns, costs) in GROUPS {
        if !columns
            .iter()
            .any(|column| mapping.columns.contains_key(*column))
        {
            gaps.push((
                format!("mapping {}", mapping.name),
                format!("it has no {}: {costs}", columns.join(", ")),
            ));
        }
    }
    for left in &mapping.leaves_out {
        gaps.push((format!("mapping {}", mapping.name), left.clone()));
    }
    let never = NEVER.iter();
    gaps.extend(never.map(|(what, why)| ((*what).to_owned(), (*why).to_owned())));
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::logs::questions::mapping::{NUMBERS, TEXTS, shipped};

    #[test]
    fn every_column_says_what_it_costs() {
        for column in TEXTS.iter().chain(NUMBERS) {
            assert!(of(column).is_some(), "{column}");
        }
        assert_eq!(COSTS.len(), TEXTS.len() + NUMBERS.len());
    }

    #[test]
    fn a_mapping_without_people_says_whom_rules_judge() {
        let told = |name: &str| {
            let gaps = unseen(&shipped(name).unwrap().unwrap());
            gaps.into_iter()
                .map(|(_, why)| why)
                .collect::<Vec<_>>()
                .join("\n")
        };
        assert!(told("alb").contains("nobody is named"));
        assert!(told("alb").contains("R9 is not judged"));
        assert!(!told("events").contains("nobody is named"));
        assert!(
            told("events").contains("R5"),
            "statements are never asked for"
        );
        assert!(told("events").contains("a slug or a name"));
    }
}
