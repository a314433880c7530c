//! What should the responder do next? Markdown into
//! [`Playbook`](crate::domain::playbook::Playbook), its lint, its printed
//! forms, and the playbooks that ship with the program.
//!
//! This room reads text and nothing else: it never runs what a playbook
//! names. What checks and actions exist is handed in as [`Abilities`]. To
//! ship another playbook, put it into `playbooks/` and add a row to
//! [`SHIPPED`].

mod build;
mod diagnostic;
mod draft;
mod expression;
mod fence;
mod lint;
mod load;
mod outline;
mod print;
mod schema;
mod show;
mod source;
mod suggest;
mod template;
mod yaml;

pub use diagnostic::{Code, Diagnostic, Level};
pub use expression::{Mistake, parse as parse_expression};
pub use load::{Text, load};
pub use print::print;
pub use schema::schema;
pub use show::{show, show_step};
pub use source::{Place, Span};
pub use template::template;

use crate::domain::action::ActionSpec;
use crate::domain::check::CheckSpec;
use crate::domain::failure::Failure;
use crate::domain::playbook::Playbook;
use chrono::NaiveDate;
use diagnostic::Note;
use source::Source;

/// A playbook that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// The name it is started by, equal to its `id`.
    pub name: &'static str,
    /// The Markdown.
    pub source: &'static str,
}

const SHIPPED: &[Shipped] = &[
    Shipped {
        name: "data-leak",
        source: include_str!("../playbooks/data-leak.md"),
    },
    Shipped {
        name: "leaked-credential",
        source: include_str!("../playbooks/leaked-credential.md"),
    },
    Shipped {
        name: "public-cache",
        source: include_str!("../playbooks/public-cache.md"),
    },
];

/// Every playbook that comes with the program; the first is the default.
pub fn shipped() -> &'static [Shipped] {
    SHIPPED
}

/// What a playbook may name: the registered checks and actions.
#[derive(Debug, Clone, Default)]
pub struct Abilities {
    pub checks: Vec<CheckSpec>,
    pub actions: Vec<ActionSpec>,
}

/// What reading one file brought.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The playbook, when nothing in it was unreadable. It may still fail the
    /// lint.
    pub playbook: Option<Playbook>,
    /// Mistakes of form, in order of place.
    pub diagnostics: Vec<Diagnostic>,
    origin: String,
    draft: draft::Draft,
}

/// Reads Markdown; `origin` is the name shown in diagnostics. Never fails and
/// never stops at the first mistake.
pub fn read(source: &str, origin: &str) -> Reading {
    let text = Source::new(source);
    let mut notes = Vec::new();
    let outline = outline::outline(&text, &mut notes);
    let draft = build::build(&text, &outline, &mut notes);
    let diagnostics = bind(notes, &text, origin);
    let broken = diagnostics.iter().any(|d| d.level == Level::Error);
    Reading {
        playbook: (!broken).then(|| draft.playbook.clone()),
        diagnostics,
        origin: origin.to_owned(),
        draft,
    }
}

/// Proves what must hold before a playbook may be run: ids, branches, names,
/// budgets and dates. Works on half-read files too; mistakes of form are not
/// repeated.
pub fn lint(reading: &Reading, abilities: &Abilities, today: NaiveDate) -> Vec<Diagnostic> {
    let source = Source::new(&reading.draft.playbook.source);
    let notes = lint::notes(&reading.draft, abilities, today);
    bind(notes, &source, &reading.origin)
}

/// Reads and lints in one go: all mistakes, in order of place.
pub fn check(
    source: &str,
    origin: &str,
    abilities: &Abilities,
    today: NaiveDate,
) -> (Reading, Vec<Diagnostic>) {
    let reading = read(source, origin);
    let mut all = reading.diagnostics.clone();
    all.extend(lint(&reading, abilities, today));
    all.sort_by_key(|d| (d.place.line, d.place.column, d.code));
    (reading, all)
}

/// Reads a playbook that is about to be run; returns it with its warnings.
///
/// # Errors
/// When it has a mistake: the first one, and how to see them all.
pub fn open(
    text: &Text,
    abilities: &Abilities,
    today: NaiveDate,
) -> Result<(Playbook, Vec<Diagnostic>), Failure> {
    let (reading, all) = check(&text.source, &text.origin, abilities, today);
    let first = all.iter().find(|d| d.level == Level::Error);
    match (first, reading.playbook) {
        (None, Some(playbook)) => Ok((playbook, all)),
        (first, _) => Err(Failure::new(
            format!("the playbook {} cannot be run", text.origin),
            first.map_or_else(String::new, |d| {
                format!(
                    "line {}, column {}: {}",
                    d.place.line, d.place.column, d.message
                )
            }),
            format!(
                "run `firsthour playbook lint {}` to see every mistake",
                text.origin
            ),
        )),
    }
}

/// Most mistakes told at once; more than this is another kind of file.
const MOST_TOLD: usize = 100;

fn bind(mut notes: Vec<Note>, source: &Source<'_>, origin: &str) -> Vec<Diagnostic> {
    notes.sort_by_key(|note| (note.span, note.code));
    notes.dedup();
    let more = notes.len().saturating_sub(MOST_TOLD);
    notes.truncate(MOST_TOLD);
    if let (Some(last), true) = (notes.last_mut(), more > 0) {
        last.help = format!("{more} more mistakes are not listed; correct these first");
    }
    notes.iter().map(|note| note.bind(source, origin)).collect()
}
