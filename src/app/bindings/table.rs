//! The rows themselves, in the order of the footer and the help.
//!
//! Braces keep each row on a line of its own.

use super::available::{
    always, can_allow, can_answer, can_approve, can_copy, can_go_back, can_go_on, can_look,
    can_open_lines, can_plan, can_prove, can_record, can_rehearse, can_run, can_take, can_undo,
    has_case, has_list, has_rows, idle_home, in_hand,
};
use super::binding::{Binding, Scope};
use crate::app::command::Command;
use crate::app::key::Key;
use crate::app::screen::ScreenKind as S;

const LISTS: Scope = Scope::On(&[
    S::Home,
    S::Map,
    S::Findings,
    S::Matrix,
    S::Causes,
    S::Timeline,
    S::Plans,
    S::Jobs,
    S::Reads,
    S::Logs,
]);
const WALKS: Scope = Scope::On(&[
    S::Home,
    S::Map,
    S::Findings,
    S::Finding,
    S::Matrix,
    S::Cell,
    S::Causes,
    S::Timeline,
    S::Plans,
    S::Plan,
    S::Jobs,
    S::Reads,
    S::Logs,
    S::Lines,
    S::Read,
    S::Help,
]);
const DETAILS: Scope = Scope::On(&[S::Map, S::Matrix, S::Causes, S::Timeline, S::Jobs, S::Reads]);
const OPENS: Scope = Scope::On(&[S::Home, S::Findings, S::Matrix, S::Plans, S::Reads, S::Logs]);
const SIDEWAYS: Scope = Scope::On(&[S::Matrix, S::Cell, S::Lines]);

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

/// Every verb.
pub static BINDINGS: &[Binding] = &[
    row! { GoOn, [Key::Enter], Scope::On(&[S::Map]), "go", "go on", "Do the next thing of the step in hand", can_go_on },
    row! { Open, [Key::Enter], OPENS, "open", "open", "Open the row under the cursor", has_rows },
    row! { JudgeCause, [Key::Enter], Scope::On(&[S::Causes]), "judge", "judge", "Say where a root cause stands, with the reason", can_record },
    row! { Answer, [Key::Char('a')], Scope::On(&[S::Map]), "answer", "answer", "Answer the step's next question, or change an answer", can_answer },
    row! { RunCheck, [Key::Char('r')], Scope::On(&[S::Map]), "run", "run", "Run the step's check (reads only)", can_run },
    row! { AllowHelpers, [Key::Char('H')], Scope::On(&[S::Map, S::Findings, S::Matrix]), "helpers", "", "Let the check run helper functions with effects, so that it can decide more", can_allow, true },
    row! { PlanAction, [Key::Char('p')], Scope::On(&[S::Map, S::Findings, S::Finding, S::Matrix, S::Cell]), "plan", "plan", "Plan the containment for what leaks here; changes nothing yet", can_plan, true },
    row! { Rehearse, [Key::Char('r')], Scope::On(&[S::Finding]), "rehearse", "rehearse", "Try the drafted fix in the lab or on a staging target, and roll it back", can_rehearse, true },
    row! { Approve, [Key::Char('y')], Scope::On(&[S::Plan]), "approve", "approve", "Approve this plan by typing the target's name; then it is applied", can_approve, true },
    row! { Refuse, [Key::Char('f')], Scope::On(&[S::Plan]), "refuse", "refuse", "Refuse this plan, with the reason", can_approve },
    row! { Prove, [Key::Char('v')], Scope::On(&[S::Plan]), "verify", "verify", "Probe again whether this containment holds", can_prove },
    row! { Undo, [Key::Char('u')], Scope::On(&[S::Plan]), "undo", "undo", "Plan the way back of this containment; needs its own approval", can_undo, true },
    row! { LookNow, [Key::Char('r')], Scope::On(&[S::Reads, S::Read]), "look", "look", "Look at the server's statistics now; they are watched while this screen is shown", can_look },
    row! { OpenLines, [Key::Char('l')], Scope::On(&[S::Logs, S::Finding, S::Lines]), "lines", "lines", "Open the lines of the logs that the finding points at, one place after the other", can_open_lines },
    row! { TakeStep, [Key::Char('t')], Scope::On(&[S::Map]), "take", "take", "Take the step under the cursor in hand", can_take },
    row! { DoneByHand, [Key::Char('d')], Scope::On(&[S::Map]), "done", "by hand", "Record that the step was done by hand", in_hand },
    row! { Skip, [Key::Char('s')], Scope::On(&[S::Map]), "skip", "skip", "Skip the step, with the reason", in_hand },
    row! { Correct, [Key::Char('c')], Scope::On(&[S::Timeline]), "correct", "correct", "Write a correction that points at this entry", can_record },
    row! { Copy, [Key::Char('c')], Scope::On(&[S::Matrix, S::Cell, S::Finding]), "copy", "copy", "Copy the statements that show this cell, or the drafted fix, to run by hand", can_copy },
    row! { Note, [Key::Char('n')], Scope::Everywhere, "note", "note", "Write a note into the timeline", can_record },
    row! { Observe, [Key::Char('o')], Scope::Everywhere, "observe", "", "Write down something seen elsewhere", can_record },
    row! { Filter, [Key::Char('/')], LISTS, "filter", "filter", "Narrow the list; a leading ! inverts", has_list },
    row! { GoMap, [Key::Char('1')], Scope::Everywhere, "map", "", "Show the playbook and the step in hand", has_case },
    row! { GoFindings, [Key::Char('2')], Scope::Everywhere, "findings", "", "Show what was found", has_case },
    row! { GoMatrix, [Key::Char('3')], Scope::Everywhere, "exposure", "", "Show who can read whose rows", has_case },
    row! { GoCauses, [Key::Char('4')], Scope::Everywhere, "causes", "", "Show the six root causes", has_case },
    row! { GoTimeline, [Key::Char('5')], Scope::Everywhere, "timeline", "", "Show what is recorded, newest first", has_case },
    row! { GoPlans, [Key::Char('6')], Scope::Everywhere, "plans", "", "Show plans and standing containments", has_case },
    row! { GoJobs, [Key::Char('7')], Scope::Everywhere, "jobs", "", "Show work under way and work that ended", always },
    row! { GoReads, [Key::Char('8')], Scope::Everywhere, "reads", "", "Show who could read and who did", has_case },
    row! { GoLogs, [Key::Char('9')], Scope::Everywhere, "logs", "", "Show who read, from the target's logs", has_case },
    row! { GoHome, [Key::Char('0')], Scope::Everywhere, "home", "", "Show incidents, drill and doctor", always },
    row! { StartDrill, [Key::Char('D')], Scope::On(&[S::Home]), "drill", "drill", "Start a drill against a leaky lab on this machine", idle_home },
    row! { StartLive, [Key::Char('L')], Scope::On(&[S::Home]), "live", "live", "Open a live incident on the configured target", idle_home },
    row! { Doctor, [Key::Char('R')], Scope::On(&[S::Home]), "doctor", "doctor", "Show what is ready and what is missing", always },
    row! { Export, [Key::Char('x')], Scope::Everywhere, "export", "", "Write the record as a report, as its lines, or the exposure as CSV or JSON", has_case },
    row! { NoteHead, [Key::Char('h')], Scope::Everywhere, "head", "", "Record the head of the chain, to share outside", can_record },
    row! { Close, [Key::Char('C')], Scope::Everywhere, "close", "", "Close the incident, with one sentence", can_record },
    row! { Palette, [Key::Char(':'), Key::Ctrl('p')], Scope::Everywhere, "palette", "commands", "Find any command by a few letters", always },
    row! { Help, [Key::Char('?')], Scope::Everywhere, "help", "help", "Show every key and what it does", always },
    row! { Back, [Key::Esc, Key::Backspace], Scope::Everywhere, "back", "back", "Go back to where you came from", can_go_back },
    row! { Quit, [Key::Char('q'), Key::Ctrl('c')], Scope::Everywhere, "quit", "quit", "Leave; everything said so far is on disk", always },
    row! { Redraw, [Key::Ctrl('l')], Scope::Everywhere, "redraw", "", "Draw the screen again", always },
    row! { Suspend, [Key::Ctrl('z')], Scope::Everywhere, "suspend", "", "Go to the shell; fg comes back", always },
    row! { Up, [Key::Up, Key::Char('k')], WALKS, "up", "", "Move up", always },
    row! { Down, [Key::Down, Key::Char('j')], WALKS, "down", "", "Move down", always },
    row! { Left, [Key::Left], SIDEWAYS, "left", "", "Move to the principal, or the place, before", always },
    row! { Right, [Key::Right], SIDEWAYS, "right", "", "Move to the principal, or the place, behind", always },
    row! { PageUp, [Key::PageUp], WALKS, "page-up", "", "Move up a page", always },
    row! { PageDown, [Key::PageDown, Key::Char(' ')], WALKS, "page-down", "", "Move down a page", always },
    row! { Top, [Key::Home, Key::Char('g')], WALKS, "top", "", "Move to the first row", always },
    row! { Bottom, [Key::End, Key::Char('G')], WALKS, "bottom", "", "Move to the last row", always },
    row! { DetailDown, [Key::Tab, Key::Char('J')], DETAILS, "more", "", "Show more of the detail beside the list", always },
    row! { DetailUp, [Key::BackTab, Key::Char('K')], DETAILS, "less", "", "Go back up in the detail", always },
];
