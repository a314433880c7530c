//! Who read, as the logs tell, as lines.

use super::line::{numbered, safe};
use super::record::finding_line;
use crate::app::model::Model;
use crate::app::rows;
use crate::domain::incident::Incident;

/// How far a scan is and who got most; then one line a finding.
pub fn logs(model: &Model, incident: &Incident, filter: &str) -> Vec<String> {
    let Some(seen) = &model.logs else {
        let mut lines = vec![safe(&rows::scan::recorded(incident))];
        lines.extend(list(model, incident, filter));
        return lines;
    };
    let mut lines = vec![safe(&format!("Logs: {}.", seen.progress()))];
    lines.extend(seen.span().map(|span| safe(&format!("They tell {span}."))));
    let top = seen.top.iter().take(6);
    lines.extend(top.map(|bar| {
        safe(&format!(
            "Most: {} {}, {}.",
            bar.kind,
            bar.name,
            bar.amount()
        ))
    }));
    let refused: u64 = seen.refused.iter().sum();
    if refused > 0 {
        lines.push(format!("Refused in all: {refused}."));
    }
    lines.extend(list(model, incident, filter));
    lines
}

fn list(model: &Model, incident: &Incident, filter: &str) -> Vec<String> {
    let rows = rows::trails(incident, filter);
    if rows.is_empty() {
        return vec![safe(&rows::scan::nothing_listed(model, incident, filter))];
    }
    numbered(&rows, |raised| {
        let trail = raised.finding.trail.as_ref();
        let amount = trail.map_or(String::new(), |trail| trail.amount());
        safe(&format!("{}: {amount}", finding_line(raised)))
    })
}
