//! Drafted fixes, run for real: each closes what it was drafted for, opens
//! nothing else, and members go on reading their own rows where it says so.

use super::{Answer, api_roles, check};
use crate::support::lab::{Lab, block_on, lab_blocking, leaky};
use firsthour::drill::shapes::SHAPES;
use serde_json::Value;
use std::collections::BTreeSet;

/// Findings that stand and are of medium or more.
fn serious(answer: &Answer) -> Vec<&Value> {
    let standing = answer.findings.iter();
    standing
        .filter(|f| matches!(f["severity"].as_str(), Some("critical" | "high" | "medium")))
        .filter(|f| matches!(f["confidence"].as_str(), Some("confirmed" | "suspected")))
        .collect()
}

fn key(finding: &Value) -> String {
    format!("{} {}", finding["check"], finding["subject"]["name"])
}

pub fn statements(finding: &Value) -> String {
    let all = finding["fix"]["statements"].as_array();
    let all: Vec<&str> = all
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    all.join("; ")
}

/// Every confirmed finding has a draft; run one by one, they leave none of
/// what they were drafted for, and nothing new.
fn assert_closed(lab: &Lab) -> Vec<Value> {
    let before = check(lab, "postgres");
    let found = serious(&before);
    let bare: Vec<String> = found
        .iter()
        .filter(|f| f["confidence"] == "confirmed" && f["fix"].is_null())
        .map(|f| key(f))
        .collect();
    assert_eq!(bare, Vec::<String>::new(), "confirmed and without a draft");
    let drafted: Vec<Value> = found
        .iter()
        .filter(|f| !f["fix"].is_null())
        .map(|f| (*f).clone())
        .collect();
    for finding in &drafted {
        lab.exec_blocking(&statements(finding));
    }
    let after = check(lab, "postgres");
    let keys =
        |findings: &[&Value]| -> BTreeSet<String> { findings.iter().map(|f| key(f)).collect() };
    let fixed: BTreeSet<String> = drafted.iter().map(key).collect();
    let left = serious(&after);
    let open: Vec<&&Value> = left.iter().filter(|f| fixed.contains(&key(f))).collect();
    assert!(open.is_empty(), "still found: {open:#?}");
    let known = keys(&found);
    let new: Vec<&&Value> = left.iter().filter(|f| !known.contains(&key(f))).collect();
    assert!(new.is_empty(), "new: {new:#?}");
    drafted
}

fn fixture(text: &str) -> Lab {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(&text.replace("{db}", &lab.database));
    lab
}

/// Rows of its own that a member reads of a relation.
fn own_rows(lab: &Lab, relation: &str) -> Option<String> {
    let sql = format!(
        "begin; select set_config('request.jwt.claims', json_build_object('sub', m.user_id, 'role', 'authenticated')::text, true),
           set_config('t.org', m.org_id::text, true) from public.org_members m where m.role = 'admin' order by m.org_id limit 1;
         set local role authenticated;
         select count(*) as own from {relation} where org_id::text = current_setting('t.org'); rollback"
    );
    lab.exec_blocking(&sql).pop()?.pop()?
}

#[test]
pub fn every_shape_of_a_drill_is_closed_and_members_keep_their_rows() {
    let mut silent = Vec::new();
    for shape in SHAPES {
        let (lab, _) = block_on(leaky(shape.id));
        let drafted = assert_closed(&lab);
        if drafted.is_empty() {
            silent.push(shape.id);
        }
        let kept = drafted.iter().all(|finding| {
            let text = statements(finding);
            finding["fix"]["decide"].is_null() && !text.contains("REVOKE")
        });
        let by_org = !matches!(shape.relation, "public.organizations");
        if kept && by_org && shape.id != "app-role-true" {
            let own = own_rows(&lab, shape.relation);
            assert!(
                own.as_deref().is_some_and(|n| n != "0"),
                "{}: {own:?} {drafted:#?}",
                shape.id
            );
        }
    }
}

#[test]
pub fn text_ids_and_claims_are_scoped_as_their_neighbours_are() {
    assert_closed(&fixture(include_str!(
        "../../fixtures/attack/workspaces.sql"
    )));
}

#[test]
pub fn a_gateways_tables_and_views_are_closed() {
    assert_closed(&fixture(include_str!("../../fixtures/attack/starter.sql")));
}

#[test]
pub fn odd_names_are_quoted_right() {
    let drafted = assert_closed(&fixture(include_str!("../../fixtures/attack/ledger.sql")));
    let all: String = drafted.iter().map(statements).collect();
    assert!(all.contains("\"Sales\".\"Kunden Übersicht\""), "{all}");
}

#[test]
pub fn a_schema_for_each_domain_is_closed() {
    assert_closed(&fixture(include_str!("../../fixtures/attack/domains.sql")));
}
