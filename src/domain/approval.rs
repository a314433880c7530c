//! The recorded yes to one plan: it exists only once it is in the journal.
//!
//! It stands apart from [`super::action`] because entries hold plans, and an
//! approval is read out of an entry.

use super::action::Plan;
use super::digest::Digest;
use super::entry::Entry;
use super::fact::Fact;
use super::failure::Failure;

/// A recorded yes to one plan digest. It can only be made from an entry that
/// is already in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    plan: Digest,
    entry: Digest,
}

impl Approval {
    /// Takes the approval out of a recorded entry and holds it against the
    /// plan in hand.
    ///
    /// # Errors
    /// When the entry is not an approval, or approves another plan.
    pub fn from_entry(entry: &Entry, plan: &Plan) -> Result<Self, Failure> {
        let Fact::Approved(approved) = &entry.fact else {
            return Err(Failure::new(
                "the action was not started",
                format!("entry {} is not an approval", entry.seq),
                "show the plan again and approve it",
            ));
        };
        let digest = plan.digest();
        if approved.plan != digest {
            return Err(Failure::new(
                "the action was not started",
                "the approval names another plan than the one in hand",
                "show the plan again and approve the one on screen",
            ));
        }
        Ok(Self {
            plan: digest,
            entry: entry.h.clone(),
        })
    }

    /// The approved plan.
    pub const fn plan(&self) -> &Digest {
        &self.plan
    }

    /// The entry that holds the yes.
    pub const fn entry(&self) -> &Digest {
        &self.entry
    }
}
