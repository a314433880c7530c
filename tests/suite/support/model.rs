//! A realistic incident for the screens: built by sealing drafts, reading
//! the lines back and folding them, as the program itself does.

use super::playbook::playbook;
use chrono::{DateTime, Duration, Utc};
use firsthour::app::model::{Abilities, Case, JournalState, Model};
use firsthour::app::screen::{ListView, Screen};
use firsthour::domain::action::{ActionSpec, Plan, Statement};
use firsthour::domain::check::{CheckSpec, Coverage, Gap};
use firsthour::domain::digest::Digest;
use firsthour::domain::entry::{Actor, ClockNote, Draft, Entry, Envelope, Mono, seal};
use firsthour::domain::exposure::{
    Acting, Cell, ColumnClass, Principal, PrincipalKind, RelationShape, Verdict,
};
use firsthour::domain::fact::{
    CheckDone, Fact, FindingRaised, Mapped, Opened, PlaybookPin, StepStarted,
};
use firsthour::domain::finding::{
    Confidence, Evidence, Finding, RootCause, Severity, Subject, SubjectKind,
};
use firsthour::domain::incident::Incident;
use firsthour::domain::stance::{Mode, Stance};
use std::collections::BTreeMap;
use std::sync::Arc;

/// When every incident of the suite begins.
pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_787_392_800, 0).unwrap()
}

/// What the program can do in these tests.
pub fn abilities() -> Abilities {
    Abilities {
        checks: vec![
            CheckSpec {
                id: "database.catalogue",
                title: "What is there",
                reads: "the catalogue, no rows",
                fields: &["relations"],
            },
            CheckSpec {
                id: "database.reach",
                title: "Who can read whose rows",
                reads: "up to 1,000 rows a relation, as each principal; no values are kept",
                fields: &["foreign"],
            },
        ],
        actions: [
            "restrict.revoke",
            "restrict.rls",
            "restrict.deny",
            "restrict.nologin",
        ]
        .map(|id| ActionSpec {
            id,
            title: "Take a right away",
            locks: "none on the table",
        })
        .to_vec(),
    }
}

/// A record under construction.
pub struct Record {
    pub entries: Vec<Arc<Entry>>,
    prev: Digest,
    minute: i64,
    second: i64,
}

impl Record {
    /// An incident that was just opened.
    pub fn opened(codename: &str, mode: Mode) -> Self {
        let mut record = Self {
            entries: Vec::new(),
            prev: Digest::of(b"genesis"),
            minute: 0,
            second: 0,
        };
        record.add(&Draft::new(Fact::IncidentOpened(Opened {
            title: "Customers see each other's invoices".into(),
            codename: codename.into(),
            mode,
            playbook: PlaybookPin {
                id: "data-leak".into(),
                title: "Data leak".into(),
                sha256: Digest::of(b"playbook"),
                origin: "data-leak".into(),
            },
            target: "lab".into(),
            seed: Some(7),
            leak: None,
            budget_minutes: 60,
        })));
        record
    }

    /// Lets time pass, in seconds.
    pub fn later(&mut self, seconds: i64) -> &mut Self {
        self.second += seconds;
        self.minute += self.second / 60;
        self.second %= 60;
        self
    }

    /// Seals a draft, reads the line back and keeps the entry.
    pub fn add(&mut self, draft: &Draft) -> &mut Self {
        let mono = Mono {
            boot: "boot".into(),
            ns: 1,
        };
        let clk = ClockNote { src: "ntp".into() };
        let act = Actor {
            id: "ada".into(),
            via: "tui".into(),
            host: "desk".into(),
        };
        let line = seal(
            draft,
            &Envelope {
                inc: "k7f3",
                wid: "w1",
                seq: self.entries.len() as u64 + 1,
                prev: &self.prev,
                ts: self.now(),
                mono: &mono,
                clk: &clk,
                hlc: "1.0",
                act: &act,
            },
        )
        .unwrap();
        let entry = Entry::read(line.as_bytes()).unwrap();
        self.prev = entry.h.clone();
        self.entries.push(Arc::new(entry));
        self
    }

    /// Adds a fact that belongs to a step.
    pub fn at(&mut self, step: &str, fact: Fact) -> &mut Self {
        self.add(&Draft::new(fact).at_step(Some(step)))
    }

    /// Takes a step in hand.
    pub fn take(&mut self, step: &str) -> &mut Self {
        let playbook = playbook();
        let found = playbook.step(step).unwrap();
        self.at(
            step,
            Fact::StepStarted(StepStarted {
                title: found.title.clone(),
                budget_minutes: found.budget_minutes,
                because: "the playbook begins here".into(),
            }),
        )
    }

    /// The moment after the last entry.
    pub fn now(&self) -> DateTime<Utc> {
        start() + Duration::seconds(self.minute * 60 + self.second)
    }

    /// The model with this incident open, on the map.
    pub fn model(&self, stance: Stance) -> Model {
        let mut model = Model::new(self.now(), abilities());
        model.stance = stance;
        model.case = Some(Case {
            incident: Incident::fold(self.entries.iter().cloned()),
            playbook: Arc::new(playbook()),
            journal: JournalState::Safe,
            target: "lab".into(),
            practice: stance == Stance::Drill,
            warnings: Vec::new(),
            folder: "incidents/k7f3-amber-heron".into(),
        });
        model.screen = Screen::Map(ListView::default());
        model
    }
}

/// A finding about a table.
pub fn finding(check: &str, name: &str, severity: Severity, confidence: Confidence) -> Finding {
    Finding {
        check: check.into(),
        title: "Any signed-in user reads rows of every tenant".into(),
        severity,
        confidence,
        subject: Subject::new(SubjectKind::Table, name),
        principal: Some("ghost".into()),
        causes: vec![RootCause::R2],
        evidence: vec![
            Evidence::new("policy", "customers_read: USING (auth.uid() IS NOT NULL)"),
            Evidence::new("rows seen by ghost", "at least 1000"),
        ],
        hint: "Compare the tenant column with the tenant of the caller in the policy.".into(),
        fix: None,
        trail: None,
    }
}

/// A cell of the matrix.
pub fn cell(relation: &str, principal: &str, verdict: Verdict) -> Cell {
    Cell {
        relation: relation.into(),
        principal: principal.into(),
        verdict,
        rows: Some(1000),
        bounded: verdict.leaks(),
        basis: match verdict {
            Verdict::Undecided => "it sees rows, but no column tells whose they are".into(),
            _ => format!("SELECT EXISTS (SELECT 1 FROM {relation} WHERE tenant_id IS NOT NULL)"),
        },
    }
}

/// How a principal is assumed.
pub fn acting(name: &str, role: &str) -> Acting {
    Acting {
        principal: Principal {
            name: name.into(),
            kind: PrincipalKind::Ghost,
            role: role.into(),
        },
        assume: vec![
            format!(
                "SELECT set_config('request.jwt.claims', '{{\"role\": \"{role}\"}}', true) IS NULL;"
            ),
            format!("SET LOCAL ROLE {role};"),
        ],
    }
}

/// The shape of a relation.
pub fn shape(name: &str, classes: &[ColumnClass]) -> RelationShape {
    RelationShape {
        name: name.into(),
        kind: SubjectKind::Table,
        rows: Some(1240),
        tenant_column: Some("tenant_id".into()),
        classes: classes.to_vec(),
    }
}

/// The end of a check with its findings.
pub fn check_done(check: &str, looked_at: u64, gaps: &[Gap], findings: &[Finding]) -> Fact {
    Fact::CheckDone(CheckDone {
        coverage: Coverage {
            check: check.into(),
            looked_at,
            could_not: gaps.to_vec(),
        },
        fields: BTreeMap::new(),
        warnings: Vec::new(),
        findings: findings.iter().map(Finding::key).collect(),
        ms: 420,
    })
}

/// Raises findings as a check does.
pub fn raise(record: &mut Record, step: &str, by: &str, findings: &[Finding]) {
    for finding in findings {
        record.at(
            step,
            Fact::FindingRaised(FindingRaised {
                by: by.into(),
                finding: finding.clone(),
            }),
        );
    }
}

/// The matrix of the leaky lab: four relations, four principals.
pub fn mapped() -> Fact {
    use ColumnClass::{Email, Invoice, Name, StripeId};
    use Verdict::{All, Foreign, None, Own, Undecided};
    let rows = [
        ("public.customers", [None, Foreign, Foreign, Foreign]),
        ("public.invoices", [None, None, Own, Own]),
        ("public.tenants", [All, All, All, All]),
        ("public.audit_log", [None, None, Undecided, Own]),
    ];
    let principals = ["anonymous", "ghost", "member A", "member B"];
    let cells = rows
        .iter()
        .flat_map(|(name, verdicts)| {
            let pairs = principals.iter().zip(verdicts);
            pairs.map(|(principal, verdict)| cell(name, principal, *verdict))
        })
        .collect();
    let role = |name| {
        if name == "anonymous" {
            "anon"
        } else {
            "authenticated"
        }
    };
    Fact::Mapped(Mapped {
        by_design: Vec::new(),
        acting: principals.map(|name| acting(name, role(name))).into(),
        relations: vec![
            shape("public.customers", &[Name, Email, StripeId]),
            shape("public.invoices", &[Invoice]),
            shape("public.tenants", &[Name]),
            shape("public.audit_log", &[]),
        ],
        cells,
    })
}

/// A containment plan for the customers table.
pub fn plan() -> Plan {
    Plan {
        action: "restrict.revoke".into(),
        target: "lab".into(),
        subject: Subject::new(SubjectKind::Table, "public.customers"),
        confirm: "lab".into(),
        statements: vec![Statement {
            sql: "REVOKE SELECT ON TABLE public.customers FROM authenticated".into(),
            why: "signed-in users read rows of every tenant".into(),
        }],
        undo: vec![Statement {
            sql: "GRANT SELECT ON TABLE public.customers TO authenticated".into(),
            why: "gives back what was there before".into(),
        }],
        before: vec![Evidence::new(
            "grants on public.customers",
            "authenticated: SELECT, INSERT; service_role: ALL",
        )],
        cells: vec![cell("public.customers", "ghost", Verdict::Foreign)],
        affects: vec!["every signed-in user, on public.customers".into()],
        locks: "no table lock; running queries end first".into(),
        proof: "the prober reads as ghost again and must get no row".into(),
        undoes: None,
    }
}
