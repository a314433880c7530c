//! What the record has of a scan of logs, where none was watched here: after a
//! resume, and in a review.

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
