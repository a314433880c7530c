//! What rehearsals showed of drafts: it stands as long as the draft does.

use super::{Incident, Raised};
use crate::domain::fact::Rehearsed;
use crate::domain::fix::Fix;

impl Incident {
    /// Notes what was seen, if the draft is still the one that was tried.
    pub(super) fn rehearsed(&mut self, told: &Rehearsed) {
        let place = self.places.get(&told.finding);
        let Some(raised) = place.and_then(|at| self.findings.get_mut(*at)) else {
            return;
        };
        if statements(raised) == told.statements {
            raised.rehearsed = Some(told.rehearsal.clone());
        }
    }
}

impl Raised {
    /// The same claim raised again keeps what was seen of the same draft.
    pub(super) fn keeping(mut self, known: &mut Self) -> Self {
        if statements(&self) == statements(known) {
            self.rehearsed = known.rehearsed.take();
        }
        self
    }
}

fn statements(raised: &Raised) -> &[String] {
    raised
        .finding
        .fix
        .as_ref()
        .map_or(&[], |fix: &Fix| &fix.statements)
}
