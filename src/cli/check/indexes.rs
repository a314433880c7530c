//! `check database --indexes`: what policies look up without an index, and
//! what that costs.
//!
//! Exit code 0: every look-up that matters has its index; 1: one of medium
//! severity or more has none; 2: nothing of the kind, but not all was seen.

use super::hear::{Warnings, heard, tell, unshaped};
use crate::cli::world::World;
use crate::config::targets::Target;
use crate::domain::failure::Failure;
use crate::domain::finding::Severity;
use crate::domain::untrusted::visible;
use crate::investigate::check::Practice;
use crate::investigate::database::indexes::{Cost, How, Missing, Report, indexes};
use crate::runtime::edge::reach_of;
use serde::Serialize;

/// Rows shown below medium; the rest are counted.
const MINOR: usize = 10;

/// Calls shown; the rest are counted.
const CALLS: usize = 20;

/// What was asked beside the target.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub place: Option<&'a str>,
    pub json: bool,
    /// Build each index and roll it back, rather than have HypoPG make it up.
    pub build: bool,
    pub probe_helpers: bool,
}

/// Looks and answers: the text and the exit code.
///
/// # Errors
/// When the target cannot be looked at, or may not be built on.
pub fn run(asked: Asked<'_>, world: &mut World<'_>) -> Result<(String, u8), Failure> {
    let target = Target::resolve(asked.place, world.env, world.paths)?;
    for warning in &target.warnings {
        tell(world, &format!("firsthour: {}", visible(warning)))?;
    }
    // The mark is the leave; to insist without it is refused.
    let practice = Practice::on(&target.name, target.staging);
    let practice = if asked.build {
        Some(practice?)
    } else {
        practice.ok()
    };
    let mut reach = reach_of(target);
    reach.practice = practice;
    reach.probe_helpers = asked.probe_helpers;
    let report = heard(world, |sink: Warnings| {
        let reach = &reach;
        async move { indexes(reach, asked.build, &sink).await }
    })?;
    let text = if asked.json {
        lines(&report)?
    } else {
        render(&report)
    };
    Ok((text, code(&report)))
}

fn code(report: &Report) -> u8 {
    let mut missing = report.missing.iter();
    if missing.any(|missing| missing.severity >= Severity::Medium) {
        1
    } else if report.gaps.is_empty() {
        0
    } else {
        2
    }
}

/// The contract of `--json`: missing indexes, calls, then coverage.
fn lines(report: &Report) -> Result<String, Failure> {
    fn object(kind: &str, of: impl Serialize) -> Result<String, Failure> {
        let mut line = serde_json::to_value(of).map_err(|error| unshaped(&error))?;
        if let Some(object) = line.as_object_mut() {
            object.insert("kind".to_owned(), kind.into());
        }
        Ok(format!("{line}\n"))
    }
    let mut out = String::new();
    for missing in &report.missing {
        out.push_str(&object("index", missing)?);
    }
    for call in &report.calls {
        out.push_str(&object("call", call)?);
    }
    let mut last = serde_json::json!({
        "check": "database.indexes",
        "looked_at": report.looked,
        "could_not": report.gaps,
    });
    if !report.warnings.is_empty() {
        last["warnings"] = report.warnings.clone().into();
    }
    out.push_str(&object("coverage", last)?);
    Ok(out)
}

/// Lays the answer out for people. Everything printed went through `visible`
/// when it entered the report.
fn render(report: &Report) -> String {
    let mut out = format!("{} look-ups of policies\n", report.looked);
    for warning in &report.warnings {
        out.push_str(&format!("note: {warning}\n"));
    }
    out.push('\n');
    let (serious, minor): (Vec<&Missing>, Vec<&Missing>) = report
        .missing
        .iter()
        .partition(|missing| missing.severity >= Severity::Medium);
    for missing in &serious {
        long(&mut out, missing);
    }
    if !minor.is_empty() {
        out.push_str("can hardly matter, or an index would not help\n");
        for missing in minor.iter().take(MINOR) {
            out.push_str(&format!("  {}\n", short(missing)));
        }
        rest(&mut out, minor.len(), MINOR);
    }
    if !report.calls.is_empty() {
        out.push_str("runs for each row\n");
        for call in report.calls.iter().take(CALLS) {
            let (policy, on) = (&call.policy, &call.relation);
            out.push_str(&format!("  {policy} on {on}: {}\n", call.told));
        }
        rest(&mut out, report.calls.len(), CALLS);
    }
    if !report.gaps.is_empty() {
        out.push_str("could not look at\n");
        for gap in &report.gaps {
            out.push_str(&format!("  {}: {}\n", gap.what, gap.why));
        }
        out.push('\n');
    }
    out.push_str(match code(report) {
        0 => "Every look-up that matters has its index.",
        1 => "Indexes are missing. Start with the first line above; drafts were not run.",
        _ => "No index seen missing, but not everything was looked at: this is unknown, not clean.",
    });
    out.push('\n');
    out
}

/// Ends a list that may have been cut.
fn rest(out: &mut String, all: usize, shown: usize) {
    if all > shown {
        out.push_str(&format!(
            "  and {} more; --json has them all\n",
            all - shown
        ));
    }
    out.push('\n');
}

fn long(out: &mut String, missing: &Missing) {
    out.push_str(&format!(
        "{:<9}{} ({})\n",
        missing.severity.word(),
        missing.relation,
        missing.keys.join(", ")
    ));
    let mut line = |what: &str, value: &str| out.push_str(&format!("    {what:<12}{value}\n"));
    line("size", &size(missing));
    line("cost", &cost(missing));
    if let Some(cost) = &missing.cost {
        line("query", &format!("{}, as {}", cost.query, cost.principal));
    }
    for policy in &missing.policies {
        line("leans on it", policy);
    }
    for near in &missing.near {
        line("near miss", near);
    }
    for told in &missing.told {
        line("note", told);
    }
    out.push_str("  draft, not run:\n");
    for statement in &missing.draft {
        out.push_str(&format!("    {statement};\n"));
    }
    out.push('\n');
}

fn short(missing: &Missing) -> String {
    let keys = missing.keys.join(", ");
    let why = missing.told.first().cloned();
    let why = why.unwrap_or_else(|| cost(missing));
    format!("{} ({keys}): {}; {why}", missing.relation, size(missing))
}

fn size(missing: &Missing) -> String {
    let rows = missing.rows.map_or_else(
        || "rows not counted yet".to_owned(),
        |rows| format!("about {rows} rows"),
    );
    match missing.bytes {
        Some(bytes) => format!("{rows}, {}", amount(bytes)),
        None => rows,
    }
}

fn amount(bytes: i64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units.iter().find(|(unit, _)| bytes >= *unit);
    unit.map_or_else(
        || format!("{bytes} bytes"),
        |(unit, name)| format!("{} {name}", bytes / unit),
    )
}

fn cost(missing: &Missing) -> String {
    let Some(cost) = &missing.cost else {
        let why = missing.no_cost.as_deref().unwrap_or("nothing was planned");
        return format!("not known: {why}");
    };
    let Cost {
        before,
        after,
        how,
        why,
        ..
    } = cost;
    let Some(after) = after else {
        let why = why.as_deref().unwrap_or("nobody asked");
        return format!("{before:.1} -> not tried: {why}");
    };
    let ratio = cost
        .ratio()
        .map_or_else(String::new, |ratio| format!(" ({ratio:.1}x)"));
    let how = match how {
        How::Hypothetical => "planned with a made-up index",
        How::Built => "built and rolled back",
        How::NotTried => "not tried",
    };
    format!("{before:.1} -> {after:.1}{ratio}, {how}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::Gap;

    fn report(severity: Option<Severity>, gaps: usize) -> Report {
        let missing = severity.map(|severity| Missing {
            relation: "public.t".into(),
            column: "org".into(),
            keys: vec!["org".into()],
            severity,
            policies: vec!["own on public.t".into()],
            rows: None,
            bytes: Some(5 << 20),
            near: Vec::new(),
            told: Vec::new(),
            cost: None,
            ratio: None,
            no_cost: Some("it took too long (57014)".into()),
            draft: vec!["CREATE INDEX CONCURRENTLY ON \"t\" (\"org\")".into()],
        });
        Report {
            missing: missing.into_iter().collect(),
            calls: Vec::new(),
            gaps: (0..gaps).map(|_| Gap::new("x", "y")).collect(),
            looked: 1,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn exit_codes_follow_what_matters_then_gaps() {
        assert_eq!(code(&report(None, 0)), 0);
        assert_eq!(code(&report(Some(Severity::Low), 0)), 0);
        assert_eq!(code(&report(Some(Severity::Low), 1)), 2);
        assert_eq!(code(&report(Some(Severity::Medium), 1)), 1);
    }

    #[test]
    fn a_cost_that_is_not_known_is_told_as_such() {
        let text = render(&report(Some(Severity::Medium), 0));
        assert!(text.contains("not known: it took too long"), "{text}");
        assert!(text.contains("rows not counted yet, 5 MiB"), "{text}");
        let json = lines(&report(Some(Severity::Medium), 1)).unwrap();
        let first = json.lines().next().unwrap();
        assert!(first.contains("\"cost\":null") && first.contains("\"kind\":\"index\""));
        assert!(
            json.lines()
                .last()
                .unwrap()
                .contains("\"kind\":\"coverage\"")
        );
    }
}
