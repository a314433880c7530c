//! The one table of keys. Dispatch, footer, help, palette, the plain menu and
//! the README's key table all read it, so none of them can drift.
//!
//! To add a key: one row. `danger` marks verbs that lead to a change of the
//! outside world; a read-only stance blocks every such row.

use super::command::Command;
use super::key::Key;
use super::model::{JournalState, Model};
use super::rows;
use super::screen::{Screen, ScreenKind};
use crate::domain::incident::PlanState;
use crate::domain::stance::Stance;

/// Whether a verb can be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    Ready,
    /// Shown, with the reason.
    Blocked(String),
    /// Makes no sense here; not shown.
    Hidden,
}

/// Where a row applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Everywhere,
    On(&'static [ScreenKind]),
}

/// One verb with its keys.
#[derive(Debug)]
pub struct Binding {
    pub keys: &'static [Key],
    pub scope: Scope,
    pub command: Command,
    /// The word typed in plain form and in the palette.
    pub name: &'static str,
    /// One or two words for the footer; empty keeps it out of the footer.
    pub short: &'static str,
    /// A sentence for help and palette.
    pub long: &'static str,
    pub danger: bool,
    pub available: fn(&Model) -> Availability,
}

impl Binding {
    /// Whether the verb only moves the cursor; such verbs stay out of the
    /// palette and of the plain menu.
    pub const fn moves(&self) -> bool {
        matches!(
            self.command,
            Command::Up
                | Command::Down
                | Command::Left
                | Command::Right
                | Command::PageUp
                | Command::PageDown
                | Command::Top
                | Command::Bottom
                | Command::DetailUp
                | Command::DetailDown
        )
    }

    /// The keys as text: `j / Down`.
    pub fn keys_text(&self) -> String {
        let names: Vec<String> = self.keys.iter().map(|key| key.name()).collect();
        names.join(" / ")
    }
}

use Availability::{Blocked, Hidden, Ready};
use ScreenKind as S;

const LISTS: Scope = Scope::On(&[
    S::Home,
    S::Map,
    S::Findings,
    S::Matrix,
    S::Causes,
    S::Timeline,
    S::Plans,
    S::Jobs,
]);
const WALKS: Scope = Scope::On(&[
    S::Home,
    S::Map,
    S::Findings,
    S::Finding,
    S::Matrix,
    S::Causes,
    S::Timeline,
    S::Plans,
    S::Plan,
    S::Jobs,
    S::Help,
]);
const DETAILS: Scope = Scope::On(&[S::Map, S::Matrix, S::Causes, S::Timeline, S::Jobs]);
const OPENS: Scope = Scope::On(&[S::Home, S::Findings, S::Plans]);

macro_rules! row {
    ($command:ident, [$($key:expr),*], $scope:expr, $name:literal, $short:literal, $long:literal, $available:expr) => {
        row!($command, [$($key),*], $scope, $name, $short, $long, $available, false)
    };
    ($command:ident, [$($key:expr),*], $scope:expr, $name:literal, $short:literal, $long:literal, $available:expr, $danger:literal) => {
        Binding {
            keys: &[$($key),*],
            scope: $scope,
            command: Command::$command,
            name: $name,
            short: $short,
            long: $long,
            danger: $danger,
            available: $available,
        }
    };
}

/// Every verb, in the order of the footer and the help.
pub static BINDINGS: &[Binding] = &[
    row!(
        GoOn,
        [Key::Enter],
        Scope::On(&[S::Map]),
        "go",
        "go on",
        "Do the next thing of the step in hand",
        can_go_on
    ),
    row!(
        Open,
        [Key::Enter],
        OPENS,
        "open",
        "open",
        "Open the row under the cursor",
        has_rows
    ),
    row!(
        JudgeCause,
        [Key::Enter],
        Scope::On(&[S::Causes]),
        "judge",
        "judge",
        "Say where a root cause stands, with the reason",
        can_record
    ),
    row!(
        Answer,
        [Key::Char('a')],
        Scope::On(&[S::Map]),
        "answer",
        "answer",
        "Answer the step's next question, or change an answer",
        can_answer
    ),
    row!(
        RunCheck,
        [Key::Char('r')],
        Scope::On(&[S::Map]),
        "run",
        "run",
        "Run the step's check (reads only)",
        can_run
    ),
    row!(
        PlanAction,
        [Key::Char('p')],
        Scope::On(&[S::Map, S::Findings, S::Finding, S::Matrix]),
        "plan",
        "plan",
        "Plan the containment for what leaks here; changes nothing yet",
        can_plan,
        true
    ),
    row!(
        Approve,
        [Key::Char('y')],
        Scope::On(&[S::Plan]),
        "approve",
        "approve",
        "Approve this plan by typing the target's name; then it is applied",
        can_approve,
        true
    ),
    row!(
        Refuse,
        [Key::Char('f')],
        Scope::On(&[S::Plan]),
        "refuse",
        "refuse",
        "Refuse this plan, with the reason",
        can_approve
    ),
    row!(
        Prove,
        [Key::Char('v')],
        Scope::On(&[S::Plan]),
        "verify",
        "verify",
        "Probe again whether this containment holds",
        can_prove
    ),
    row!(
        Undo,
        [Key::Char('u')],
        Scope::On(&[S::Plan]),
        "undo",
        "undo",
        "Plan the way back of this containment; needs its own approval",
        can_undo,
        true
    ),
    row!(
        TakeStep,
        [Key::Char('t')],
        Scope::On(&[S::Map]),
        "take",
        "take",
        "Take the step under the cursor in hand",
        can_take
    ),
    row!(
        DoneByHand,
        [Key::Char('d')],
        Scope::On(&[S::Map]),
        "done",
        "by hand",
        "Record that the step was done by hand",
        in_hand
    ),
    row!(
        Skip,
        [Key::Char('s')],
        Scope::On(&[S::Map]),
        "skip",
        "skip",
        "Skip the step, with the reason",
        in_hand
    ),
    row!(
        Correct,
        [Key::Char('c')],
        Scope::On(&[S::Timeline]),
        "correct",
        "correct",
        "Write a correction that points at this entry",
        can_record
    ),
    row!(
        Note,
        [Key::Char('n')],
        Scope::Everywhere,
        "note",
        "note",
        "Write a note into the timeline",
        can_record
    ),
    row!(
        Observe,
        [Key::Char('o')],
        Scope::Everywhere,
        "observe",
        "",
        "Write down something seen elsewhere",
        can_record
    ),
    row!(
        Filter,
        [Key::Char('/')],
        LISTS,
        "filter",
        "filter",
        "Narrow the list; a leading ! inverts",
        has_list
    ),
    row!(
        GoMap,
        [Key::Char('1')],
        Scope::Everywhere,
        "map",
        "",
        "Show the playbook and the step in hand",
        has_case
    ),
    row!(
        GoFindings,
        [Key::Char('2')],
        Scope::Everywhere,
        "findings",
        "",
        "Show what was found",
        has_case
    ),
    row!(
        GoMatrix,
        [Key::Char('3')],
        Scope::Everywhere,
        "exposure",
        "",
        "Show who can read whose rows",
        has_case
    ),
    row!(
        GoCauses,
        [Key::Char('4')],
        Scope::Everywhere,
        "causes",
        "",
        "Show the six root causes",
        has_case
    ),
    row!(
        GoTimeline,
        [Key::Char('5')],
        Scope::Everywhere,
        "timeline",
        "",
        "Show what is recorded, newest first",
        has_case
    ),
    row!(
        GoPlans,
        [Key::Char('6')],
        Scope::Everywhere,
        "plans",
        "",
        "Show plans and standing containments",
        has_case
    ),
    row!(
        GoJobs,
        [Key::Char('7')],
        Scope::Everywhere,
        "jobs",
        "",
        "Show work under way and work that ended",
        always
    ),
    row!(
        GoHome,
        [Key::Char('0')],
        Scope::Everywhere,
        "home",
        "",
        "Show incidents, drill and doctor",
        always
    ),
    row!(
        StartDrill,
        [Key::Char('D')],
        Scope::On(&[S::Home]),
        "drill",
        "drill",
        "Start a drill against a leaky lab on this machine",
        idle_home
    ),
    row!(
        StartLive,
        [Key::Char('L')],
        Scope::On(&[S::Home]),
        "live",
        "live",
        "Open a live incident on the configured target",
        idle_home
    ),
    row!(
        Doctor,
        [Key::Char('R')],
        Scope::On(&[S::Home]),
        "doctor",
        "doctor",
        "Show what is ready and what is missing",
        always
    ),
    row!(
        Export,
        [Key::Char('x')],
        Scope::Everywhere,
        "export",
        "",
        "Write the record as Markdown or JSONL",
        has_case
    ),
    row!(
        NoteHead,
        [Key::Char('h')],
        Scope::Everywhere,
        "head",
        "",
        "Record the head of the chain, to share outside",
        can_record
    ),
    row!(
        Close,
        [Key::Char('C')],
        Scope::Everywhere,
        "close",
        "",
        "Close the incident, with one sentence",
        can_record
    ),
    row!(
        Palette,
        [Key::Char(':'), Key::Ctrl('p')],
        Scope::Everywhere,
        "palette",
        "commands",
        "Find any command by a few letters",
        always
    ),
    row!(
        Help,
        [Key::Char('?')],
        Scope::Everywhere,
        "help",
        "help",
        "Show every key and what it does",
        always
    ),
    row!(
        Back,
        [Key::Esc, Key::Backspace],
        Scope::Everywhere,
        "back",
        "back",
        "Go back to where you came from",
        can_go_back
    ),
    row!(
        Quit,
        [Key::Char('q'), Key::Ctrl('c')],
        Scope::Everywhere,
        "quit",
        "quit",
        "Leave; everything said so far is on disk",
        always
    ),
    row!(
        Redraw,
        [Key::Ctrl('l')],
        Scope::Everywhere,
        "redraw",
        "",
        "Draw the screen again",
        always
    ),
    row!(
        Suspend,
        [Key::Ctrl('z')],
        Scope::Everywhere,
        "suspend",
        "",
        "Go to the shell; fg comes back",
        always
    ),
    row!(
        Up,
        [Key::Up, Key::Char('k')],
        WALKS,
        "up",
        "",
        "Move up",
        always
    ),
    row!(
        Down,
        [Key::Down, Key::Char('j')],
        WALKS,
        "down",
        "",
        "Move down",
        always
    ),
    row!(
        Left,
        [Key::Left],
        Scope::On(&[S::Matrix]),
        "left",
        "",
        "Move to the principal on the left",
        always
    ),
    row!(
        Right,
        [Key::Right],
        Scope::On(&[S::Matrix]),
        "right",
        "",
        "Move to the principal on the right",
        always
    ),
    row!(
        PageUp,
        [Key::PageUp],
        WALKS,
        "page-up",
        "",
        "Move up a page",
        always
    ),
    row!(
        PageDown,
        [Key::PageDown, Key::Char(' ')],
        WALKS,
        "page-down",
        "",
        "Move down a page",
        always
    ),
    row!(
        Top,
        [Key::Home, Key::Char('g')],
        WALKS,
        "top",
        "",
        "Move to the first row",
        always
    ),
    row!(
        Bottom,
        [Key::End, Key::Char('G')],
        WALKS,
        "bottom",
        "",
        "Move to the last row",
        always
    ),
    row!(
        DetailDown,
        [Key::Tab, Key::Char('J')],
        DETAILS,
        "more",
        "",
        "Show more of the detail beside the list",
        always
    ),
    row!(
        DetailUp,
        [Key::BackTab, Key::Char('K')],
        DETAILS,
        "less",
        "",
        "Go back up in the detail",
        always
    ),
];

/// Whether a row applies on a screen.
pub fn in_scope(binding: &Binding, screen: ScreenKind) -> bool {
    match binding.scope {
        Scope::Everywhere => true,
        Scope::On(screens) => screens.contains(&screen),
    }
}

/// Whether a verb can be done now, with the read-only law applied.
pub fn availability(binding: &Binding, model: &Model) -> Availability {
    if !in_scope(binding, model.screen.kind()) {
        return Hidden;
    }
    if binding.danger
        && model.stance == Stance::ReadOnly
        && !matches!((binding.available)(model), Hidden)
    {
        return Blocked("this view is read-only".to_owned());
    }
    (binding.available)(model)
}

/// The row a key stands for on the present screen.
pub fn by_key(key: Key, model: &Model) -> Option<&'static Binding> {
    BINDINGS
        .iter()
        .find(|row| row.keys.contains(&key) && in_scope(row, model.screen.kind()))
}

/// The row of a command on the present screen, else anywhere.
pub fn by_command(command: Command, model: &Model) -> Option<&'static Binding> {
    let rows = || BINDINGS.iter().filter(|row| row.command == command);
    rows()
        .find(|row| in_scope(row, model.screen.kind()))
        .or_else(|| rows().next())
}

const fn always(_: &Model) -> Availability {
    Ready
}

fn has_list(model: &Model) -> Availability {
    if model.screen.list().is_some() {
        Ready
    } else {
        Hidden
    }
}

fn has_rows(model: &Model) -> Availability {
    if rows::any(model) {
        Ready
    } else {
        Blocked("the list is empty".to_owned())
    }
}

const fn has_case(model: &Model) -> Availability {
    if model.case.is_some() { Ready } else { Hidden }
}

fn can_go_back(model: &Model) -> Availability {
    if model.trail.is_empty() {
        Hidden
    } else {
        Ready
    }
}

fn idle_home(model: &Model) -> Availability {
    if model.jobs.is_empty() {
        Ready
    } else {
        Blocked("work is under way; see jobs".to_owned())
    }
}

/// Whether entries can be written.
fn can_record(model: &Model) -> Availability {
    let Some(case) = &model.case else {
        return Hidden;
    };
    match &case.journal {
        JournalState::Blocked { why } => Blocked(format!("the journal can't write: {why}")),
        JournalState::ReadOnly { why } => Blocked(why.clone()),
        _ if case.incident.closed.is_some() => Blocked("the incident is closed".to_owned()),
        _ => Ready,
    }
}

fn can_go_on(model: &Model) -> Availability {
    match can_record(model) {
        Ready if !model.jobs.is_empty() => Blocked("work is under way".to_owned()),
        other => other,
    }
}

fn in_hand(model: &Model) -> Availability {
    match can_record(model) {
        Ready if model.step_in_hand().is_none() => Blocked("no step is in hand".to_owned()),
        other => other,
    }
}

fn can_take(model: &Model) -> Availability {
    match can_record(model) {
        Ready if rows::len(model) == 0 => Blocked("the list is empty".to_owned()),
        other => other,
    }
}

fn can_answer(model: &Model) -> Availability {
    match in_hand(model) {
        Ready
            if model
                .step_in_hand()
                .is_some_and(|step| step.asks.is_empty()) =>
        {
            Hidden
        }
        other => other,
    }
}

fn can_run(model: &Model) -> Availability {
    match in_hand(model) {
        Ready
            if model
                .step_in_hand()
                .is_some_and(|step| step.checks.is_empty()) =>
        {
            Hidden
        }
        Ready if !model.jobs.is_empty() => Blocked("work is under way".to_owned()),
        other => other,
    }
}

fn can_plan(model: &Model) -> Availability {
    match can_record(model) {
        Ready => {}
        other => return other,
    }
    let Some(incident) = model.incident() else {
        return Hidden;
    };
    if !model.jobs.is_empty() {
        return Blocked("work is under way".to_owned());
    }
    if matches!(model.screen, Screen::Map(_)) && !rows::any_leak(incident) {
        return Blocked("no leak is proven yet; run the reach check first".to_owned());
    }
    Ready
}

fn plan_state(model: &Model) -> Option<&PlanState> {
    let Screen::Plan { digest, .. } = &model.screen else {
        return None;
    };
    Some(&model.incident()?.plan(digest)?.state)
}

fn can_approve(model: &Model) -> Availability {
    match (can_record(model), plan_state(model)) {
        (Ready, Some(PlanState::Shown)) => Ready,
        (Ready, Some(_)) => Hidden,
        (other, _) => other,
    }
}

fn can_prove(model: &Model) -> Availability {
    match (can_record(model), plan_state(model)) {
        (Ready, Some(PlanState::Applied | PlanState::Unknown { .. })) => Ready,
        (Ready, _) => Hidden,
        (other, _) => other,
    }
}

fn can_undo(model: &Model) -> Availability {
    let Screen::Plan { digest, .. } = &model.screen else {
        return Hidden;
    };
    let Some(record) = model.incident().and_then(|incident| incident.plan(digest)) else {
        return Hidden;
    };
    match can_record(model) {
        Ready if record.standing() && !model.jobs.is_empty() => {
            Blocked("work is under way".to_owned())
        }
        Ready if record.standing() => Ready,
        Ready => Hidden,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlap(a: &Binding, b: &Binding) -> bool {
        match (a.scope, b.scope) {
            (Scope::On(a), Scope::On(b)) => a.iter().any(|screen| b.contains(screen)),
            _ => true,
        }
    }

    #[test]
    fn no_key_means_two_things_on_one_screen() {
        for (at, a) in BINDINGS.iter().enumerate() {
            for b in &BINDINGS[at + 1..] {
                let shared = a.keys.iter().any(|key| b.keys.contains(key));
                assert!(!(shared && overlap(a, b)), "{} and {}", a.name, b.name);
            }
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = BINDINGS.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), BINDINGS.len());
    }
}
