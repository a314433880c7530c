//! How long a frame takes on the largest incident meant: 10,000 findings,
//! 10,000 entries, a matrix of 2,000 relations and 8 principals, at 140x45.
//! Goal: under 4 ms each. Run with `cargo bench --bench draw`.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use firsthour::app::model::{Abilities, Case, JournalState, Model};
use firsthour::app::screen::{ListView, MatrixView, Overlay, Screen};
use firsthour::domain::digest::Digest;
use firsthour::domain::entry::{Actor, ClockNote, Entry, Mono};
use firsthour::domain::exposure::{Cell, ColumnClass, RelationShape, Verdict};
use firsthour::domain::fact::{Fact, Noted};
use firsthour::domain::finding::{
    Confidence, Evidence, Finding, RootCause, Severity, Subject, SubjectKind,
};
use firsthour::domain::incident::{Incident, Raised};
use firsthour::domain::playbook::Playbook;
use firsthour::domain::stance::Stance;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::sync::{Arc, LazyLock};

const FINDINGS: usize = 10_000;
const ENTRIES: u64 = 10_000;
const RELATIONS: usize = 2_000;
const PRINCIPALS: usize = 8;

static LARGEST: LazyLock<Model> = LazyLock::new(largest);

fn main() {
    divan::main();
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_787_392_800, 0).expect("a constant time")
}

fn relation(n: usize) -> String {
    format!("public.relation_{n:04}")
}

fn raised(n: usize) -> Raised {
    const SEVERITIES: [Severity; 4] = [
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];
    const CONFIDENCES: [Confidence; 3] = [
        Confidence::Suspected,
        Confidence::Confirmed,
        Confidence::RuledOut,
    ];
    Raised {
        finding: Finding {
            check: format!("P{:02}", n % 16),
            title: "Any signed-in user reads rows of every tenant".to_owned(),
            severity: SEVERITIES[n % SEVERITIES.len()],
            confidence: CONFIDENCES[n % CONFIDENCES.len()],
            subject: Subject::new(SubjectKind::Table, &relation(n % RELATIONS)),
            principal: Some("ghost".to_owned()),
            causes: vec![RootCause::ALL[n % RootCause::ALL.len()]],
            evidence: vec![Evidence::new("policy", "USING (true)")],
            hint: "Compare the tenant column with the caller's tenant.".to_owned(),
            fix: None,
            trail: None,
        },
        by: "database.reach".to_owned(),
        seq: n as u64,
        at: start(),
        cleared: n.is_multiple_of(9).then_some(n as u64 + 1),
        rehearsed: None,
    }
}

fn entry(seq: u64) -> Arc<Entry> {
    let text = format!("note {seq}: the responder wrote down what was seen at this moment");
    Arc::new(Entry {
        v: 1,
        inc: "k7f3".to_owned(),
        wid: "w1".to_owned(),
        seq,
        prev: Digest::of(b"before"),
        ts: start() + Duration::milliseconds(i64::try_from(seq).unwrap_or(0) * 300),
        mono: Mono {
            boot: "b".to_owned(),
            ns: seq,
        },
        clk: ClockNote {
            src: "ntp".to_owned(),
        },
        hlc: "1.0".to_owned(),
        act: Actor {
            id: "ada".to_owned(),
            via: "tui".to_owned(),
            host: "desk".to_owned(),
        },
        step: Some("t2.reach".to_owned()),
        re: None,
        at: None,
        sum: text.clone(),
        fact: Fact::Noted(Noted { text }),
        ev: Vec::new(),
        h: Digest::of(&seq.to_le_bytes()),
    })
}

fn map(incident: &mut Incident) {
    const VERDICTS: [Verdict; 5] = [
        Verdict::None,
        Verdict::Own,
        Verdict::Undecided,
        Verdict::Foreign,
        Verdict::All,
    ];
    incident.principals = (0..PRINCIPALS).map(|p| format!("member {p}")).collect();
    for n in 0..RELATIONS {
        let name = relation(n);
        let cells = incident
            .principals
            .iter()
            .enumerate()
            .map(|(p, principal)| {
                let cell = Cell {
                    relation: name.clone(),
                    principal: principal.clone(),
                    verdict: VERDICTS[(n + p) % VERDICTS.len()],
                    rows: Some(1000),
                    bounded: true,
                    basis: "SELECT count(*)".to_owned(),
                };
                (principal.clone(), cell)
            });
        incident.cells.insert(name.clone(), cells.collect());
        // Half the relations hold nothing recognised: the slower way.
        let classes = if n % 2 == 0 {
            vec![ColumnClass::Email]
        } else {
            Vec::new()
        };
        let shape = RelationShape {
            name: name.clone(),
            kind: SubjectKind::Table,
            rows: Some(n as u64),
            tenant_column: None,
            classes,
        };
        incident.relations.insert(name, shape);
    }
}

fn largest() -> Model {
    let mut incident = Incident::default();
    "k7f3".clone_into(&mut incident.id);
    incident.opened_at = Some(start());
    incident.findings = (0..FINDINGS).map(raised).collect();
    incident.timeline = (1..=ENTRIES).map(entry).collect();
    map(&mut incident);
    let mut model = Model::new(start() + Duration::minutes(50), Abilities::default());
    model.stance = Stance::Drill;
    model.size = (140, 45);
    model.case = Some(Case {
        incident,
        playbook: Arc::new(Playbook {
            id: "data-leak".to_owned(),
            title: "Data leak".to_owned(),
            reviewed: NaiveDate::default(),
            drilled: None,
            max_age_days: 180,
            phases: Vec::new(),
            source: String::new(),
            sha256: Digest::of(b"playbook"),
        }),
        journal: JournalState::Safe,
        target: "lab".to_owned(),
        practice: true,
        warnings: Vec::new(),
        folder: "incidents/k7f3".to_owned(),
    });
    model
}

fn frames(bencher: divan::Bencher<'_, '_>, screen: Screen, overlay: Option<Overlay>) {
    let mut model = LARGEST.clone();
    model.screen = screen;
    model.overlay = overlay;
    let mut terminal = Terminal::new(TestBackend::new(140, 45)).expect("memory is a terminal");
    bencher.bench_local(|| {
        terminal
            .draw(|frame| firsthour::ui::draw(divan::black_box(&model), frame))
            .expect("memory can be drawn to");
    });
}

fn middle(filter: &str) -> ListView {
    ListView {
        cursor: 5_000,
        filter: filter.to_owned(),
        ..ListView::default()
    }
}

#[divan::bench]
fn home(bencher: divan::Bencher<'_, '_>) {
    frames(bencher, Screen::Home(ListView::default()), None);
}

#[divan::bench]
fn map_of_steps(bencher: divan::Bencher<'_, '_>) {
    frames(bencher, Screen::Map(ListView::default()), None);
}

#[divan::bench]
fn findings(bencher: divan::Bencher<'_, '_>) {
    frames(bencher, Screen::Findings(middle("")), None);
}

#[divan::bench]
fn findings_filtered(bencher: divan::Bencher<'_, '_>) {
    frames(bencher, Screen::Findings(middle("critical")), None);
}

#[divan::bench]
fn finding(bencher: divan::Bencher<'_, '_>) {
    let key = raised(9_999).finding.key();
    frames(bencher, Screen::Finding { key, scroll: 0 }, None);
}

#[divan::bench]
fn matrix(bencher: divan::Bencher<'_, '_>) {
    let view = MatrixView {
        list: ListView {
            cursor: 1_000,
            ..ListView::default()
        },
        column: 4,
    };
    frames(bencher, Screen::Matrix(view), None);
}

#[divan::bench]
fn causes(bencher: divan::Bencher<'_, '_>) {
    frames(bencher, Screen::Causes(ListView::default()), None);
}

#[divan::bench]
fn timeline(bencher: divan::Bencher<'_, '_>) {
    frames(bencher, Screen::Timeline(middle("")), None);
}

#[divan::bench]
fn timeline_filtered(bencher: divan::Bencher<'_, '_>) {
    frames(bencher, Screen::Timeline(middle("!nothing")), None);
}

#[divan::bench]
fn jobs(bencher: divan::Bencher<'_, '_>) {
    frames(bencher, Screen::Jobs(ListView::default()), None);
}

#[divan::bench]
fn help(bencher: divan::Bencher<'_, '_>) {
    frames(bencher, Screen::Help { scroll: 0 }, None);
}

#[divan::bench]
fn palette_over_the_matrix(bencher: divan::Bencher<'_, '_>) {
    let overlay = Overlay::Palette {
        query: "p".to_owned(),
        cursor: 0,
    };
    frames(
        bencher,
        Screen::Matrix(MatrixView::default()),
        Some(overlay),
    );
}
