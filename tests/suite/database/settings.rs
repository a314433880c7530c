//! A plain schema: an application login whose settings name the tenant.

use super::{Answer, check, labelled};
use crate::support::lab::{Lab, lab_blocking};

const SCHEMA: &str = include_str!("../../fixtures/settings.sql");

/// Loads the schema with roles of this test's own.
pub fn load(lab: &Lab) {
    let roles = [
        ("app", "login"),
        ("portal", "login"),
        ("owner", "login"),
        ("bypass", "login bypassrls"),
        ("idle", "nologin"),
        ("reports", "login"),
        ("bare", "login"),
    ];
    let mut schema = SCHEMA.to_owned();
    for (role, options) in roles {
        let name = format!("{}_{role}", lab.database);
        lab.exec_blocking(&format!("create role {name} {options}"));
        schema = schema.replace(&format!("{{{role}}}"), &name);
    }
    lab.exec_blocking(&schema);
}

fn missed(lab: &Lab, answer: &Answer) -> Vec<String> {
    labelled(lab, "leak")
        .into_iter()
        .filter(|name| answer.about(name).is_empty())
        .collect()
}

fn accused(lab: &Lab, answer: &Answer) -> Vec<String> {
    labelled(lab, "safe")
        .into_iter()
        .filter(|name| !answer.about(name).is_empty())
        .collect()
}

#[test]
pub fn a_superuser_names_and_proves_the_leaks() {
    let lab = lab_blocking();
    load(&lab);
    let answer = check(&lab, "postgres");
    assert_eq!(missed(&lab, &answer), Vec::<String>::new());
    assert_eq!(accused(&lab, &answer), Vec::<String>::new());
    let bypass = format!("{}_bypass", lab.database);
    assert!(answer.confirmed(&bypass), "BYPASSRLS with SELECT is proven");
    assert_eq!(answer.code, 1);
}

#[test]
pub fn a_login_without_any_grant_still_names_them_and_says_what_it_could_not_do() {
    let lab = lab_blocking();
    load(&lab);
    let answer = check(&lab, &format!("{}_bare", lab.database));
    assert_eq!(missed(&lab, &answer), Vec::<String>::new());
    assert_eq!(accused(&lab, &answer), Vec::<String>::new());
    assert!(
        answer
            .findings
            .iter()
            .all(|finding| finding["confidence"] != "confirmed")
    );
    let gaps = answer.coverage["could_not"].to_string();
    assert!(gaps.contains("may not act as"), "{gaps}");
    assert_eq!(answer.code, 1);
}
