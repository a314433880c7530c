//! What the runtime shall do: plain, comparable data.

use super::model::JobId;
use super::offers::{Aim, Share};
use crate::domain::action::Plan;
use crate::domain::approval::Approval;
use crate::domain::digest::Digest;
use crate::domain::entry::Draft;
use crate::domain::incident::PlanRecord;
use crate::domain::trail::LogPlace;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// One order to the runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Write these lines, then answer `Recorded` or `NotRecorded`.
    Append(Vec<Draft>),
    ListHome,
    OpenDrill {
        job: JobId,
    },
    OpenLive {
        job: JobId,
    },
    /// Open the incident with this id for work, or for reading when it is
    /// taken or closed.
    OpenIncident {
        job: JobId,
        id: String,
    },
    RunCheck {
        job: JobId,
        check: String,
        with: BTreeMap<String, String>,
    },
    /// Read the lines at a place of the target's logs, found at that time.
    ReadLines {
        job: JobId,
        place: LogPlace,
        since: DateTime<Utc>,
    },
    /// Look at the server's statistics once more; the watch's connection is
    /// kept for the next look.
    Look {
        watch: u64,
    },
    /// Nobody watches any more: the connection is given up.
    EndWatch,
    /// Plan an action against what leaks.
    MakePlan {
        job: JobId,
        action: String,
        aim: Aim,
        share: Share,
    },
    /// Try this draft and roll it back; issued in answer to the recorded order.
    Rehearse {
        job: JobId,
        finding: String,
        statements: Vec<String>,
    },
    /// Plan the way back of an applied plan.
    MakeUndo {
        job: JobId,
        record: Box<PlanRecord>,
    },
    /// Only ever issued in answer to the recorded intent.
    Apply {
        job: JobId,
        plan: Box<Plan>,
        approval: Approval,
    },
    Prove {
        job: JobId,
        plan: Box<Plan>,
        digest: Digest,
    },
    Export {
        job: JobId,
        format: String,
    },
    Doctor {
        job: JobId,
    },
    /// Hand a text to the terminal's clipboard, or print it in plain form.
    Copy(String),
    Redraw,
    Suspend,
    Quit,
}
