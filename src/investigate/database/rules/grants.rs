//! Tables that strangers may read and that no row security narrows: G01 to
//! G11. One claim a table, under the id that explains it best.

use crate::domain::exposure::ColumnClass;
use crate::domain::finding::Severity;
use crate::investigate::database::audience::{any_anonymous, audience};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::investigate::database::survey::{Access, Survey};
use std::collections::HashMap;

/// Looks at every table without row security.
pub fn open_tables(survey: &Survey) -> Vec<Claim> {
    let twins = Twins::new(survey);
    survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| relation.is_table() && !relation.rls && !relation.extension)
        .filter_map(|relation| on_relation(survey, &twins, relation))
        .collect()
}

fn on_relation(survey: &Survey, twins: &Twins, relation: &Relation) -> Option<Claim> {
    let audience = audience(survey, relation.oid);
    if audience.is_empty() {
        return None;
    }
    let roles: Vec<Oid> = audience.iter().map(|(role, _)| *role).collect();
    let kin = protected_ancestor(survey, relation);
    let twin = twins.of(relation);
    let sensitive = audience
        .iter()
        .any(|(_, access)| survey.sensitive_in(relation.oid, access))
        || kin.is_some_and(|oid| survey.sensitive(oid))
        || (twin.is_some_and(|oid| survey.sensitive(oid)) && whole(&audience));
    let (id, title) = explain(survey, relation, kin, twin, &audience);
    let severity = match id {
        _ if !sensitive && id != "G02" => Severity::Info,
        "G02" if !sensitive => Severity::Medium,
        "G09" | "G10" => Severity::High,
        _ if only_app(survey, &roles) => Severity::High,
        _ => Severity::Critical,
    };
    let name = relation.full_name();
    let how = if any_anonymous(survey, &roles) {
        "callers who did not sign in"
    } else {
        "every caller"
    };
    Some(
        Claim::on(id, severity, relation)
            .titled(title)
            .for_roles(roles)
            .shown_by("row security", "off")
            .shown_by("reaches", how)
            .described(survey, relation)
            .hinted(format!("revoke SELECT on {name} now; then enable row security with a policy that names the caller")),
    )
    .map(|claim| Claim { shows_all: true, ..claim })
}

fn whole(audience: &[(Oid, &Access)]) -> bool {
    audience.iter().any(|(_, access)| **access == Access::Whole)
}

fn only_app(survey: &Survey, roles: &[Oid]) -> bool {
    use crate::investigate::database::roles::Station;
    roles
        .iter()
        .all(|role| survey.roles.station(*role) == Station::App)
}

fn explain(
    survey: &Survey,
    relation: &Relation,
    kin: Option<Oid>,
    twin: Option<Oid>,
    audience: &[(Oid, &Access)],
) -> (&'static str, String) {
    let name = relation.full_name();
    let other = |oid: Option<Oid>| {
        oid.and_then(|oid| survey.relation(oid))
            .map_or_else(String::new, Relation::full_name)
    };
    let holds = |class| survey.classes(relation.oid).any(|(_, own)| own == class);
    if !survey.policies(relation.oid).is_empty() {
        (
            "G02",
            format!("{name} has policies, but row security was never switched on"),
        )
    } else if kin.is_some() && relation.partition {
        (
            "G06",
            format!(
                "{name} is a partition of {} and is readable without its policies",
                other(kin)
            ),
        )
    } else if kin.is_some() {
        (
            "G07",
            format!(
                "{name} inherits from {} and is readable without its policies",
                other(kin)
            ),
        )
    } else if twin.is_some() {
        (
            "G08",
            format!(
                "{name} is a copy of {} without its row security",
                other(twin)
            ),
        )
    } else if !whole(audience) {
        (
            "G03",
            format!("sensitive columns of {name} are granted without row security"),
        )
    } else if holds(ColumnClass::Secret) {
        (
            "G11",
            format!("secrets in {name} are readable: row security is off"),
        )
    } else if holds(ColumnClass::Metadata) {
        (
            "G10",
            format!("{name} keeps whole rows of other tables and is readable without row security"),
        )
    } else if survey.belongs_to(relation.oid).is_some() {
        let parent = other(survey.belongs_to(relation.oid));
        (
            "G09",
            format!("{name} belongs to rows of {parent}, but its own row security is off"),
        )
    } else {
        ("G01", format!("{name} is readable and row security is off"))
    }
}

fn protected_ancestor(survey: &Survey, relation: &Relation) -> Option<Oid> {
    survey
        .ancestors(relation.oid)
        .into_iter()
        .find(|oid| survey.relation(*oid).is_some_and(|parent| parent.rls))
}

/// Tables under row security by their column names, to find their copies.
#[derive(Debug)]
struct Twins {
    by_columns: HashMap<Vec<String>, (Oid, String)>,
    by_name: HashMap<String, Oid>,
}

impl Twins {
    fn new(survey: &Survey) -> Self {
        let mut twins = Self {
            by_columns: HashMap::new(),
            by_name: HashMap::new(),
        };
        for relation in survey
            .snapshot
            .relations
            .iter()
            .filter(|r| r.is_table() && r.rls && !r.partition)
        {
            if relation.columns.len() >= 4 {
                twins.by_columns.insert(
                    column_names(relation),
                    (relation.oid, relation.name.clone()),
                );
            }
            twins.by_name.insert(relation.name.clone(), relation.oid);
        }
        twins
    }

    fn of(&self, relation: &Relation) -> Option<Oid> {
        if relation.partition {
            return None;
        }
        let copied = looks_copied(&relation.name);
        let stem = copied.and_then(|stem| self.by_name.get(stem));
        stem.copied().or_else(|| {
            let (oid, name) = self.by_columns.get(&column_names(relation))?;
            relation.name.contains(name.as_str()).then_some(*oid)
        })
    }
}

fn column_names(relation: &Relation) -> Vec<String> {
    let mut names: Vec<String> = relation
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect();
    names.sort();
    names
}

/// The name before `_backup`, `_old`, a date and the like.
fn looks_copied(name: &str) -> Option<&str> {
    const WORDS: [&str; 8] = [
        "backup", "bak", "old", "copy", "tmp", "archive", "snapshot", "export",
    ];
    name.match_indices('_').find_map(|(at, _)| {
        let rest = &name[at + 1..];
        let dated = rest.len() >= 6 && rest.chars().all(|c| c.is_ascii_digit() || c == '_');
        (dated || WORDS.iter().any(|word| rest.starts_with(word))).then_some(&name[..at])
    })
}

#[cfg(test)]
mod tests {
    use super::looks_copied;

    #[test]
    fn copies_are_known_by_their_names() {
        assert_eq!(looks_copied("customers_backup_2026"), Some("customers"));
        assert_eq!(looks_copied("customers_20260101"), Some("customers"));
        assert_eq!(looks_copied("user_orders_old"), Some("user_orders"));
        assert_eq!(looks_copied("household_items"), None);
    }
}
