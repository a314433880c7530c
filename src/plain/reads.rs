//! Who could read and who did, as lines.

use super::line::{indented, numbered, safe};
use crate::app::model::Model;
use crate::app::rows;
use crate::domain::incident::Incident;
use crate::domain::incident::blast::Blast;
use crate::domain::reading::Read;

/// One relation and role a line; first what moves while it is watched.
pub fn reads(model: &Model, incident: &Incident, filter: &str) -> Vec<String> {
    let horizon = match &incident.reads.horizon {
        Some(horizon) => format!("Counted {}.", horizon.line()),
        None => "The statistics were not looked at: who did read is not known.".to_owned(),
    };
    let mut lines = vec![safe(&horizon)];
    lines.extend(moving(model));
    lines.extend(numbered(&rows::blast(incident, filter), |row| {
        let could = row.could.map_or("not probed", |cell| cell.verdict.word());
        let mut parts = vec![format!("probed: {could}")];
        parts.extend(row.reads.iter().map(|read| sent(read)));
        safe(&format!("{} - {}", headline(row), parts.join("; ")))
    }));
    lines
}

/// One line of it in full, each read with its statement.
pub fn read(model: &Model, incident: &Incident, relation: &str, role: &str) -> Vec<String> {
    let Some(row) = rows::blast_of(incident, relation, role) else {
        return vec!["Nothing is known of it any more.".to_owned()];
    };
    let mut lines = vec![safe(&headline(&row))];
    for principal in &row.principals {
        let cells = incident.cells.get(relation);
        let Some(cell) = cells.and_then(|cells| cells.get(*principal)) else {
            continue;
        };
        let word = cell.verdict.word();
        lines.push(indented(&format!(
            "{principal}: {word}, rows {}",
            cell.seen()
        )));
        let acting = incident.acting.get(*principal);
        let script = acting.and_then(|acting| cell.script(acting));
        let script = script.unwrap_or_default();
        lines.extend(script.iter().map(|line| indented(&format!("  {line}"))));
    }
    for read in &row.reads {
        lines.push(indented(&format!("sent: {}", sent(read))));
        lines.push(indented(&format!("  by: {}", read.statement)));
    }
    if let Some(scan) = row.scan.filter(|scan| scan.rows > 0) {
        let rows = scan.rows;
        lines.push(indented(&format!(
            "scanned: {rows} rows looked through, by whom is not known"
        )));
    }
    lines.extend(moving(model));
    lines
}

/// The watch, who sends rows now, and what grew.
fn moving(model: &Model) -> Vec<String> {
    let Some(watch) = &model.watch else {
        return Vec::new();
    };
    let movers = watch.movers().into_iter();
    let status = safe(&format!("Watch: {}", watch.status(model.now)));
    std::iter::once(status)
        .chain(movers.map(|(_, text)| indented(&text)))
        .collect()
}

fn headline(row: &Blast<'_>) -> String {
    let told = |name: &str| if name.is_empty() { "not told" } else { name }.to_owned();
    format!(
        "{}: {} by {}",
        row.sign.word(),
        told(row.relation),
        told(row.role)
    )
}

fn sent(read: &Read) -> String {
    let wide = if read.wide { "WIDE " } else { "" };
    let tenants = read.tenants.map_or_else(String::new, |n| {
        format!(", at least {n} tenants in one call (estimated)")
    });
    let through = match read.through.as_str() {
        "" => String::new(),
        door => format!(" through {door}"),
    };
    format!("{wide}{}{tenants}{through}", read.amount())
}
