//! The laws of facts.

use super::super::normal::{Marks, Normal};
use super::*;

fn facts(raw: &str) -> Facts {
    let (mut plain, mut numbered) = (Normal::default(), Normal::default());
    plain.read(raw, Marks::Plain);
    numbered.read(raw, Marks::Numbered);
    read(&plain.text, &numbered.text, plain.tokens)
}

fn columns(set: &std::collections::BTreeSet<String>) -> Vec<&str> {
    set.iter().map(String::as_str).collect()
}

#[test]
fn a_lookup_by_key_names_its_object_and_tenant() {
    let facts = facts("select c.* from public.customers c where c.id = $1 and c.org_id = 7");
    assert_eq!(facts.statement.tables, ["customers"]);
    assert_eq!(columns(&facts.statement.bound), ["id", "org_id"]);
    assert_eq!(facts.object, Some(("customers".to_owned(), 0)));
    assert_eq!(facts.tenant, Some(1));
    assert!(facts.statement.star && !facts.statement.has_limit && facts.is_access);
    assert!(
        facts.label.starts_with("SELECT customers #"),
        "{}",
        facts.label
    );
    assert!(!facts.statement.text.contains('7'));
}

#[test]
fn an_alternative_binds_nothing() {
    let facts = facts("select id from customers where org_id = $1 or $2");
    assert!(facts.statement.equals.is_empty());
    assert_eq!(facts.tenant, None);
}

#[test]
fn postgrest_wraps_what_it_reads() {
    let facts = facts(
        r#"WITH pgrst_source AS ( SELECT "public"."customers".* FROM "public"."customers"  WHERE  "public"."customers"."org_id" = $1 LIMIT $2 OFFSET $3) SELECT null::bigint AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total, coalesce(json_agg(_postgrest_t), '[]') AS body FROM ( SELECT * FROM pgrst_source ) _postgrest_t"#,
    );
    assert!(!facts.statement.unread);
    assert_eq!(facts.statement.tables, ["customers"]);
    assert_eq!(columns(&facts.statement.bound), ["org_id"]);
    assert!(facts.statement.has_limit && facts.statement.star);
    assert_eq!((facts.tenant, facts.limit), (Some(0), Some(1)));
}

#[test]
fn joins_subqueries_and_lists_bind() {
    let joined = facts(
        "select o.* from orders o join customers c on c.id = o.customer_id where c.org_id = any($1)",
    );
    assert_eq!(joined.statement.tables, ["orders", "customers"]);
    assert_eq!(
        columns(&joined.statement.equals),
        ["customer_id", "id", "org_id"]
    );
    assert_eq!(columns(&joined.statement.bound), ["org_id"]);
    let inner = facts(
        "select * from invoices where org_id in (select org_id from members where user_id = $1)",
    );
    assert_eq!(inner.statement.tables, ["invoices", "members"]);
    assert_eq!(columns(&inner.statement.bound), ["org_id", "user_id"]);
}

#[test]
fn the_databases_own_business_is_no_access() {
    for raw in [
        "BEGIN",
        "set local role authenticated",
        "select set_config('role', $1, true)",
        "select 1",
        "select * from pg_catalog.pg_class",
        "select n.nspname from pg_namespace n",
        "SELECT * FROM information_schema.tables",
        "FETCH 100 FROM c",
    ] {
        assert!(!facts(raw).is_access, "{raw}");
    }
    assert!(facts("select * from get_customers($1)").is_access);
    let script = facts("set role x; select * from customers where id = 5; commit");
    assert_eq!(script.statement.verb, "select");
    assert_eq!(script.object, Some(("customers".to_owned(), 0)));
}

#[test]
fn exports_have_verbs_of_their_own() {
    let copy = facts("COPY public.customers (id, email) TO stdout;");
    assert_eq!(
        (copy.statement.verb.as_str(), copy.statement.star),
        ("copy", false)
    );
    let copy = facts("COPY (select * from customers) TO STDOUT WITH (FORMAT csv)");
    assert_eq!(copy.statement.tables, ["customers"]);
    let into = facts("COPY customers FROM stdin");
    assert_eq!(into.statement.verb, "copy in");
    let cursor = facts("DECLARE c CURSOR FOR SELECT * FROM customers");
    assert_eq!(cursor.statement.verb, "declare");
    assert_eq!(cursor.statement.tables, ["customers"]);
    assert!(!cursor.statement.unread);
}

#[test]
fn what_no_parser_reads_is_said_to_be_unread() {
    let facts = facts("select * from customers where where org_id = 4");
    assert!(facts.statement.unread && facts.is_access);
    assert_eq!(facts.statement.tables, ["customers"]);
}

#[test]
fn deep_statements_do_not_end_the_program() {
    let mut chains = vec![
        format!("select * from t where {} true", "not ".repeat(900)),
        format!("select {}1{}", "(".repeat(900), ")".repeat(900)),
    ];
    for joint in [
        " or a = 1",
        "::text",
        "[1]",
        " union select 1",
        " + 1",
        " is null",
    ] {
        chains.push(format!("select a from t where a{}", joint.repeat(1_200)));
    }
    for chain in chains {
        let shape = std::thread::Builder::new()
            .stack_size(2 << 20)
            .spawn(move || facts(&chain).label)
            .unwrap();
        assert!(shape.join().unwrap().len() > 5);
    }
}
