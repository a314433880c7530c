//! The answer of `check database` for people: what was found, worst first,
//! who reads what, who did read, and what could not be looked at.
//!
//! Everything printed went through `visible` when it entered the report.

use super::reads;
use crate::domain::check::{CheckReport, Conclusion};
use crate::domain::exposure::Cell;
use crate::domain::finding::{Finding, Severity};
use crate::domain::fix::Fix;
use std::collections::BTreeMap;

/// Findings below medium are counted beyond this many.
const MINOR: usize = 10;

/// Leaking cells shown; the rest are counted.
const CELLS: usize = 40;

/// Lays the report out as lines.
pub fn render(report: &CheckReport) -> String {
    let mut out = String::new();
    let count = |name: &str| report.fields.get(name).copied().unwrap_or(0);
    out.push_str(&format!(
        "{} relations, {} hold people, tenants, payments or secrets; probed as {} principals\n",
        count("relations"),
        count("sensitive"),
        count("principals")
    ));
    for warning in &report.warnings {
        out.push_str(&format!("note: {warning}\n"));
    }
    out.push('\n');
    findings(&mut out, report);
    exposure(&mut out, report);
    out.push_str(&reads::section(&report.reads));
    gaps(&mut out, report);
    out.push_str(conclusion(report));
    out.push('\n');
    out
}

fn findings(out: &mut String, report: &CheckReport) {
    let (serious, minor): (Vec<&Finding>, Vec<&Finding>) = report
        .findings
        .iter()
        .partition(|finding| finding.severity >= Severity::Medium);
    for finding in &serious {
        long(out, finding);
    }
    if minor.is_empty() {
        return;
    }
    out.push_str("worth knowing\n");
    for finding in minor.iter().take(MINOR) {
        out.push_str(&format!(
            "  {:<5}{:<6}{}: {}\n",
            finding.check,
            finding.severity.word(),
            finding.subject.name,
            finding.title
        ));
    }
    if minor.len() > MINOR {
        out.push_str(&format!("  and {} more\n", minor.len() - MINOR));
    }
    out.push('\n');
}

fn long(out: &mut String, finding: &Finding) {
    out.push_str(&format!(
        "{:<9}{:<11}{:<6}{} {}\n",
        finding.severity.word(),
        finding.confidence.word(),
        finding.check,
        finding.subject.kind.word(),
        finding.subject.name
    ));
    out.push_str(&format!("  {}\n", finding.title));
    for evidence in &finding.evidence {
        out.push_str(&format!("    {:<24}{}\n", evidence.what, evidence.value));
    }
    out.push_str(&format!("  next: {}\n", finding.hint));
    if let Some(fix) = &finding.fix {
        drafted(out, fix);
    }
    out.push('\n');
}

/// The drafted statements as they can be copied, then what they cost.
fn drafted(out: &mut String, fix: &Fix) {
    out.push_str(&format!("  draft, not run: {}\n", fix.why));
    for line in fix.sql().lines() {
        out.push_str(&format!("    {line}\n"));
    }
    let told = fix.rehearsal.iter();
    for line in told.flat_map(|rehearsal| &rehearsal.told) {
        out.push_str(&format!("    rehearsed: {line}\n"));
    }
    for line in &fix.loses {
        out.push_str(&format!("    loses {line}\n"));
    }
}

/// Who reads what they must not, one line a relation.
fn exposure(out: &mut String, report: &CheckReport) {
    let sensitive: std::collections::BTreeSet<&str> = report
        .relations
        .iter()
        .filter(|shape| shape.sensitive())
        .map(|shape| shape.name.as_str())
        .collect();
    let mut open: BTreeMap<&str, Vec<&Cell>> = BTreeMap::new();
    for cell in &report.cells {
        if cell.verdict.leaks() && sensitive.contains(cell.relation.as_str()) {
            open.entry(&cell.relation).or_default().push(cell);
        }
    }
    if open.is_empty() {
        return;
    }
    out.push_str("who reads what\n");
    let width = open
        .keys()
        .take(CELLS)
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    for (relation, cells) in open.iter().take(CELLS) {
        let seen: Vec<String> = cells
            .iter()
            .map(|cell| format!("{}: {}", cell.principal, amount(cell)))
            .collect();
        let pad = " ".repeat(width.saturating_sub(relation.chars().count()));
        out.push_str(&format!("  {relation}{pad}  {}\n", seen.join("; ")));
    }
    if open.len() > CELLS {
        out.push_str(&format!("  and {} more relations\n", open.len() - CELLS));
    }
    out.push('\n');
}

fn amount(cell: &Cell) -> String {
    match cell.rows {
        Some(rows) if cell.bounded => format!("{}, at least {rows} rows", cell.verdict.word()),
        Some(1) => format!("{}, 1 row", cell.verdict.word()),
        Some(rows) => format!("{}, {rows} rows", cell.verdict.word()),
        None => cell.verdict.word().to_owned(),
    }
}

fn gaps(out: &mut String, report: &CheckReport) {
    if report.coverage.whole() {
        return;
    }
    out.push_str("could not look at\n");
    for gap in &report.coverage.could_not {
        out.push_str(&format!("  {}: {}\n", gap.what, gap.why));
    }
    out.push('\n');
}

fn conclusion(report: &CheckReport) -> &'static str {
    match report.conclusion() {
        Conclusion::Clean => "Nothing found, and everything was looked at.",
        Conclusion::Found => "Found something. Start with the first line above.",
        Conclusion::Unknown => {
            "Nothing found, but not everything was looked at: this is unknown, not clean."
        }
    }
}
