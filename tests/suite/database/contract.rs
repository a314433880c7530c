//! The contract of the command: JSON lines, exit codes, warnings, and what a
//! broken address or a missing right gives.

use super::settings::load;
use super::{check, command};
use crate::support::lab::lab_blocking;

#[test]
pub fn every_line_has_the_fields_of_the_contract() {
    let lab = lab_blocking();
    load(&lab);
    let answer = check(&lab, "postgres");
    for finding in &answer.findings {
        for key in [
            "check",
            "title",
            "severity",
            "confidence",
            "subject",
            "principal",
            "causes",
            "evidence",
            "hint",
        ] {
            assert!(finding.get(key).is_some(), "{key} in {finding}");
        }
        assert!(finding["subject"]["kind"].is_string() && finding["subject"]["name"].is_string());
        assert!(!finding["hint"].as_str().unwrap_or_default().is_empty());
    }
    for key in ["check", "looked_at", "could_not", "warnings"] {
        assert!(
            answer.coverage.get(key).is_some(),
            "{key} in {}",
            answer.coverage
        );
    }
    assert_eq!(answer.coverage["check"], "database");
    assert!(answer.err.contains("is a superuser"), "{}", answer.err);
}

#[test]
pub fn two_runs_agree() {
    let lab = lab_blocking();
    load(&lab);
    let names = |answer: &super::Answer| -> Vec<String> {
        answer
            .findings
            .iter()
            .map(|f| format!("{} {} {}", f["check"], f["subject"], f["confidence"]))
            .collect()
    };
    assert_eq!(
        names(&check(&lab, "postgres")),
        names(&check(&lab, "postgres"))
    );
}

#[test]
pub fn an_empty_database_without_roles_is_told_as_it_is() {
    let lab = lab_blocking();
    let answer = check(&lab, "postgres");
    assert!(answer.findings.is_empty(), "{:#?}", answer.findings);
    assert_eq!(answer.coverage["looked_at"], 0);
}

#[test]
pub fn what_cannot_run_says_why_and_what_next_with_code_3() {
    let (code, out, err) = command("postgres://nobody@127.0.0.1:1/none", true);
    assert_eq!(code, 3);
    assert!(out.is_empty());
    assert!(err.contains("why:") && err.contains("next:"), "{err}");
}

#[test]
pub fn the_table_for_people_shows_findings_cells_and_a_conclusion() {
    let lab = lab_blocking();
    load(&lab);
    let (code, out, _) = command(&lab.url("postgres"), false);
    assert_eq!(code, 1);
    for part in [
        "crm.leak_null",
        "confirmed",
        "who reads what",
        "next: ",
        "Found something.",
    ] {
        assert!(out.contains(part), "{part} in\n{out}");
    }
}

#[test]
pub fn names_made_to_drive_a_terminal_are_made_visible() {
    let lab = lab_blocking();
    load(&lab);
    let app = format!("{}_app", lab.database);
    lab.exec_blocking(&format!(
        "create table crm.\"x\u{1b}]0;owned\u{7}\" (tenant_id int, email text); \
         grant select on crm.\"x\u{1b}]0;owned\u{7}\" to {app}"
    ));
    for json in [true, false] {
        let (_, out, err) = command(&lab.url("postgres"), json);
        assert!(out.contains("x^[]0;owned"), "{out}");
        assert!(!out.contains('\u{1b}') && !out.contains("\\u001b") && !err.contains('\u{1b}'));
    }
}
