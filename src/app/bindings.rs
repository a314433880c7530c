//! The one table of keys. Dispatch, footer, help, palette, the plain menu and
//! the README's key table all read it, so none of them can drift.
//!
//! To add a key: one row in `bindings/table.rs`. `danger` marks verbs that
//! lead to a change of the outside world; a read-only stance blocks every
//! such row.

mod available;
mod binding;
mod table;

pub use available::can_record;
pub use binding::{Availability, Binding, Scope};
pub use table::BINDINGS;

use super::command::Command;
use super::key::Key;
use super::model::Model;
use super::screen::ScreenKind;
use crate::domain::stance::Stance;

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
        return Availability::Hidden;
    }
    if binding.danger
        && model.stance == Stance::ReadOnly
        && !matches!((binding.available)(model), Availability::Hidden)
    {
        return Availability::Blocked("this view is read-only".to_owned());
    }
    match (binding.available)(model) {
        Availability::Ready if binding.danger => degraded(model),
        other => other,
    }
}

/// While the disk is short of room notes are still taken, deeds are not.
fn degraded(model: &Model) -> Availability {
    let why = model
        .incident()
        .and_then(|incident| incident.degraded.as_ref());
    match why {
        Some(why) => Availability::Blocked(format!("the journal is degraded: {why}")),
        None => Availability::Ready,
    }
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
