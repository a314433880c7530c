//! Conditions as the server writes them, and bodies as people do.

use super::super::candidates::{self, Candidate};
use super::super::known::{Index, Known};
use super::*;
use crate::investigate::database::roles::Roles;
use crate::investigate::database::snapshot::{Column, Function, Policy, Relation, Snapshot};

const DOCS: Oid = 10;
const MEMBERS: Oid = 11;

fn relation(oid: Oid, name: &str, columns: &[(&str, &str)]) -> Relation {
    let columns = columns.iter().zip(1..).map(|((name, kind), num)| Column {
        num,
        name: (*name).to_owned(),
        kind: (*kind).to_owned(),
        required: false,
    });
    Relation {
        oid,
        schema: "public".into(),
        name: name.into(),
        kind: "r".into(),
        rls: true,
        columns: columns.collect(),
        ..Relation::default()
    }
}

fn function(oid: Oid, name: &str, source: &str) -> Function {
    Function {
        oid,
        schema: "public".into(),
        name: name.into(),
        language: "plpgsql".into(),
        volatility: "s".into(),
        source: Some(source.into()),
        ..Function::default()
    }
}

fn survey(conditions: &[&str]) -> Survey {
    let docs = [
        ("id", "int4"),
        ("org_id", "uuid"),
        ("user_id", "uuid"),
        ("slug", "varchar"),
        ("readers", "_uuid"),
        ("kind", "text"),
    ];
    let members = [("org_id", "uuid"), ("user_id", "uuid"), ("role", "text")];
    let policies = conditions.iter().zip(20..).map(|(text, oid)| Policy {
        oid,
        relation: DOCS,
        name: format!("p{oid}"),
        command: "r".into(),
        permissive: true,
        roles: vec![0],
        using: Some((*text).to_owned()),
        ..Policy::default()
    });
    let body = "begin return exists (select 1 from members m where m.user_id = me and m.org_id = org); end";
    let snapshot = Snapshot {
        relations: vec![
            relation(DOCS, "docs", &docs),
            relation(MEMBERS, "members", &members),
        ],
        policies: policies.collect(),
        functions: vec![
            function(40, "is_member", body),
            function(41, "me", "begin return 1; end"),
        ],
        ..Snapshot::default()
    };
    let mut survey = Survey::new(snapshot, Roles::default());
    survey.set_tenant(DOCS, "org_id");
    survey.set_tenant(MEMBERS, "org_id");
    survey
}

fn index(relation: Oid, keys: &[&str]) -> Index {
    Index {
        relation,
        name: keys.join("_"),
        method: "btree".into(),
        valid: true,
        keys: keys.iter().map(|key| Some((*key).to_owned())).collect(),
        ..Index::default()
    }
}

/// What is missing for these conditions, as `table(keys)`.
fn missing(conditions: &[&str], indexes: Vec<Index>) -> Vec<String> {
    let survey = survey(conditions);
    let found = candidates::find(&survey, &Known::new(indexes));
    let shown = |candidate: &Candidate| {
        let keys: Vec<String> = candidate.keys.iter().map(Key::shown).collect();
        let name = survey.relation(candidate.relation).map(|r| r.name.clone());
        format!("{}({})", name.unwrap_or_default(), keys.join(", "))
    };
    found.candidates.iter().map(shown).collect()
}

const OWN: &str = "(org_id = (current_setting('app.org'::text))::uuid)";
const HASHED: &str =
    "(org_id IN ( SELECT m.org_id FROM public.members m WHERE (m.user_id = public.me())))";
const JOINED: &str = "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.org_id = docs.org_id) AND (m.user_id = public.me()))))";

#[test]
fn a_condition_names_what_it_looks_up_and_where() {
    assert_eq!(missing(&[OWN], vec![]), ["docs(org_id)"]);
    assert_eq!(
        missing(&[HASHED], vec![]),
        ["docs(org_id)", "members(user_id)"]
    );
    assert_eq!(
        missing(&[JOINED], vec![]),
        ["docs(org_id)", "members(org_id, user_id)"]
    );
    assert_eq!(
        missing(&["public.is_member(org_id)"], vec![]),
        ["members(org_id, user_id)"]
    );
    assert_eq!(
        missing(
            &["((org_id)::text = current_setting('app.org'::text))"],
            vec![]
        ),
        ["docs(org_id::text)"].map(|s| s.replace("org_id", "\"org_id\""))
    );
    let split = "((user_id = public.me()) OR (org_id = ANY (ARRAY( SELECT public.me() AS me))))";
    assert_eq!(missing(&[split], vec![]).len(), 2);
}

#[test]
fn constants_other_columns_and_what_is_not_equality_are_no_look_ups() {
    for text in [
        "true",
        "(kind = 'open'::text)",
        "(kind = ANY (ARRAY['a'::text, 'b'::text]))",
        "(org_id = user_id)",
        "(org_id <> public.me())",
        "(NOT (org_id = public.me()))",
        "(org_id IS NOT NULL)",
        "(public.me() = public.me())",
    ] {
        assert_eq!(missing(&[text], vec![]), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn one_index_serves_all_that_look_up_its_first_column() {
    let both = "((org_id = public.me()) AND (user_id = public.me()))";
    assert_eq!(missing(&[both, OWN], vec![]), ["docs(org_id)"]);
    assert_eq!(
        missing(&[JOINED, HASHED], vec![]),
        ["docs(org_id)", "members(user_id)"]
    );
}

#[test]
fn an_index_serves_if_it_leads_with_what_is_compared() {
    let none = Vec::<String>::new();
    let gone = |text: &str, index: Index| missing(&[text], vec![index]);
    assert_eq!(gone(OWN, index(DOCS, &["org_id"])), none);
    assert_eq!(gone(OWN, index(DOCS, &["org_id", "id"])), none);
    assert_eq!(gone(OWN, index(DOCS, &["id", "org_id"])), ["docs(org_id)"]);
    let kind = "((kind = 'open'::text) AND (org_id = public.me()))";
    assert_eq!(gone(kind, index(DOCS, &["kind", "org_id"])), none);
    assert_eq!(gone(kind, index(DOCS, &["kind", "id"])), ["docs(org_id)"]);
    let text = "((org_id)::text = current_setting('app.org'::text))";
    assert_eq!(gone(text, index(DOCS, &["((org_id)::text)"])), none);
    assert_eq!(gone(text, index(DOCS, &["org_id"])).len(), 1);
    let slug = "((slug)::text = current_setting('app.org'::text))";
    assert_eq!(gone(slug, index(DOCS, &["slug"])), none);
    let mut invalid = index(DOCS, &["org_id"]);
    invalid.valid = false;
    assert_eq!(gone(OWN, invalid).len(), 1);
    let mut brin = index(DOCS, &["org_id"]);
    brin.method = "brin".to_owned();
    assert_eq!(gone(OWN, brin).len(), 1);
}

#[test]
fn a_partial_index_serves_only_where_the_policy_says_its_condition() {
    let partial = |predicate: &str| {
        let mut partial = index(DOCS, &["org_id"]);
        partial.partial = true;
        partial.predicate = Some(predicate.to_owned());
        vec![partial]
    };
    let both = format!("({OWN} AND (kind = 'open'::text))");
    assert_eq!(missing(&[OWN], partial("(kind = 'open'::text)")).len(), 1);
    assert_eq!(missing(&[&both], partial("(kind = 'open'::text)")).len(), 0);
    assert_eq!(missing(&[OWN], partial("(org_id IS NOT NULL)")).len(), 0);
    assert_eq!(missing(&[OWN], partial("(user_id IS NOT NULL)")).len(), 1);
    assert_eq!(
        missing(&[&both], partial("((kind = 'open'::text) OR (id = 1))")).len(),
        1
    );
}

#[test]
fn what_comes_near_says_what_it_lacks() {
    let mut partial = index(DOCS, &["org_id"]);
    (partial.partial, partial.predicate) = (true, Some("(id > 5)".to_owned()));
    let known = Known::new(vec![
        partial,
        index(DOCS, &["id", "org_id"]),
        index(DOCS, &["lower(kind)"]),
        index(DOCS, &["user_id"]),
    ]);
    let near = known.near(DOCS, &Key::column("org_id"));
    assert_eq!(near.len(), 2, "{near:?}");
    assert!(
        near[0].contains("(id > 5)") && near[1].contains("only after id"),
        "{near:?}"
    );
    let kind = known.near(DOCS, &Key::column("kind"));
    assert!(
        kind.len() == 1 && kind[0].contains("lower(kind)"),
        "{kind:?}"
    );
}

#[test]
fn arrays_are_told_apart_from_values() {
    let member = "(public.me() = ANY (readers))";
    let contains = "(readers @> ARRAY[public.me()])";
    let forms = |text: &str| {
        let survey = survey(&[text]);
        let found = candidates::find(&survey, &Known::default());
        let all = found.candidates.iter();
        let drafts = all.map(|c| (c.servable(), c.draft(&survey, &Known::default())));
        drafts.collect::<Vec<_>>()
    };
    assert_eq!(forms(member), [(false, Vec::new())]);
    let draft = "CREATE INDEX CONCURRENTLY ON \"public\".\"docs\" USING gin (\"readers\")";
    assert_eq!(forms(contains), [(true, vec![draft.to_owned()])]);
    let mut gin = index(DOCS, &["readers"]);
    gin.method = "gin".to_owned();
    assert_eq!(missing(&[contains], vec![gin.clone()]).len(), 0);
    assert_eq!(missing(&[member], vec![gin]).len(), 1);
}
