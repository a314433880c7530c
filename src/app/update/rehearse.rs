//! Trying a drafted fix: the order is written down, then it is tried and
//! rolled back, then what was seen is written down.

use super::append::append_here;
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::model::{JobKind, Model};
use crate::app::rows;
use crate::domain::entry::Draft;
use crate::domain::fact::{Fact, RehearsalStarted, Rehearsed};

/// Writes the order to try the draft of the finding on screen.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let order = rows::drafted(model).map(|(finding, fix)| (finding.key(), fix.statements.clone()));
    let (Some((finding, statements)), Some(case)) = (order, &model.case) else {
        return Vec::new();
    };
    let started = RehearsalStarted {
        finding: finding.clone(),
        target: case.target.clone(),
        statements,
    };
    model.start_job(JobKind::Rehearse(finding));
    append_here(model, vec![Draft::new(Fact::RehearsalStarted(started))])
}

/// The order is on disk: now the draft may be tried.
pub fn run(model: &Model, started: &RehearsalStarted) -> Vec<Effect> {
    let kind = JobKind::Rehearse(started.finding.clone());
    let job = model.jobs.iter().find(|(_, job)| job.what == kind);
    job.map(|(id, _)| Effect::Rehearse {
        job: *id,
        finding: started.finding.clone(),
        statements: started.statements.clone(),
    })
    .into_iter()
    .collect()
}

/// Writes down what was seen.
pub fn done(model: &mut Model, message: Message) -> Vec<Effect> {
    let Message::Rehearsed {
        job,
        finding,
        statements,
        rehearsal,
    } = message
    else {
        return Vec::new();
    };
    model.end_job(job, None);
    model.tell(format!("rehearsed, rolled back: {}", rehearsal.summary()));
    let fact = Fact::Rehearsed(Rehearsed {
        finding,
        statements,
        rehearsal,
    });
    append_here(model, vec![Draft::new(fact)])
}
