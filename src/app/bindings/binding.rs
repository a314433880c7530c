//! One row of the key table: its shape and nothing else.

use crate::app::command::Command;
use crate::app::key::Key;
use crate::app::model::Model;
use crate::app::screen::ScreenKind;

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
