//! Everything that changes the world: one file an action, each able to plan,
//! apply, verify and plan its own undo.
//!
//! Nothing here decides to act: an action applies only with the recorded
//! approval of the very plan in hand. To add one, implement
//! [`action::Action`] in a file of its own and name it in [`ACTIONS`].

pub mod action;
pub mod restrict;

use action::Action;

/// Every action playbooks can offer.
pub static ACTIONS: &[&dyn Action] = &[
    &restrict::revoke::REVOKE,
    &restrict::rls::RLS,
    &restrict::deny::DENY,
    &restrict::nologin::NOLOGIN,
];

/// Finds an action by its id, such as `restrict.revoke`.
pub fn find(id: &str) -> Option<&'static dyn Action> {
    ACTIONS
        .iter()
        .copied()
        .find(|action| action.spec().id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_found() {
        for action in ACTIONS {
            let id = action.spec().id;
            assert_eq!(find(id).map(|found| found.spec().id), Some(id));
            assert_eq!(ACTIONS.iter().filter(|a| a.spec().id == id).count(), 1);
        }
        assert!(find("restrict.everything").is_none());
    }
}
