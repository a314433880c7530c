//! Every screen in every state that matters, by name.

mod logs;
mod reading;

use super::model::{Record, abilities, cell as probed, plan, shape, start};
use super::records::{contained, failure, findings, found, intended, planned};
use chrono::Duration;
use firsthour::app::key::Key;
use firsthour::app::message::Message;
use firsthour::app::model::{FinishedJob, HomeRow, JobKind, JournalState, Model, Notice, Progress};
use firsthour::app::screen::{ListView, MatrixView, Overlay, Prompt, Purpose, Screen};
use firsthour::app::update;
use firsthour::domain::entry::Draft;
use firsthour::domain::exposure::{ColumnClass, Verdict};
use firsthour::domain::fact::{
    ActionFailed, CauseJudged, Closed, DoneHow, Fact, Mapped, Noted, Planned, Refused, StepDone,
};
use firsthour::domain::failure::Failure;
use firsthour::domain::finding::{Confidence, RootCause};
use firsthour::domain::fix::{Fix, Rehearsal};
use firsthour::domain::stance::{Mode, Stance};

fn on(record: &Record, screen: Screen) -> Model {
    let mut model = record.model(Stance::Drill);
    model.screen = screen;
    model.trail = vec![Screen::Map(ListView::default())];
    model
}

fn list(cursor: usize) -> ListView {
    ListView {
        cursor,
        ..ListView::default()
    }
}

fn matrix(cursor: usize, column: usize) -> Screen {
    Screen::Matrix(MatrixView {
        list: list(cursor),
        column,
    })
}

fn plan_screen() -> Screen {
    Screen::Plan {
        digest: plan().digest(),
        scroll: 0,
    }
}

/// The first finding with a draft of what would close it.
fn drafted(found: &Record) -> Model {
    let statement = "ALTER POLICY \"customers_read\" ON \"public\".\"customers\" USING (\"org_id\" IN (SELECT private.my_organizations()))";
    let fix = Fix::new(
        vec![statement.into()],
        "scoped as policy members read invoices on public.invoices does",
    );
    let key = findings()[0].key();
    let mut model = on(
        found,
        Screen::Finding {
            key: key.clone(),
            scroll: 6,
        },
    );
    let raised = model
        .case
        .iter_mut()
        .flat_map(|case| &mut case.incident.findings);
    for raised in raised.filter(|raised| raised.finding.key() == key) {
        raised.finding.fix = fix.clone().map(|fix| {
            fix.losing("authenticated: rows of public.customers that are not their own")
                .deciding("say whether the admin screen needs a policy of its own")
        });
    }
    model
}

/// The same, its draft tried in the lab: one reader is left, one loses rows.
fn rehearsed(found: &Record) -> Model {
    let mut model = drafted(found);
    let case = model.case.as_mut().unwrap();
    let first = &mut case.incident.findings[0];
    first.rehearsed = Some(Rehearsal {
        on: "lab".into(),
        closes: 3,
        of: 4,
        told: vec![
            "app_login loses 12 of its 40 rows of public.customers".into(),
            "member A keeps its 12 rows of public.customers".into(),
        ],
        open: vec!["ghost was not seen to be kept from public.customers".into()],
        failed: None,
    });
    if let Screen::Finding { scroll, .. } = &mut model.screen {
        *scroll = 14;
    }
    model
}

/// Every scene with its name.
pub fn all() -> Vec<(&'static str, Model)> {
    let mut scenes = home();
    scenes.extend(maps());
    scenes.extend(lists());
    scenes.extend(reading::all());
    scenes.extend(logs::all());
    scenes.extend(plans());
    scenes.extend(overlays());
    scenes.extend(conditions());
    scenes
}

fn home() -> Vec<(&'static str, Model)> {
    let empty = Model::new(start(), abilities());
    let row = |codename: &str, mode, entries, closed, damage: Option<&str>| HomeRow {
        id: codename.into(),
        codename: codename.into(),
        title: "Customers see each other's invoices".into(),
        mode: Some(mode),
        created: Some(start()),
        entries,
        closed,
        damage: damage.map(str::to_owned),
    };
    let mut full = empty.clone();
    full.home = vec![
        row("amber-heron", Mode::Live, 143, false, None),
        row("quiet-otter", Mode::Drill, 1204, true, None),
        row(
            "black-stone",
            Mode::Drill,
            12,
            false,
            Some("line 12 does not match its hash"),
        ),
    ];
    full.doctor = vec![
        "ready    PostgreSQL 15 server programs for drills".into(),
        "missing  no target is configured: set DATABASE_URL or write firsthour.toml".into(),
    ];
    full.now = start() + Duration::hours(2);
    vec![("home_empty", empty), ("home_incidents", full)]
}

fn maps() -> Vec<(&'static str, Model)> {
    let opened = Record::opened("amber-heron", Mode::Drill);
    let mut asked = Record::opened("amber-heron", Mode::Drill);
    asked.later(5).take("t1.orient").later(70);
    let mut reach = Record::opened("amber-heron", Mode::Drill);
    reach.later(5).take("t2.reach").later(64);
    let mut over = reach.model(Stance::Drill);
    over.now = start() + Duration::seconds(4392);
    over.screen = Screen::Map(list(1));
    let mut running = reach.model(Stance::Drill);
    running.screen = Screen::Map(list(1));
    running.start_job(JobKind::Check("database.catalogue".into()));
    running.case.as_mut().unwrap().journal = JournalState::Writing { orders: 2 };
    let mut ended = contained();
    let done = Fact::StepDone(StepDone { how: DoneHow::Tool });
    ended.at("t3.contain", done).take("t3.tell").later(60);
    let by_hand = Fact::StepDone(StepDone {
        how: DoneHow::Manual,
    });
    ended.at("t3.tell", by_hand).later(5);
    let mut mid = on(&found(), Screen::Map(list(3)));
    let warning = "the login is a superuser: every probe runs under the role it asks about";
    mid.case.as_mut().unwrap().warnings = vec![warning.into()];
    vec![
        ("map_start", on(&opened, Screen::Map(list(0)))),
        ("map_question", on(&asked, Screen::Map(list(0)))),
        ("map_check", on(&reach, Screen::Map(list(1)))),
        ("map_running", running),
        ("map_mid", mid),
        ("map_over_budget", over),
        ("map_finished", on(&ended, Screen::Map(list(4)))),
    ]
}

fn lists() -> Vec<(&'static str, Model)> {
    let opened = Record::opened("amber-heron", Mode::Drill);
    let mut judged = found();
    judged.add(&Draft::new(Fact::CauseJudged(CauseJudged {
        cause: RootCause::R4,
        state: Confidence::RuledOut,
        reason: "the route compares the tenant of the session".into(),
    })));
    let filtered = ListView {
        filter: "!invoices".into(),
        ..ListView::default()
    };
    let none = ListView {
        filter: "zebra".into(),
        ..ListView::default()
    };
    let key = findings()[0].key();
    let found = found();
    vec![
        ("findings_empty", on(&opened, Screen::Findings(list(0)))),
        ("findings", on(&found, Screen::Findings(list(1)))),
        ("findings_filtered", on(&found, Screen::Findings(filtered))),
        ("findings_none_fit", on(&found, Screen::Findings(none))),
        (
            "finding_confirmed",
            on(&found, Screen::Finding { key, scroll: 0 }),
        ),
        ("finding_drafted", drafted(&found)),
        ("finding_rehearsed", rehearsed(&found)),
        ("matrix_empty", on(&opened, matrix(0, 0))),
        ("matrix", on(&found, matrix(0, 1))),
        ("matrix_schemas", on(&schemas(), matrix(9, 1))),
        ("cell", on(&found, cell("public.customers", 1))),
        ("cell_undecided", on(&found, cell("public.audit_log", 2))),
        ("causes", on(&judged, Screen::Causes(list(1)))),
        ("causes_judged", on(&judged, Screen::Causes(list(3)))),
        ("timeline_opened", on(&opened, Screen::Timeline(list(0)))),
        ("timeline", on(&contained(), Screen::Timeline(list(2)))),
        ("help", on(&found, Screen::Help { scroll: 0 })),
    ]
}

fn cell(relation: &str, column: usize) -> Screen {
    Screen::Cell {
        relation: relation.into(),
        column,
        scroll: 0,
    }
}

/// Relations of three schemas, more than fit a small screen.
fn schemas() -> Record {
    let mut record = found();
    let mut mapped = Mapped::default();
    for (at, schema) in ["billing", "public", "support"].into_iter().enumerate() {
        for table in ["cards", "payouts", "threads", "notes", "tags"] {
            let name = format!("{schema}.{table}");
            let verdict = match (at, table) {
                (0, "cards" | "notes") | (2, "notes") => Verdict::Foreign,
                (2, "tags") => Verdict::Undecided,
                _ => Verdict::None,
            };
            mapped.cells.push(probed(&name, "ghost", verdict));
            mapped.relations.push(shape(&name, &[ColumnClass::Email]));
        }
    }
    record.add(&Draft::new(Fact::Mapped(mapped)));
    record
}

fn plans() -> Vec<(&'static str, Model)> {
    let digest = plan().digest();
    let mut lost = intended();
    let failure = Failure::new(
        "the reply was lost",
        "the server closed the connection",
        "press v to probe",
    );
    let unknown = ActionFailed {
        plan: digest.clone(),
        failure,
    };
    lost.at("t3.contain", Fact::ActionUnknown(unknown)).later(9);
    let mut refused = planned();
    let refusal = Refused {
        plan: digest.clone(),
        reason: "the billing job reads this table every minute".into(),
    };
    refused.at("t3.contain", Fact::Refused(refusal)).later(9);
    let mut ledger = contained();
    let mut other = plan();
    other.subject.name = "public.tenants".into();
    let planned_other = Planned {
        digest: other.digest(),
        plan: other,
    };
    ledger.at("t3.contain", Fact::Planned(planned_other));
    let mut applying = on(&intended(), plan_screen());
    applying.start_job(JobKind::Apply(digest));
    vec![
        ("plan_shown", on(&planned(), plan_screen())),
        ("plan_applying", applying),
        ("plan_proven", on(&contained(), plan_screen())),
        ("plan_unknown", on(&lost, plan_screen())),
        ("plan_refused", on(&refused, plan_screen())),
        ("plans_empty", on(&found(), Screen::Plans(list(0)))),
        ("plans_ledger", on(&ledger, Screen::Plans(list(0)))),
    ]
}

fn overlays() -> Vec<(&'static str, Model)> {
    let mut palette = on(&found(), Screen::Map(list(3)));
    palette.start_job(JobKind::Export("markdown".into()));
    palette.overlay = Some(Overlay::Palette {
        query: "pl".into(),
        cursor: 0,
    });
    let prompt = |purpose, label: &str, choices: &[&str], text: &str, problem: Option<&str>| {
        Some(Overlay::Prompt(Prompt {
            purpose,
            label: label.into(),
            choices: choices.iter().map(|&c| c.into()).collect(),
            text: text.into(),
            problem: problem.map(str::to_owned),
        }))
    };
    let mut asked = Record::opened("amber-heron", Mode::Drill);
    asked.later(5).take("t1.orient").later(70);
    let mut choices = on(&asked, Screen::Map(list(0)));
    choices.overlay = prompt(
        Purpose::Answer {
            ask: "active".into(),
        },
        "Can customers see foreign data at this moment?",
        &["yes", "no", "unknown", "not-applicable"],
        "",
        None,
    );
    let mut problem = on(&planned(), plan_screen());
    let purpose = Purpose::Approve {
        plan: plan().digest(),
    };
    let label = "To approve, type the target's name: lab";
    let refused = Some("that is not lab; nothing was approved");
    problem.overlay = prompt(purpose, label, &[], "prod", refused);
    let mut contain = on(&found(), matrix(0, 1));
    let effects = update(&mut contain, start(), Message::Key(Key::Char('p')));
    assert!(effects.is_empty(), "a choice comes first");
    vec![
        ("palette_blocked", palette),
        ("prompt_contain", contain),
        ("prompt_choices", choices),
        ("prompt_problem", problem),
    ]
}

fn conditions() -> Vec<(&'static str, Model)> {
    let mut running = on(&found(), Screen::Jobs(list(0)));
    running.now += Duration::seconds(75);
    let job = running.start_job(JobKind::Check("database.reach".into()));
    running.jobs.get_mut(&job).unwrap().since -= Duration::seconds(12);
    running.jobs.get_mut(&job).unwrap().progress = Some(Progress {
        done: 1204,
        total: 5000,
        what: "public.customers as ghost".into(),
    });
    let mut failed = running.clone();
    failed.jobs.clear();
    failed.finished.push_front(FinishedJob {
        label: "running database.reach".into(),
        since: failed.now - Duration::seconds(12),
        ended: failed.now,
        failure: Some(failure()),
    });
    failed.notice = Some(Notice::Failed(failure()));
    let mut blocked = on(&found(), Screen::Map(list(3)));
    blocked.case.as_mut().unwrap().journal = JournalState::Blocked {
        why: "no space left on the disk".into(),
    };
    blocked.notice = Some(Notice::Failed(Failure::new(
        "2 lines are not on disk",
        "no space left on the disk",
        "free some space; firsthour goes on by itself",
    )));
    let mut reading = on(&planned(), plan_screen());
    reading.stance = Stance::ReadOnly;
    reading.case.as_mut().unwrap().journal = JournalState::ReadOnly {
        why: "ada writes on desk".into(),
    };
    let mut record = contained();
    let closed = Closed {
        sentence: "The leak is closed; the notice goes out tomorrow.".into(),
        open_steps: vec!["t3.tell".into()],
        standing: vec!["restrict.revoke public.customers".into()],
    };
    record.add(&Draft::new(Fact::Noted(Noted {
        text: "handed over".into(),
    })));
    record.add(&Draft::new(Fact::IncidentClosed(closed)));
    let closed = on(&record, Screen::Map(list(3)));
    let mut live = on(&found(), Screen::Findings(list(0)));
    live.stance = Stance::Live;
    live.case.as_mut().unwrap().target = "production".into();
    let mut plain = live.clone();
    plain.colour = false;
    vec![
        ("jobs_running", running),
        ("jobs_failed", failed),
        ("journal_blocked", blocked),
        ("read_only", reading),
        ("closed", closed),
        ("live", live),
        ("no_colour", plain),
    ]
}
