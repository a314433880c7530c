//! Opening an incident: a drill with its lab, a live one on its target, or
//! one that is already recorded.

use super::clock::now;
use super::codename;
use super::desk::Desk;
use super::edge::{Edge, UNKNOWN_TARGET};
use super::setup::Setup;
use super::writer::Writer;
use crate::app::message::Message;
use crate::app::model::{Case, HomeRow, JournalState};
use crate::config::Paths;
use crate::domain::entry::{Draft, Entry};
use crate::domain::fact::{Fact, Opened as OpenedFact, PlaybookPin, Resumed};
use crate::domain::failure::Failure;
use crate::domain::incident::Incident;
use crate::domain::playbook::Playbook;
use crate::domain::stance::{Mode, Stance};
use crate::drill::lab::Recipe;
use crate::journal::{self, Journal, Meta};
use crate::playbooks;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An open incident's edges.
#[derive(Debug)]
pub struct Open {
    pub folder: PathBuf,
    /// `None` when it is open for reading only.
    pub writer: Option<Writer>,
    /// The way to the target, or why there is none.
    pub edge: Result<Arc<Edge>, Failure>,
}

/// What `open` hands to the engine and to the model.
type Opening = Result<(Open, Message), Failure>;

/// The incidents of the home screen.
pub fn home(paths: &Paths) -> Vec<HomeRow> {
    journal::list(&paths.incidents)
        .into_iter()
        .map(|listed| HomeRow {
            id: listed.id,
            codename: listed.codename,
            title: listed.title,
            mode: listed.mode,
            created: listed.created,
            entries: listed.entries,
            closed: listed.closed,
            damage: listed.damaged,
        })
        .collect()
}

/// Opens a drill: first the lab, so that a drill that can't be played leaves
/// nothing behind.
pub fn drill(setup: &Setup, desk: &Desk) -> Opening {
    let seed = setup.drill.seed.unwrap_or_else(|| fastrand::u64(1..10_000));
    let pinned = Pinned::read(&setup.drill.playbook)?;
    let recipe = Recipe {
        seed,
        name: setup.drill.leak.as_deref(),
        replay: &[],
    };
    let edge = Edge::lab(setup, desk, &recipe)?;
    let order = Order {
        mode: Mode::Drill,
        title: format!("Drill: {}", pinned.playbook.title),
        target: edge.target().to_owned(),
        seed: Some(seed),
        leak: setup.drill.leak.clone(),
        random: fastrand::Rng::with_seed(seed),
    };
    create(setup, desk, order, pinned, Ok(edge))
}

/// Opens a live incident. A target that can't be reached does not stop it:
/// recording and the way by hand work with every connection dead.
pub fn live(setup: &Setup, desk: &Desk) -> Opening {
    let pinned = Pinned::read(&setup.live.playbook)?;
    let edge = Edge::live(setup, desk, setup.live.target.as_deref());
    let title = setup.live.title.clone();
    let order = Order {
        mode: Mode::Live,
        title: title.unwrap_or_else(|| pinned.playbook.title.clone()),
        target: edge
            .as_ref()
            .map_or(UNKNOWN_TARGET, |edge| edge.target())
            .to_owned(),
        seed: None,
        leak: None,
        random: fastrand::Rng::new(),
    };
    create(setup, desk, order, pinned, edge)
}

/// What a new incident is made from.
struct Order {
    mode: Mode,
    title: String,
    target: String,
    seed: Option<u64>,
    leak: Option<String>,
    random: fastrand::Rng,
}

/// A playbook with the name it was found under.
struct Pinned {
    playbook: Playbook,
    pin: PlaybookPin,
}

impl Pinned {
    fn read(name: &str) -> Result<Self, Failure> {
        let text = playbooks::load(Path::new(name))?;
        let origin = text.origin.clone();
        let (playbook, _warnings) =
            playbooks::open(&text, &Setup::playbook_abilities(), now().date_naive())?;
        let pin = PlaybookPin {
            id: playbook.id.clone(),
            title: playbook.title.clone(),
            sha256: playbook.sha256.clone(),
            origin,
        };
        Ok(Self { playbook, pin })
    }
}

fn create(
    setup: &Setup,
    desk: &Desk,
    mut order: Order,
    pinned: Pinned,
    edge: Result<Arc<Edge>, Failure>,
) -> Opening {
    let at = now();
    let meta = Meta {
        id: Meta::new_id(at),
        title: order.title,
        codename: codename::codename(&mut order.random),
        created: at,
        mode: order.mode,
        playbook: pinned.pin.clone(),
        target: order.target.clone(),
    };
    let actor = setup.actor();
    let mut journal = Journal::create(
        &setup.paths.incidents,
        &meta,
        &pinned.playbook.source,
        actor,
        at,
    )?;
    let opened = Fact::IncidentOpened(OpenedFact {
        title: meta.title,
        codename: meta.codename,
        mode: order.mode,
        playbook: pinned.pin,
        target: order.target.clone(),
        seed: order.seed,
        leak: order.leak,
        budget_minutes: crate::app::model::HOUR_MINUTES,
    });
    let entries = journal.append(now(), &[Draft::new(opened)])?;
    let stance = match order.mode {
        Mode::Live => Stance::Live,
        Mode::Drill => Stance::Drill,
    };
    let found = Found {
        entries,
        playbook: pinned.playbook,
        target: order.target,
    };
    Ok(hand_over(
        desk,
        stance,
        found,
        Some(journal),
        JournalState::Safe,
        edge,
    ))
}

/// What is needed to show an incident.
struct Found {
    entries: Vec<Arc<Entry>>,
    playbook: Playbook,
    target: String,
}

fn hand_over(
    desk: &Desk,
    stance: Stance,
    found: Found,
    journal: Option<Journal>,
    state: JournalState,
    edge: Result<Arc<Edge>, Failure>,
) -> (Open, Message) {
    let folder = journal
        .as_ref()
        .map_or_else(PathBuf::new, |j| j.folder().to_owned());
    let warnings = match &edge {
        Ok(edge) => edge.warnings().to_vec(),
        Err(failure) => vec![format!("{failure}. {}", failure.hint)],
    };
    let case = Case {
        practice: edge.as_ref().is_ok_and(|edge| edge.practice().is_some()),
        incident: Incident::fold(found.entries),
        playbook: Arc::new(found.playbook),
        journal: state,
        target: found.target,
        warnings,
        folder: folder.display().to_string(),
    };
    let open = Open {
        folder,
        writer: journal.map(|journal| Writer::start(journal, desk.outbox.clone())),
        edge,
    };
    let message = Message::Opened {
        job: desk.job,
        stance,
        case: Box::new(case),
    };
    (open, message)
}

/// Opens a recorded incident, by folder or id: for work if it is open and
/// free, else for reading.
pub fn resume(setup: &Setup, desk: &Desk, name: &str) -> Opening {
    let given = Path::new(name);
    let folder = if given.is_absolute() || given.is_dir() {
        given.to_owned()
    } else {
        setup.paths.incidents.join(name)
    };
    if setup.read_only {
        return read_only(desk, &folder, "this is a review".to_owned());
    }
    match journal::open(&folder, setup.actor(), now())? {
        journal::Opened::ReadOnly { holder, .. } => read_only(desk, &folder, holder),
        journal::Opened::Writer {
            journal, entries, ..
        } => {
            let incident = Incident::fold(entries.iter().cloned());
            if incident.closed.is_some() {
                drop(journal);
                return read_only(desk, &folder, "the incident is closed".to_owned());
            }
            go_on(setup, desk, journal, entries, &incident)
        }
    }
}

fn go_on(
    setup: &Setup,
    desk: &Desk,
    mut journal: Journal,
    mut entries: Vec<Arc<Entry>>,
    incident: &Incident,
) -> Opening {
    let playbook = pinned_copy(journal.folder())?;
    let opened = incident
        .opened
        .clone()
        .ok_or_else(|| nothing_opened(journal.folder()))?;
    let (edge, lab) = match opened.mode {
        Mode::Live => (Edge::live_again(setup, desk, &opened.target), None),
        Mode::Drill => {
            let replay = applied_plans(incident);
            let recipe = Recipe {
                seed: opened.seed.unwrap_or(0),
                name: opened.leak.as_deref(),
                replay: &replay,
            };
            let edge = Edge::lab(setup, desk, &recipe);
            let told = match &edge {
                Ok(_) => format!(
                    "the lab was rebuilt from its seed; {} applied plans were applied again",
                    replay.len()
                ),
                Err(failure) => format!("the lab could not be rebuilt: {}", failure.why),
            };
            (edge, Some(told))
        }
    };
    let playbook_drift = drifted(&opened.playbook);
    let resumed = Fact::IncidentResumed(Resumed {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        playbook_drift,
        lab,
    });
    entries.extend(journal.append(now(), &[Draft::new(resumed)])?);
    let stance = match opened.mode {
        Mode::Live => Stance::Live,
        Mode::Drill => Stance::Drill,
    };
    let found = Found {
        entries,
        playbook,
        target: edge
            .as_ref()
            .map_or(opened.target, |edge| edge.target().to_owned()),
    };
    let (open, mut message) =
        hand_over(desk, stance, found, Some(journal), JournalState::Safe, edge);
    if let (true, Message::Opened { case, .. }) = (playbook_drift, &mut message) {
        case.warnings.push(format!(
            "the playbook {} has changed since this incident opened; the pinned copy is used",
            opened.playbook.origin
        ));
    }
    Ok((open, message))
}

/// Opens a folder for reading: nothing of it is changed.
fn read_only(desk: &Desk, folder: &Path, why: String) -> Opening {
    let record = journal::read(folder)?;
    let playbook = pinned_copy(folder)?;
    let found = Found {
        entries: record.entries,
        playbook,
        target: record.meta.target,
    };
    let edge = Err(Failure::new(
        "nothing was run",
        "this incident is open for reading only",
        "resume it to work on it",
    ));
    let state = JournalState::ReadOnly { why };
    let (mut open, mut message) = hand_over(desk, Stance::ReadOnly, found, None, state, edge);
    folder.clone_into(&mut open.folder);
    if let Message::Opened { case, .. } = &mut message {
        case.folder = folder.display().to_string();
        case.warnings = record.faults.iter().map(ToString::to_string).collect();
    }
    Ok((open, message))
}

/// The playbook as it was when the incident opened.
fn pinned_copy(folder: &Path) -> Result<Playbook, Failure> {
    let text = playbooks::load(&folder.join("playbook.md"))?;
    playbooks::read(&text.source, "the pinned playbook")
        .playbook
        .ok_or_else(|| {
            Failure::new(
                "the incident can't be shown",
                "its copy of the playbook can't be read",
                "run firsthour verify on the folder to see what was changed",
            )
        })
}

/// Whether the playbook the incident was opened with reads differently now.
/// A file that is gone says nothing.
fn drifted(pin: &PlaybookPin) -> bool {
    playbooks::load(Path::new(&pin.origin))
        .is_ok_and(|text| crate::domain::digest::Digest::of(text.source.as_bytes()) != pin.sha256)
}

/// Every applied plan as one message, in the order they were applied: what is
/// local to a transaction must reach the plan's other statements.
fn applied_plans(incident: &Incident) -> Vec<String> {
    incident
        .timeline
        .iter()
        .filter_map(|entry| match &entry.fact {
            Fact::Applied(applied) => incident.plan(&applied.plan),
            _ => None,
        })
        .map(|record| {
            let statements = record.plan.statements.iter().map(|s| s.sql.as_str());
            format!("BEGIN;{};COMMIT", statements.collect::<Vec<_>>().join(";"))
        })
        .collect()
}

fn nothing_opened(folder: &Path) -> Failure {
    Failure::new(
        "the incident can't be resumed",
        format!("{} holds no entry that opens it", folder.display()),
        "run firsthour verify on the folder",
    )
}
