//! Containment: plan, approval, intent, deed, proof, and the way back. Every
//! arrow between two of them passes through the disk.

use super::append::{append, append_here};
use super::{navigate, prompt};
use crate::app::effect::Effect;
use crate::app::model::{JobKind, Model};
use crate::app::screen::{Purpose, Screen};
use crate::domain::action::{Outcome, Plan, Proof};
use crate::domain::approval::Approval;
use crate::domain::digest::Digest;
use crate::domain::entry::{Draft, Entry};
use crate::domain::fact::{
    ActionFailed, Applied, Approved, Fact, Intended, Planned, Proved, Refused,
};
use crate::domain::failure::Failure;
use crate::domain::stance::Stance;

/// A plan came back: write it down and show it.
pub fn made(model: &mut Model, plan: Plan) -> Vec<Effect> {
    let digest = plan.digest();
    let step = model
        .incident()
        .and_then(|incident| incident.in_hand.clone());
    let draft = Draft::new(Fact::Planned(Planned {
        digest: digest.clone(),
        plan,
    }))
    .at_step(step.as_deref());
    navigate::show(model, Screen::Plan { digest, scroll: 0 });
    append(model, vec![draft])
}

fn shown(model: &Model) -> Option<Digest> {
    match &model.screen {
        Screen::Plan { digest, .. } => Some(digest.clone()),
        _ => None,
    }
}

fn plan_of(model: &Model, digest: &Digest) -> Option<Plan> {
    Some(model.incident()?.plan(digest)?.plan.clone())
}

/// What has to be typed to approve a plan: the target's name, or, with no
/// person at the terminal and a live target, the plan's digest.
fn wanted(model: &Model, plan: &Plan) -> (&'static str, String) {
    if model.stance == Stance::Live && !model.person {
        (
            "the plan's digest, as shown",
            plan.digest().short().to_owned(),
        )
    } else {
        ("the target's name", plan.confirm.clone())
    }
}

/// Asks for the word that approves.
pub fn approve(model: &mut Model) -> Vec<Effect> {
    let Some(digest) = shown(model) else {
        return Vec::new();
    };
    if let Some(plan) = plan_of(model, &digest) {
        let (what, word) = wanted(model, &plan);
        let label = if model.person {
            format!("To approve, type {what}: {word}")
        } else {
            format!("To approve, type {what}")
        };
        prompt::open(model, Purpose::Approve { plan: digest }, &label);
    }
    Vec::new()
}

/// Records the approval when the right word was typed.
pub fn approve_typed(model: &mut Model, digest: &Digest, typed: &str) -> Vec<Effect> {
    let Some(plan) = plan_of(model, digest) else {
        return Vec::new();
    };
    let (what, word) = wanted(model, &plan);
    if typed != word {
        prompt::refuse_line(model, format!("that is not {what}; nothing was approved"));
        return Vec::new();
    }
    model.overlay = None;
    let draft = Draft::new(Fact::Approved(Approved {
        plan: digest.clone(),
        typed: typed.to_owned(),
    }));
    append_here(model, vec![draft])
}

/// Asks why the plan is refused.
pub fn refuse(model: &mut Model) -> Vec<Effect> {
    if let Some(plan) = shown(model) {
        prompt::open(
            model,
            Purpose::RefuseReason { plan },
            "Why is this plan refused?",
        );
    }
    Vec::new()
}

/// Records the refusal.
pub fn refused(model: &mut Model, plan: Digest, reason: String) -> Vec<Effect> {
    append_here(
        model,
        vec![Draft::new(Fact::Refused(Refused { plan, reason }))],
    )
}

/// The approval is on disk: write the intent.
pub fn intend(model: &mut Model, digest: &Digest, approval: &Digest) -> Vec<Effect> {
    let Some(plan) = plan_of(model, digest) else {
        return Vec::new();
    };
    model.start_job(JobKind::Apply(digest.clone()));
    let draft = Draft::new(Fact::Intended(Intended {
        plan: digest.clone(),
        action: plan.action,
        target: plan.target,
    }))
    .answering(approval);
    append_here(model, vec![draft])
}

/// The intent is on disk: now, and only now, the deed may be sent.
pub fn apply(model: &mut Model, intent: &Entry) -> Vec<Effect> {
    let Fact::Intended(intended) = &intent.fact else {
        return Vec::new();
    };
    let kind = JobKind::Apply(intended.plan.clone());
    let job = model
        .jobs
        .iter()
        .find(|(_, job)| job.what == kind)
        .map(|(id, _)| *id);
    let (Some(job), Some(plan)) = (job, plan_of(model, &intended.plan)) else {
        return Vec::new();
    };
    let approval = model
        .incident()
        .and_then(|incident| {
            let approved = intent.re.as_ref()?;
            incident
                .timeline
                .iter()
                .rev()
                .find(|entry| &entry.h == approved)
        })
        .map(|entry| Approval::from_entry(entry, &plan));
    match approval {
        Some(Ok(approval)) => vec![Effect::Apply {
            job,
            plan: Box::new(plan),
            approval,
        }],
        Some(Err(failure)) => refuse_to_apply(model, &intended.plan, job, failure),
        None => {
            let failure = Failure::new(
                "the action was not started",
                "its approval is not in the record",
                "show the plan again and approve it",
            );
            refuse_to_apply(model, &intended.plan, job, failure)
        }
    }
}

fn refuse_to_apply(
    model: &mut Model,
    plan: &Digest,
    job: crate::app::model::JobId,
    failure: Failure,
) -> Vec<Effect> {
    model.end_job(job, Some(failure.clone()));
    model.fail(failure.clone());
    let plan = plan.clone();
    append_here(
        model,
        vec![Draft::new(Fact::ActionFailed(ActionFailed {
            plan,
            failure,
        }))],
    )
}

/// The deed came back: write down what is known about it.
pub fn acted(model: &mut Model, plan: Digest, outcome: Outcome, ms: u64) -> Vec<Effect> {
    let fact = match outcome {
        Outcome::Applied => Fact::Applied(Applied { plan, ms }),
        Outcome::Failed(failure) => {
            model.fail(failure.clone());
            Fact::ActionFailed(ActionFailed { plan, failure })
        }
        Outcome::Unknown(failure) => {
            model.fail(failure.clone());
            Fact::ActionUnknown(ActionFailed { plan, failure })
        }
    };
    append_here(model, vec![Draft::new(fact)])
}

/// Probes the plan on screen again.
pub fn prove(model: &mut Model) -> Vec<Effect> {
    match shown(model) {
        Some(digest) => prove_plan(model, &digest),
        None => Vec::new(),
    }
}

/// Probes whether a plan's effect holds.
pub fn prove_plan(model: &mut Model, digest: &Digest) -> Vec<Effect> {
    let Some(plan) = plan_of(model, digest) else {
        return Vec::new();
    };
    let job = model.start_job(JobKind::Prove(digest.clone()));
    vec![Effect::Prove {
        job,
        plan: Box::new(plan),
        digest: digest.clone(),
    }]
}

/// On resume every standing containment is probed again.
pub fn probe_ledger(model: &mut Model) -> Vec<Effect> {
    let standing: Vec<Digest> = model.incident().map_or_else(Vec::new, |incident| {
        incident
            .ledger()
            .map(|record| record.digest.clone())
            .collect()
    });
    standing
        .iter()
        .flat_map(|digest| prove_plan(model, digest))
        .collect()
}

/// A probe came back: write it down and say what it shows.
pub fn proved(model: &mut Model, plan: Digest, proof: Proof) -> Vec<Effect> {
    model.tell(proof.text.clone());
    append_here(
        model,
        vec![Draft::new(Fact::Proved(Proved { plan, proof }))],
    )
}

/// Plans the way back of the containment on screen.
pub fn undo(model: &mut Model) -> Vec<Effect> {
    let record = shown(model).and_then(|digest| model.incident()?.plan(&digest).cloned());
    let Some(record) = record else {
        return Vec::new();
    };
    let job = model.start_job(JobKind::Plan(format!("undo of {}", record.plan.action)));
    vec![Effect::MakeUndo {
        job,
        record: Box::new(record),
    }]
}
