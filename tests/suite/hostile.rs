//! Hostile strings in every place that outside text can come from, on every
//! screen: they are shown, and they neither drive the terminal nor displace
//! what stands around them.

use crate::support::hostile::logs::{lines, picture, trail};
use crate::support::hostile::{corpus, watch};
use crate::support::model::{Record, abilities, acting, cell, finding, plan, shape, start};
use crate::support::playbook::playbook;
use crate::support::records::reads;
use crate::support::screen::{drawn, words};
use firsthour::app::model::{FinishedJob, HomeRow, JobKind, JournalState, Model, Notice, Progress};
use firsthour::app::screen::{ListView, MatrixView, Overlay, Prompt, Purpose, Screen};
use firsthour::domain::action::Proof;
use firsthour::domain::check::Gap;
use firsthour::domain::entry::Draft;
use firsthour::domain::exposure::{ColumnClass, Verdict};
use firsthour::domain::fact::{
    ActionFailed, Answered, CauseJudged, Fact, Mapped, Noted, Planned, Proved,
};
use firsthour::domain::failure::Failure;
use firsthour::domain::finding::{Confidence, Evidence, RootCause, Severity};
use firsthour::domain::reading::Reads;
use firsthour::domain::stance::{Mode, Stance};
use ratatui::buffer::Buffer;
use std::sync::Arc;

/// A short beginning: what an entry may carry in one line.
fn short(text: &str) -> String {
    text.chars().take(400).collect()
}

/// A failure whose parts were never made printable.
fn failure(text: &str) -> Failure {
    Failure {
        what: text.into(),
        why: text.into(),
        hint: text.into(),
    }
}

/// A record in which every text is the hostile one. The constructors that
/// would make it printable are gone around on purpose.
fn record(text: &str) -> Record {
    let mut record = Record::opened(&short(text), Mode::Drill);
    record.take("t3.contain");
    let mut found = finding("P01", "public.t", Severity::Critical, Confidence::Confirmed);
    found.check = short(text);
    found.title = short(text);
    found.subject.name = short(text);
    found.principal = Some(short(text));
    found.hint = short(text);
    found.evidence = vec![Evidence {
        what: short(text),
        value: short(text),
    }];
    found.trail = Some(trail(&text.chars().take(60).collect::<String>()));
    crate::support::model::raise(&mut record, "t3.contain", &short(text), &[found]);
    let mut relation = shape(&short(text), &[ColumnClass::Email]);
    relation.tenant_column = Some(short(text));
    let mut probed = cell(&short(text), &short(text), Verdict::Foreign);
    probed.basis = short(text);
    record.add(&Draft::new(Fact::Mapped(Mapped {
        by_design: Vec::new(),
        acting: vec![acting(&short(text), &short(text))],
        relations: vec![relation],
        cells: vec![probed],
    })));
    let mut seen = reads();
    let (read, live) = (&mut seen.read[0], &mut seen.live[0]);
    read.relation = short(text);
    read.through = short(text);
    read.role = short(text);
    read.statement = short(text);
    live.relations = vec![short(text)];
    live.login = short(text);
    live.application = short(text);
    live.address = short(text);
    seen.horizon.as_mut().unwrap().off[0] = Gap {
        what: short(text),
        why: short(text),
    };
    seen.read.truncate(1);
    let live = Reads {
        live: std::mem::take(&mut seen.live),
        ..Reads::default()
    };
    record.add(&Draft::new(Fact::ReadsSeen(seen)));
    record.add(&Draft::new(Fact::ReadsSeen(live)));
    let answer = Answered {
        ask: "active".into(),
        answer: short(text),
    };
    record.add(&Draft::new(Fact::Answered(answer)));
    record.add(&Draft::new(Fact::Noted(Noted { text: short(text) })));
    record.add(&Draft::new(Fact::CauseJudged(CauseJudged {
        cause: RootCause::R1,
        state: Confidence::Suspected,
        reason: short(text),
    })));
    planned(&mut record, text);
    record
}

fn planned(record: &mut Record, text: &str) {
    let mut plan = plan();
    plan.subject.name = short(text);
    plan.target = short(text);
    plan.confirm = short(text);
    plan.statements[0].sql = short(text);
    plan.statements[0].why = short(text);
    plan.affects = vec![short(text)];
    plan.locks = short(text);
    plan.proof = short(text);
    plan.before[0].value = short(text);
    let digest = plan.digest();
    record.add(&Draft::new(Fact::Planned(Planned {
        digest: digest.clone(),
        plan,
    })));
    let lost = ActionFailed {
        plan: digest.clone(),
        failure: failure(&short(text)),
    };
    record.add(&Draft::new(Fact::ActionUnknown(lost)));
    let proof = Proof {
        holds: None,
        text: short(text),
        cells: Vec::new(),
    };
    record.add(&Draft::new(Fact::Proved(Proved {
        plan: digest,
        proof,
    })));
}

/// The model with the text in everything that is not recorded as well.
fn model(text: &str) -> Model {
    let mut model = record(text).model(Stance::Drill);
    model.home = vec![HomeRow {
        id: text.into(),
        codename: text.into(),
        title: text.into(),
        mode: Some(Mode::Live),
        created: Some(start()),
        entries: 1,
        closed: false,
        damage: Some(text.into()),
    }];
    model.doctor = vec![text.into()];
    model.notice = Some(Notice::Failed(failure(text)));
    let mut book = playbook();
    book.phases[2].title = text.into();
    let step = &mut book.phases[2].steps[0];
    step.title = text.into();
    step.goal = text.into();
    step.prose = vec![text.into()];
    step.hand = vec![text.into()];
    let case = model.case.as_mut().unwrap();
    case.playbook = Arc::new(book);
    case.target = text.into();
    case.warnings = vec![text.into()];
    case.journal = JournalState::Blocked { why: text.into() };
    let job = model.start_job(JobKind::Check(text.into()));
    model.jobs.get_mut(&job).unwrap().progress = Some(Progress {
        done: 1,
        total: 2,
        what: text.into(),
    });
    model.finished.push_front(FinishedJob {
        label: text.into(),
        since: model.now,
        ended: model.now,
        failure: Some(failure(text)),
    });
    model.logs = Some(picture(text));
    model.watch = Some(watch(&model, failure(text)));
    model
}

fn read_screen(text: &str) -> Screen {
    Screen::Read {
        relation: short(text),
        role: short(text),
        scroll: 0,
    }
}

fn cell_screen(text: &str) -> Screen {
    Screen::Cell {
        relation: short(text),
        column: 0,
        scroll: 0,
    }
}

/// Every screen and overlay of a model.
fn screens(text: &str) -> Vec<Model> {
    let base = model(text);
    let incident = &base.case.as_ref().unwrap().incident;
    let key = incident.findings[0].finding.key();
    let digest = incident.plans[0].digest.clone();
    let list = ListView::default;
    let at = |cursor| ListView { cursor, ..list() };
    let none_fit = ListView {
        filter: format!("{text}nothing fits"),
        ..list()
    };
    let mut models: Vec<Model> = [
        Screen::Home(list()),
        Screen::Map(at(3)),
        Screen::Map(none_fit.clone()),
        Screen::Findings(list()),
        Screen::Findings(none_fit.clone()),
        Screen::Finding { key, scroll: 0 },
        Screen::Matrix(MatrixView::default()),
        Screen::Reads(list()),
        Screen::Logs(list()),
        lines(text),
        read_screen(text),
        cell_screen(text),
        Screen::Causes(list()),
        Screen::Timeline(list()),
        Screen::Timeline(none_fit),
        Screen::Plans(list()),
        Screen::Plan { digest, scroll: 3 },
        Screen::Jobs(at(1)),
        Screen::Help { scroll: 0 },
    ]
    .into_iter()
    .map(|screen| Model {
        screen,
        ..base.clone()
    })
    .collect();
    let mut told = models[0].clone();
    told.notice = Some(Notice::Told(text.into()));
    models.push(told);
    let mut asked = models[1].clone();
    asked.overlay = Some(Overlay::Prompt(Prompt {
        purpose: Purpose::Note,
        label: text.into(),
        choices: vec![text.into(), "unknown".into()],
        text: text.into(),
        problem: Some(text.into()),
    }));
    models.push(asked);
    let mut palette = models[1].clone();
    palette.overlay = Some(Overlay::Palette {
        query: text.into(),
        cursor: 0,
    });
    models.push(palette);
    models
}

/// Whether a character moves a cursor, reorders, or hides.
fn drives(c: char) -> bool {
    c.is_control()
        || matches!(c as u32,
            0x00ad | 0x034f | 0x061c | 0x115f | 0x1160 | 0x180e | 0x200b..=0x200f
            | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0
            | 0xfff9..=0xfffc | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// Columns a terminal gives a character.
fn columns_of(c: char) -> usize {
    unicode_width::UnicodeWidthChar::width(c).unwrap_or(0)
}

/// Nothing in a cell drives the terminal, and every line takes the columns it
/// has.
fn assert_tame(buffer: &Buffer, text: &str) {
    let wide = usize::from(buffer.area.width);
    for (at, cell) in buffer.content.iter().enumerate() {
        let symbol = cell.symbol();
        if matches!(symbol.as_bytes(), [b' '..=b'~']) {
            continue;
        }
        assert!(!symbol.chars().any(drives), "{symbol:?} of {text:?}");
        let stacked = symbol
            .split(|c| columns_of(c) > 0)
            .map(|marks| marks.chars().count())
            .max();
        assert!(stacked <= Some(2), "{symbol:?} of {text:?}");
        let each: usize = symbol.chars().map(columns_of).sum();
        assert!(at % wide + each <= wide, "{symbol:?} leaves its line");
    }
    for line in words(buffer) {
        let columns: usize = line.chars().map(columns_of).sum();
        assert_eq!(columns, wide, "{line:?} of {text:?}");
    }
}

#[test]
fn the_corpus_is_large_and_hostile() {
    let corpus = corpus();
    assert!(corpus.len() >= 200, "{}", corpus.len());
    let driving = corpus
        .iter()
        .filter(|text| text.chars().any(drives))
        .count();
    assert!(driving >= 100, "{driving}");
}

#[test]
fn hostile_text_is_tame_on_every_screen() {
    for text in corpus() {
        for model in screens(&text) {
            assert_tame(&drawn(&model, 80, 24), &text);
        }
    }
}

#[test]
fn hostile_text_is_tame_on_narrow_screens() {
    for text in corpus().iter().step_by(9) {
        for model in screens(text) {
            assert_tame(&drawn(&model, 41, 12), text);
            assert_tame(&drawn(&model, 60, 20), text);
        }
    }
}

/// Text that is only shown can't move what stands beside it.
#[test]
fn columns_stay_where_they_are() {
    for text in corpus() {
        let text = format!("a{text}");
        let mut model = model(&text);
        model.screen = Screen::Findings(ListView::default());
        model.notice = None;
        let lines = words(&drawn(&model, 80, 24));
        assert!(lines[6].starts_with("   severity proof"), "{}", lines[6]);
        assert!(
            lines[7].starts_with(" > critical confirmed "),
            "{}",
            lines[7]
        );
        assert!(lines[1].trim_end().len() >= 12, "{}", lines[1]);
        assert!(lines[2].starts_with(" 1 map 2 findings "), "{}", lines[2]);
        assert!(lines[0].starts_with(" DRILL   a"), "{}", lines[0]);
        assert!(
            lines[0].trim_end().ends_with("T+00:00 of 60:00"),
            "{}",
            lines[0]
        );
    }
}

#[test]
fn what_was_hidden_can_be_seen() {
    let mut model = Model::new(start(), abilities());
    for (text, seen) in [
        ("user\tadmin", "user    admin"),
        ("a\u{202e}b", "a<U+202E>b"),
        ("x\u{1b}[31my", "x^[[31my"),
        ("[red]text[-]", "[red]text[-]"),
        ("zero\u{200b}width", "zero<U+200B>width"),
    ] {
        model.notice = Some(Notice::Told(text.into()));
        let lines = words(&drawn(&model, 80, 24));
        assert!(lines[22].contains(seen), "{}", lines[22]);
    }
}

/// Spans and lines are made in one file of the room; everything else hands
/// it text.
#[test]
fn text_has_one_door_to_the_screen() {
    let room = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ui");
    let mut files = 0;
    for file in std::fs::read_dir(room).unwrap() {
        let path = file.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        files += 1;
        if path.ends_with("text.rs") {
            continue;
        }
        for way in [
            "Span",
            "Line::",
            "set_str",
            "set_symbol",
            "set_char",
            "Paragraph",
        ] {
            assert!(!source.contains(way), "{way} in {}", path.display());
        }
    }
    assert!(files > 15, "{files}");
}
