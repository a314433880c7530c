//! The jobs that speak to the target: check, rehearse, plan, undo, apply, prove. Each
//! opens its own connection and ends in one message.

use super::desk::Desk;
use super::edge::Edge;
use crate::app::message::Message;
use crate::app::model::JobId;
use crate::app::offers::{Aim, Share};
use crate::contain;
use crate::contain::action::{Action, On, PlanRequest, Relation, Watched};
use crate::domain::action::{Outcome, Plan, Proof};
use crate::domain::approval::Approval;
use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use crate::domain::finding::SubjectKind;
use crate::domain::incident::PlanRecord;
use crate::domain::picture::LogPicture;
use crate::domain::reading::Exhibit;
use crate::domain::trail::LogPlace;
use crate::investigate;
use crate::investigate::check::{Keeping, Sink};
use crate::investigate::database::{self, Reader};
use crate::investigate::logs::{lines, source};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// A job's answer.
type Answer = Result<Message, Failure>;

/// Passes a check's progress on.
struct Progress(Desk);

impl Sink for Progress {
    fn progress(&self, done: usize, total: usize, what: &str) {
        self.0.progress(done as u64, total as u64, what);
    }

    fn warn(&self, warning: &str) {
        self.0.progress(0, 0, warning);
    }

    fn picture(&self, picture: LogPicture) {
        let (job, picture) = (self.0.job, Box::new(picture));
        // The loop is gone only when the program is ending.
        drop(self.0.outbox.send(Message::LogsSeen { job, picture }));
    }

    fn keep(&self, exhibit: Exhibit) -> Keeping<'_> {
        Box::pin(async move {
            match &self.0.shelf {
                Some(record) => record.keep(exhibit).await,
                None => Err(Failure::new(
                    "the statistics were not kept",
                    "this incident is open for reading only",
                    "resume it in a terminal of its own",
                )),
            }
        })
    }
}

/// Runs a registered check against the target.
pub async fn check(
    edge: Arc<Edge>,
    desk: Desk,
    job: JobId,
    check: String,
    with: BTreeMap<String, String>,
) -> Answer {
    let found = investigate::find(&check).ok_or_else(|| not_built(&check))?;
    let started = Instant::now();
    let sink = Progress(desk);
    let mut reach = edge.reach().clone();
    reach.probe_helpers = with.get("helpers").is_some_and(|allowed| allowed == "true");
    let report = found.run(&reach, &sink).await?;
    Ok(Message::CheckDone {
        job,
        check,
        report: Box::new(report),
        ms: elapsed(started),
    })
}

/// Ends the reading when nobody waits for it any more.
struct Leash(Arc<AtomicBool>);

impl Drop for Leash {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Reads the lines at a place of the target's logs, and of nothing else: a
/// place comes out of a record, which others may have written.
pub async fn lines(edge: Arc<Edge>, job: JobId, place: LogPlace, since: DateTime<Utc>) -> Answer {
    let paths = edge.reach().logs.as_ref().map(|logs| logs.paths.clone());
    let paths = paths.ok_or_else(|| {
        Failure::new(
            "no lines were read",
            "nothing says where the target's logs are",
            "name them in firsthour.toml, [targets.NAME.logs] with paths = [\"FOLDER\"]",
        )
    })?;
    let leash = Leash(Arc::default());
    let stop = Arc::clone(&leash.0);
    let read = tokio::task::spawn_blocking(move || {
        let (pieces, _) = source::pieces(&paths);
        lines::read(&pieces, &place, Some(since), &stop)
    });
    let lines = read.await.map_err(|error| {
        Failure::new(
            "no lines were read",
            error.to_string(),
            "open the file itself at the place",
        )
    })??;
    Ok(Message::LinesRead {
        job,
        lines: Box::new(lines),
    })
}

/// The same, where the server's statistics are no evidence: who read in a lab
/// or on staging took nothing.
struct Trial(Progress);

impl Sink for Trial {
    fn progress(&self, done: usize, total: usize, what: &str) {
        self.0.progress(done, total, what);
    }

    fn warn(&self, warning: &str) {
        self.0.warn(warning);
    }

    fn keep(&self, _exhibit: Exhibit) -> Keeping<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Tries the draft of a finding where the edge gives leave.
pub async fn rehearse(
    edge: Arc<Edge>,
    desk: Desk,
    job: JobId,
    finding: String,
    statements: Vec<String>,
) -> Answer {
    let practice = edge.practice().cloned().ok_or_else(|| {
        Failure::new(
            "the fix was not rehearsed",
            format!("{} is live, and a rehearsal takes locks", edge.target()),
            "mark a staging target with staging = true and open an incident there",
        )
    })?;
    let sink = Trial(Progress(desk));
    let draft = (finding.as_str(), statements.as_slice());
    let rehearsal = database::rehearsal(edge.reach(), practice, draft, &sink).await?;
    Ok(Message::Rehearsed {
        job,
        finding,
        statements,
        rehearsal,
    })
}

/// Plans an action against what leaks.
pub async fn plan(edge: Arc<Edge>, job: JobId, action: String, aim: Aim, share: Share) -> Answer {
    let action = registered(&action)?;
    let (on, readers) = aimed(&edge, aim, share).await?;
    let watched = readers.into_iter().map(|p| Watched {
        principal: p.principal,
        who: p.who,
        foreign: p.foreign,
    });
    let request = PlanRequest {
        target: edge.target().to_owned(),
        on,
        watched: watched.collect(),
    };
    let session = edge.connect().await?;
    let plan = action.plan(&session, &request).await?;
    Ok(Message::PlanMade {
        job,
        plan: Box::new(plan),
    })
}

/// What is aimed at as the database has it, and whom it must be kept from.
async fn aimed(edge: &Edge, aim: Aim, share: Share) -> Result<(On, Vec<Reader>), Failure> {
    match aim.kind {
        SubjectKind::Function => {
            let callers = database::callers(edge.reach(), &aim.name).await?;
            Ok((On::Routine(aim.name), callers))
        }
        SubjectKind::Schema => {
            let outsiders = database::outsiders(edge.reach()).await?;
            Ok((On::Schema(aim.name), outsiders))
        }
        SubjectKind::Role => Ok((On::Role(aim.name), Vec::new())),
        _ => {
            let leak = database::leak(edge.reach(), &aim.name, &aim.principals).await?;
            let relation = Relation {
                schema: leak.schema,
                relation: leak.relation,
            };
            let on = match share {
                Share::Whole => On::Relation(relation),
                Share::PrivateColumns => On::Columns(relation, leak.private),
            };
            Ok((on, leak.readers))
        }
    }
}

/// Plans the way back of an applied plan.
pub async fn undo(edge: Arc<Edge>, job: JobId, record: PlanRecord) -> Answer {
    let action = registered(&record.plan.action)?;
    let session = edge.connect().await?;
    let plan = action.undo(&session, &record).await?;
    Ok(Message::PlanMade {
        job,
        plan: Box::new(plan),
    })
}

/// Applies an approved plan. Whatever happens, the answer says what is known.
pub async fn apply(edge: Arc<Edge>, job: JobId, plan: Plan, approval: Approval) -> Answer {
    let started = Instant::now();
    let digest = plan.digest();
    let outcome = match try_apply(&edge, &plan, &approval).await {
        Ok(outcome) => outcome,
        // Nothing was sent: the connection or the registry refused before.
        Err(failure) => Outcome::Failed(failure),
    };
    Ok(Message::ActionDone {
        job,
        plan: digest,
        outcome,
        ms: elapsed(started),
    })
}

async fn try_apply(edge: &Edge, plan: &Plan, approval: &Approval) -> Result<Outcome, Failure> {
    if plan.target != edge.target() {
        return Err(Failure::new(
            "the action was not started",
            format!(
                "the plan is for {} and this is {}",
                plan.target,
                edge.target()
            ),
            "resume the incident with the target the plan was made for",
        ));
    }
    let action = registered(&plan.action)?;
    let session = edge.connect().await?;
    Ok(action.apply(&session, plan, approval).await)
}

/// Probes whether a plan's effect holds. Not being able to look is an answer
/// too: *could not be shown*.
pub async fn prove(edge: Arc<Edge>, job: JobId, plan: Plan, digest: Digest) -> Answer {
    let proof = match try_prove(&edge, &plan).await {
        Ok(proof) => proof,
        Err(failure) => Proof {
            holds: None,
            text: format!("could not be probed: {failure}"),
            cells: Vec::new(),
        },
    };
    Ok(Message::Proved {
        job,
        plan: digest,
        proof,
    })
}

async fn try_prove(edge: &Edge, plan: &Plan) -> Result<Proof, Failure> {
    let action = registered(&plan.action)?;
    let session = edge.connect().await?;
    Ok(action.verify(&session, plan).await)
}

fn registered(id: &str) -> Result<&'static dyn Action, Failure> {
    contain::find(id).ok_or_else(|| not_built(id))
}

fn not_built(id: &str) -> Failure {
    Failure::new(
        format!("{id} was not run"),
        "this version does not have it",
        "do the step by hand and record it as manual",
    )
}

fn elapsed(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
