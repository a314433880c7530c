//! Laws of the comparison, and the cases where direction is easily mistaken.

use super::super::portrait::Presence;
use super::*;

fn table(name: &str, rls: bool) -> Thing {
    Thing {
        kind: Kind::Table,
        name: name.into(),
        on: None,
        presence: Presence::IfGranted,
        facets: [("row security".to_owned(), Facet::Closes(rls))].into(),
    }
}

fn policy(name: &str, permissive: bool, roles: &[&str], text: &str) -> Thing {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let condition = Facet::Condition {
        text: text.into(),
        width: 0,
        hole: None,
    };
    Thing {
        kind: Kind::Policy,
        name: name.into(),
        on: Some("public.t".into()),
        presence: if permissive {
            Presence::Opens
        } else {
            Presence::Closes
        },
        facets: [
            ("permissive".to_owned(), Facet::Opens(permissive)),
            ("roles".to_owned(), Facet::Set(roles)),
            ("condition".to_owned(), condition),
        ]
        .into(),
    }
}

fn grant(grantee: &str, object: &str, of: Option<&str>) -> Granted {
    Granted {
        kind: if of.is_some() {
            Kind::Column
        } else {
            Kind::Table
        },
        object: object.into(),
        of: of.map(str::to_owned),
        grantee: grantee.into(),
        privileges: ["SELECT".to_owned()].into(),
    }
}

fn portrait(things: &[Thing], grants: &[Granted]) -> Portrait {
    Portrait {
        things: things.to_vec(),
        grants: grants.iter().cloned().collect(),
        ..Portrait::of("d")
    }
}

fn effects(a: &Portrait, b: &Portrait) -> Vec<Effect> {
    let drift = compare(a, b);
    drift.differences.iter().map(|d| d.effect).collect()
}

fn samples() -> Vec<Portrait> {
    let tight = policy("p", true, &["app"], "(org = me())");
    let wide = policy("p", true, &["app", "anon"], "((org = me()) OR shared)");
    let gate = policy("gate", false, &["app"], "(active)");
    vec![
        portrait(&[], &[]),
        portrait(&[table("public.t", false)], &[]),
        portrait(
            &[table("public.t", true), tight.clone()],
            &[grant("app", "public.t", None)],
        ),
        portrait(
            &[table("public.t", true), wide],
            &[grant("public", "public.t", None)],
        ),
        portrait(
            &[table("public.t", true), tight, gate],
            &[grant("app", "public.t.c", Some("public.t"))],
        ),
    ]
}

#[test]
fn nothing_differs_from_itself_and_sides_turn() {
    for a in &samples() {
        assert!(compare(a, a).differences.is_empty());
        for b in &samples() {
            let mut there = effects(a, b);
            let mut back: Vec<Effect> = effects(b, a).into_iter().map(Effect::turned).collect();
            there.sort_unstable();
            back.sort_unstable();
            assert_eq!(there, back);
        }
    }
}

#[test]
fn a_restrictive_policy_for_more_roles_closes() {
    let with = |roles: &[&str]| {
        portrait(
            &[
                table("public.t", true),
                policy("p", false, roles, "(active)"),
            ],
            &[],
        )
    };
    assert_eq!(
        effects(&with(&["app", "anon"]), &with(&["app"])),
        [Effect::Closes]
    );
    let without = portrait(&[table("public.t", true)], &[]);
    assert_eq!(effects(&without, &with(&["app"])), [Effect::Opens]);
}

#[test]
fn policies_without_row_security_decide_nothing() {
    let first = portrait(
        &[
            table("public.t", false),
            policy("p", true, &["app"], "true"),
        ],
        &[],
    );
    let second = portrait(&[table("public.t", true)], &[]);
    assert_eq!(effects(&first, &second), [Effect::Opens, Effect::Neutral]);
}

#[test]
fn what_is_held_another_way_is_no_gain() {
    let things = [table("public.t", true)];
    let column = portrait(&things, &[grant("app", "public.t.c", Some("public.t"))]);
    let whole = portrait(&things, &[grant("app", "public.t", None)]);
    assert_eq!(effects(&whole, &column), [Effect::Opens, Effect::Neutral]);
    let mut group = portrait(&things, &[grant("team", "public.t", None)]);
    group.inherits.insert(("app".into(), "team".into()));
    let both = portrait(
        &things,
        &[
            grant("team", "public.t", None),
            grant("app", "public.t", None),
        ],
    );
    assert_eq!(effects(&both, &group), [Effect::Neutral]);
}

#[test]
fn what_one_side_could_not_read_is_not_compared() {
    let full = portrait(
        &[table("public.t", true), policy("p", true, &["app"], "true")],
        &[grant("app", "public.t", None)],
    );
    let mut blind = portrait(&[table("public.t", true)], &[]);
    blind.missing.insert(Kind::Policy);
    blind.without_grants = true;
    assert!(effects(&full, &blind).is_empty());
}
