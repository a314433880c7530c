//! Laws of grants, without a server: what a `REVOKE` removes, and which
//! `GRANT`s bring it back.

use super::grant::Grant;
use crate::domain::action::Statement;
use crate::domain::digest::Digest;
use crate::providers::postgres::ident;
use std::collections::{BTreeMap, BTreeSet};

/// Whose rights are taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    pub roles: BTreeSet<String>,
}

impl Cut {
    /// PUBLIC is always cut too: every role reads through it.
    pub fn takes(&self, grant: &Grant) -> bool {
        grant
            .grantee
            .as_ref()
            .is_none_or(|grantee| self.roles.contains(grantee))
    }
}

/// What a cut does to a set of grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Rights of the roles named, and of PUBLIC.
    pub taken: Vec<Grant>,
    /// Rights that fall with them, since the one who gave them could no
    /// longer have done so.
    pub dependent: Vec<Grant>,
    pub left: Vec<Grant>,
}

impl Effect {
    fn lost(&self) -> impl Iterator<Item = &Grant> {
        self.taken.iter().chain(&self.dependent)
    }

    /// Whether other lost rights hang on this one.
    fn takes_along(&self, grant: &Grant) -> bool {
        grant.grantable
            && self
                .lost()
                .any(|g| g.beside(grant) && Some(&g.grantor) == grant.grantee.as_ref())
    }

    /// Whether this right hangs on another lost one.
    fn falls_with_another(&self, grant: &Grant) -> bool {
        self.lost()
            .any(|g| g.beside(grant) && g.grantable && g.grantee.as_ref() == Some(&grant.grantor))
            && grant.grantor != grant.owner
    }
}

/// Computes what the server will do, by its own rule: when a right with grant
/// option is taken, the rights its holder gave away in the same list fall
/// too, unless the holder has the option from somebody else.
pub fn effect(before: &[Grant], cut: impl Fn(&Grant) -> bool) -> Effect {
    let (taken, mut left): (Vec<Grant>, Vec<Grant>) = before.iter().cloned().partition(cut);
    let mut dependent: Vec<Grant> = Vec::new();
    let mut fallen = taken.clone();
    while let Some(lost) = fallen.pop() {
        let Some(holder) = lost.grantee.as_ref().filter(|_| lost.grantable) else {
            continue;
        };
        let still = *holder == lost.owner
            || left
                .iter()
                .any(|g| g.beside(&lost) && g.grantable && g.grantee.as_ref() == Some(holder));
        if still {
            continue;
        }
        let (falls, stays) = left
            .into_iter()
            .partition(|g| g.beside(&lost) && g.grantor == *holder);
        left = stays;
        fallen.extend(falls.iter().cloned());
        dependent.extend(falls);
    }
    Effect {
        taken,
        dependent,
        left,
    }
}

/// The statements of a cut: one `REVOKE` for each object and grantor.
/// Taking a right to a relation takes the rights to its columns as well.
/// Other grantors come before the owner, whose turn may end their option;
/// what falls by CASCADE needs no statement of its own.
pub fn revokes(effect: &Effect) -> Vec<Statement> {
    let mut groups: BTreeMap<(bool, String, &str), Vec<&Grant>> = BTreeMap::new();
    for grant in effect
        .taken
        .iter()
        .filter(|g| !effect.falls_with_another(g))
    {
        let key = (
            grant.grantor == grant.owner,
            grant.object(),
            grant.grantor.as_str(),
        );
        groups.entry(key).or_default().push(grant);
    }
    let mut out = Vec::new();
    for ((_, object, grantor), group) in groups {
        let right = group[0].kind.right();
        let from: BTreeSet<String> = group.iter().map(|g| g.to()).collect();
        let from: Vec<String> = from.into_iter().collect();
        let (cascade, why) = if group.iter().any(|g| effect.takes_along(g)) {
            (
                " CASCADE",
                "take the right, and the rights these roles gave on",
            )
        } else {
            ("", "take the right")
        };
        let statement = Statement {
            sql: format!(
                "REVOKE {right} ON {object} FROM {}{cascade}",
                from.join(", ")
            ),
            why: why.to_owned(),
        };
        as_grantor(&mut out, &group[0].owner, grantor, statement);
    }
    out
}

/// The statements that bring lost grants back, each after the one that gives
/// its grantor the option.
pub fn grants(effect: &Effect) -> Vec<Statement> {
    let mut held = effect.left.clone();
    let mut missing: Vec<&Grant> = effect.lost().collect();
    missing.sort();
    let mut out = Vec::new();
    while !missing.is_empty() {
        let (ready, waiting): (Vec<&Grant>, Vec<&Grant>) =
            missing.iter().partition(|g| may_give(&held, g));
        // A grantor without the option is one that holds it by ways the list
        // does not show; the server decides.
        let (now, later) = if ready.is_empty() {
            (waiting, Vec::new())
        } else {
            (ready, waiting)
        };
        for grant in now {
            held.push(grant.clone());
            let column = grant
                .column
                .as_deref()
                .map(|column| format!(" ({})", ident(column)))
                .unwrap_or_default();
            let option = if grant.grantable {
                " WITH GRANT OPTION"
            } else {
                ""
            };
            as_grantor(
                &mut out,
                &grant.owner,
                &grant.grantor,
                Statement {
                    sql: format!(
                        "GRANT {}{column} ON {} TO {}{option}",
                        grant.kind.right(),
                        grant.object(),
                        grant.to()
                    ),
                    why: "give the recorded right back".to_owned(),
                },
            );
        }
        missing = later;
    }
    out
}

fn may_give(held: &[Grant], grant: &Grant) -> bool {
    grant.grantor == grant.owner
        || held.iter().any(|g| {
            g.grantable
                && g.on_same(grant)
                && (g.column == grant.column || g.column.is_none())
                && g.grantee.as_ref() == Some(&grant.grantor)
        })
}

/// Rights can be taken and given only in the name of who gave them. The
/// server acts for the owner by itself; for others the role is assumed.
pub fn as_grantor(out: &mut Vec<Statement>, owner: &str, grantor: &str, statement: Statement) {
    if grantor == owner {
        out.push(statement);
        return;
    }
    out.push(Statement {
        sql: format!("SET LOCAL ROLE {}", ident(grantor)),
        why: "act as the one who gave the right".to_owned(),
    });
    out.push(statement);
    out.push(Statement {
        sql: "SET LOCAL ROLE NONE".to_owned(),
        why: "act as the login again".to_owned(),
    });
}

/// Names a set of grants, whatever the order.
pub fn digest(grants: &[Grant]) -> Digest {
    let sorted: BTreeSet<&Grant> = grants.iter().collect();
    // Serialising plain strings cannot fail; an empty image would only look
    // like drift, never hide it.
    Digest::of(&serde_json::to_vec(&sorted).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::grant::Kind;
    use super::*;

    fn grant(grantor: &str, grantee: &str, grantable: bool) -> Grant {
        Grant {
            schema: "public".to_owned(),
            name: "t".to_owned(),
            column: None,
            owner: "boss".to_owned(),
            grantor: grantor.to_owned(),
            grantee: (grantee != "PUBLIC").then(|| grantee.to_owned()),
            grantable,
            kind: Kind::Relation,
        }
    }

    fn taken_by(role: &str) -> impl Fn(&Grant) -> bool {
        let cut = Cut {
            roles: [role.to_owned()].into(),
        };
        move |grant| cut.takes(grant)
    }

    fn sql(statements: &[Statement]) -> Vec<&str> {
        statements.iter().map(|s| s.sql.as_str()).collect()
    }

    #[test]
    fn public_goes_with_the_role_and_comes_back() {
        let before = [
            grant("boss", "boss", false),
            grant("boss", "anon", false),
            grant("boss", "PUBLIC", false),
        ];
        let effect = effect(&before, taken_by("anon"));
        assert_eq!(effect.left, [grant("boss", "boss", false)]);
        assert_eq!(
            sql(&revokes(&effect)),
            ["REVOKE SELECT ON \"public\".\"t\" FROM \"anon\", PUBLIC"]
        );
        assert_eq!(
            sql(&grants(&effect)),
            [
                "GRANT SELECT ON \"public\".\"t\" TO PUBLIC",
                "GRANT SELECT ON \"public\".\"t\" TO \"anon\""
            ]
        );
    }

    #[test]
    fn what_was_given_on_falls_and_returns_in_order() {
        let before = [
            grant("boss", "anon", true),
            grant("anon", "bob", true),
            grant("bob", "carol", false),
        ];
        let effect = effect(&before, taken_by("anon"));
        assert_eq!(effect.dependent.len(), 2);
        assert!(effect.left.is_empty());
        assert_eq!(
            sql(&revokes(&effect)),
            ["REVOKE SELECT ON \"public\".\"t\" FROM \"anon\" CASCADE"]
        );
        let back = grants(&effect);
        let order: Vec<&str> = sql(&back)
            .into_iter()
            .filter(|s| s.starts_with("GRANT"))
            .collect();
        assert_eq!(
            order,
            [
                "GRANT SELECT ON \"public\".\"t\" TO \"anon\" WITH GRANT OPTION",
                "GRANT SELECT ON \"public\".\"t\" TO \"bob\" WITH GRANT OPTION",
                "GRANT SELECT ON \"public\".\"t\" TO \"carol\""
            ]
        );
        assert_eq!(back[1].sql, "SET LOCAL ROLE \"anon\"");
    }

    #[test]
    fn a_second_source_of_the_option_keeps_what_was_given() {
        let before = [
            grant("boss", "mid", true),
            grant("boss", "other", true),
            grant("other", "mid", true),
            grant("mid", "anon", false),
        ];
        let effect = effect(&before, taken_by("other"));
        assert_eq!(effect.left, [before[0].clone(), before[3].clone()]);
    }

    #[test]
    fn a_foreign_grantor_is_assumed() {
        let effect = effect(
            &[grant("boss", "mid", true), grant("mid", "anon", false)],
            taken_by("anon"),
        );
        assert_eq!(
            sql(&revokes(&effect)),
            [
                "SET LOCAL ROLE \"mid\"",
                "REVOKE SELECT ON \"public\".\"t\" FROM \"anon\"",
                "SET LOCAL ROLE NONE"
            ]
        );
    }

    #[test]
    fn a_cut_role_that_gave_to_public_needs_one_statement() {
        let effect = effect(
            &[grant("boss", "anon", true), grant("anon", "PUBLIC", false)],
            taken_by("anon"),
        );
        assert_eq!(
            sql(&revokes(&effect)),
            ["REVOKE SELECT ON \"public\".\"t\" FROM \"anon\" CASCADE"]
        );
    }

    #[test]
    fn the_digest_does_not_depend_on_the_order() {
        let (a, b) = (grant("boss", "a", false), grant("boss", "b", true));
        assert_eq!(digest(&[a.clone(), b.clone()]), digest(&[b, a.clone()]));
        assert_ne!(digest(std::slice::from_ref(&a)), digest(&[]));
    }
}
