//! How times, counts and states are said on screen.

use crate::app::model::{JournalState, Model};
use crate::domain::incident::{Incident, PlanRecord, PlanState};
pub use crate::domain::number::thousands;
use chrono::{DateTime, Utc};

/// Seconds as `mm:ss`, and from a hundred minutes on as hours.
pub fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let minutes = seconds / 60;
    if minutes < 100 {
        format!("{minutes:02}:{:02}", seconds % 60)
    } else if minutes < 60 * 48 {
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    } else {
        format!("{} days {:02} h", minutes / 1440, minutes / 60 % 24)
    }
}

/// A moment as the time since the incident was opened: `T+12:04`.
pub fn since_start(incident: &Incident, at: DateTime<Utc>) -> String {
    let opened = incident.opened_at.unwrap_or(at);
    format!("T+{}", span((at - opened).num_seconds()))
}

/// A moment in full; always UTC, and it says so.
pub fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A count of list rows.
pub fn count(number: usize) -> String {
    thousands(number as u64)
}

/// A count with its noun: `1 finding`, `2 findings`.
pub fn counted(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(number))
}

/// Where a plan stands, in one or two words.
pub const fn plan_state(state: &PlanState) -> &'static str {
    match state {
        PlanState::Shown => "not approved",
        PlanState::Approved => "approved",
        PlanState::Intended => "being applied",
        PlanState::Applied => "applied",
        PlanState::Refused { .. } => "refused",
        PlanState::Failed { .. } => "failed",
        PlanState::Unknown { .. } => "outcome unknown",
    }
}

/// Where a plan stands, with what became of it later.
pub fn plan_word(record: &PlanRecord) -> &'static str {
    match (&record.state, &record.lifted_by) {
        (PlanState::Applied, Some(_)) => "lifted",
        (state, _) => plan_state(state),
    }
}

/// What the last proof showed.
pub fn proof_word(record: &PlanRecord) -> &'static str {
    match record.proof.as_ref().map(|proof| proof.holds) {
        Some(Some(true)) => "holds",
        Some(Some(false)) => "DOES NOT HOLD",
        Some(None) => "not shown",
        None if record.standing() => "not probed",
        None => "",
    }
}

/// The journal's state in the header, and whether a person must act on it.
pub fn journal(model: &Model) -> Option<(String, bool)> {
    let state = &model.case.as_ref()?.journal;
    Some(match state {
        JournalState::Safe => ("recorded".to_owned(), false),
        JournalState::Writing { orders } => (format!("writing {orders}"), false),
        JournalState::Blocked { why } => (format!("BLOCKED: {why}"), true),
        JournalState::ReadOnly { why } => (format!("read-only: {why}"), true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_a_stopwatch() {
        assert_eq!(span(724), "12:04");
        assert_eq!(span(4392), "73:12");
        assert_eq!(span(6000), "1 h 40 min");
        assert_eq!(span(3 * 86_400), "3 days 00 h");
        assert_eq!(span(-5), "00:00");
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(counted(1, "finding"), "1 finding");
        assert_eq!(counted(10_000, "finding"), "10,000 findings");
    }
}
