//! What is said of a scan of logs besides its findings: what the record has of
//! it where none was watched here, and why there is no finding to list.

use super::trails;
use crate::app::model::Model;
use crate::domain::incident::Incident;
use crate::domain::number::of;

/// In a sentence or two.
pub fn recorded(incident: &Incident) -> String {
    let Some(run) = incident.checks.get("logs.reads") else {
        return match incident.failed_checks.get("logs.reads") {
            Some(failure) => format!("The last scan of the logs failed: {}.", failure.why),
            None => "No logs were scanned in this incident yet.".to_owned(),
        };
    };
    let seen = match run.coverage.could_not.len() as u64 {
        0 => "everything was looked at".to_owned(),
        gaps => format!("{} could not be looked at", of(gaps, "thing")),
    };
    format!(
        "As recorded at {} (entry {}): {} read, {seen}. The picture of that scan was not kept.",
        run.at.format("%Y-%m-%d %H:%M UTC"),
        run.seq,
        of(run.coverage.looked_at, "event"),
    )
}

/// Why no finding of the logs stands in the list.
pub fn nothing_listed(model: &Model, incident: &Incident, filter: &str) -> String {
    let every = trails(incident, "").len() as u64;
    let scanning = model.logs.as_ref().is_some_and(|seen| !seen.over);
    if every > 0 {
        let all = of(every, "finding");
        format!("{all}, none fits the filter {filter}; / changes it")
    } else if scanning {
        "The findings stand here once everything is read.".to_owned()
    } else if !incident.checks.contains_key("logs.reads") {
        filler(model)
    } else if incident.not_looked_at().is_empty() {
        "The logs were looked at, and nothing was found in them.".to_owned()
    } else {
        "Nothing was found, but not everything was looked at: this is not clean.".to_owned()
    }
}

/// Which step brings findings here.
fn filler(model: &Model) -> String {
    let steps = model.case.iter().flat_map(|case| case.playbook.steps());
    let mut reading = steps
        .map(|(_, step)| step)
        .filter(|step| step.checks.iter().any(|call| call.uses == "logs.reads"));
    match reading.next() {
        Some(step) => format!("Step \u{201c}{}\u{201d} fills this list.", step.title),
        None => "No step of this playbook reads logs: firsthour check logs PATH does.".to_owned(),
    }
}
