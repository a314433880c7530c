//! A record and a playbook with one of everything in them.

use crate::support::record::{Chain, opening};
use chrono::{NaiveDate, TimeDelta};
use firsthour::domain::action::{Plan, Proof, Statement};
use firsthour::domain::check::{Coverage, Gap};
use firsthour::domain::digest::Digest;
use firsthour::domain::entry::{Draft, EvidenceRef};
use firsthour::domain::exposure::{Cell, ColumnClass, RelationShape, Verdict};
use firsthour::domain::fact::{
    Answered, Applied, Approved, CauseJudged, CheckDone, Fact, FindingRaised, Intended, Mapped,
    Noted, Planned, Proved, StepSkipped, StepStarted,
};
use firsthour::domain::finding::{
    Confidence, Evidence, Finding, RootCause, Severity, Subject, SubjectKind,
};
use firsthour::domain::playbook::{
    ActionCall, Ask, CheckCall, Destination, Next, Owner, Phase, Playbook, Step,
};
use firsthour::domain::stance::Mode;
use std::collections::BTreeMap;

fn finding(check: &str, title: &str, confidence: Confidence) -> Fact {
    Fact::FindingRaised(FindingRaised {
        by: "database.reach".to_owned(),
        finding: Finding {
            check: check.to_owned(),
            title: title.to_owned(),
            severity: Severity::Critical,
            confidence,
            subject: Subject {
                kind: SubjectKind::Table,
                name: format!("public.{title}"),
            },
            principal: Some("ghost".to_owned()),
            causes: vec![RootCause::R2],
            evidence: vec![Evidence {
                what: format!("rows {title}"),
                value: title.to_owned(),
            }],
            hint: format!("revoke {title}"),
            fix: None,
            trail: None,
        },
    })
}

fn cell(relation: &str, principal: &str, verdict: Verdict) -> Cell {
    Cell {
        relation: relation.to_owned(),
        principal: principal.to_owned(),
        verdict,
        rows: Some(1000),
        bounded: true,
        basis: format!("select 1 from {relation} limit 1"),
    }
}

fn plan(subject: &str) -> Plan {
    let statement = |sql: String| Statement {
        sql,
        why: "it closes the door".to_owned(),
    };
    Plan {
        action: "restrict.revoke".to_owned(),
        target: "production".to_owned(),
        subject: Subject {
            kind: SubjectKind::Table,
            name: subject.to_owned(),
        },
        confirm: "production".to_owned(),
        statements: vec![statement(format!("revoke select on {subject} from anon"))],
        undo: vec![statement(format!("grant select on {subject} to anon"))],
        before: Vec::new(),
        cells: Vec::new(),
        affects: vec![format!("anon {subject}")],
        locks: "none".to_owned(),
        proof: "probe again".to_owned(),
        undoes: None,
    }
}

fn coverage(check: &str, gap: &str) -> Fact {
    Fact::CheckDone(CheckDone {
        coverage: Coverage {
            check: check.to_owned(),
            looked_at: 12,
            could_not: vec![Gap {
                what: gap.to_owned(),
                why: format!("permission denied {gap}"),
            }],
        },
        fields: BTreeMap::new(),
        warnings: vec![format!("the login is a superuser {gap}")],
        findings: Vec::new(),
        ms: 5,
    })
}

fn at_step(fact: Fact) -> Draft {
    Draft::new(fact).at_step(Some("t1"))
}

/// One of everything, with `text` wherever text from outside can stand.
pub fn record(text: &str, mode: Mode) -> Chain {
    let mut chain = Chain::opened(text, mode);
    look(&mut chain, text);
    contain(&mut chain, text);
    let mut noted = Draft::new(Fact::Noted(Noted {
        text: text.to_owned(),
    }));
    noted.at = Some(opening() - TimeDelta::minutes(9));
    noted.ev = vec![EvidenceRef {
        h: Digest::of(b"blob"),
        n: 4,
        mt: "text/plain".to_owned(),
        what: text.to_owned(),
    }];
    chain.add(&noted);
    chain
}

/// A step is started, and a check finds, maps and leaves a gap.
fn look(chain: &mut Chain, text: &str) {
    chain
        .add(&at_step(Fact::StepStarted(StepStarted {
            title: text.to_owned(),
            budget_minutes: 5,
            because: text.to_owned(),
        })))
        .fact(finding("P06", text, Confidence::Suspected))
        .fact(finding("P01", text, Confidence::Confirmed))
        .fact(Fact::Mapped(Mapped {
            by_design: Vec::new(),
            acting: Vec::new(),
            relations: vec![RelationShape {
                name: format!("public.{text}"),
                kind: SubjectKind::Table,
                rows: Some(7),
                tenant_column: Some("tenant_id".to_owned()),
                classes: vec![ColumnClass::Email, ColumnClass::StripeId],
            }],
            cells: vec![
                cell(&format!("public.{text}"), "ghost", Verdict::Foreign),
                cell("public.safe", "ghost", Verdict::None),
                cell("public.open", text, Verdict::Undecided),
            ],
        }))
        .fact(coverage("database.reach", text))
        .fact(Fact::CauseJudged(CauseJudged {
            cause: RootCause::R3,
            state: Confidence::RuledOut,
            reason: text.to_owned(),
        }))
        .fact(Fact::Answered(Answered {
            ask: "active".to_owned(),
            answer: text.to_owned(),
        }));
}

/// A plan is shown, approved, applied and proved; the step is then skipped.
fn contain(chain: &mut Chain, text: &str) {
    let plan = plan(text);
    let digest = plan.digest();
    chain
        .add(&at_step(Fact::Planned(Planned {
            digest: digest.clone(),
            plan,
        })))
        .fact(Fact::Approved(Approved {
            plan: digest.clone(),
            typed: "production".to_owned(),
        }))
        .fact(Fact::Intended(Intended {
            plan: digest.clone(),
            action: "restrict.revoke".to_owned(),
            target: text.to_owned(),
        }))
        .fact(Fact::Applied(Applied {
            plan: digest.clone(),
            ms: 8,
        }))
        .fact(Fact::Proved(Proved {
            plan: digest,
            proof: Proof {
                holds: Some(true),
                text: text.to_owned(),
                cells: Vec::new(),
            },
        }))
        .add(&at_step(Fact::StepSkipped(StepSkipped {
            reason: text.to_owned(),
        })));
}

pub fn playbook(text: &str) -> Playbook {
    let step = Step {
        id: "t1".to_owned(),
        title: text.to_owned(),
        goal: String::new(),
        owner: Owner::Operator,
        budget_minutes: 5,
        prose: Vec::new(),
        asks: vec![Ask {
            id: "roles".to_owned(),
            text: format!("Which roles? {text}"),
            options: Vec::new(),
        }],
        checks: vec![CheckCall {
            uses: "database.policies".to_owned(),
            with: BTreeMap::new(),
        }],
        actions: vec![ActionCall {
            uses: "restrict.revoke".to_owned(),
            with: BTreeMap::new(),
            review_by_hours: 24,
        }],
        hand: Vec::new(),
        next: Next {
            rules: Vec::new(),
            unknown: None,
            otherwise: Destination::End,
        },
        line: 1,
    };
    Playbook {
        id: "data-leak".to_owned(),
        title: "Customer data leak".to_owned(),
        reviewed: NaiveDate::from_ymd_opt(2026, 8, 1).unwrap(),
        drilled: None,
        max_age_days: 90,
        phases: vec![Phase {
            id: "T1".to_owned(),
            title: text.to_owned(),
            budget_minutes: 5,
            steps: vec![step],
        }],
        source: String::new(),
        sha256: Digest::of(b"playbook"),
    }
}
