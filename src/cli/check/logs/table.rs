//! The answer of `check logs` for people, within 80 columns: what was found,
//! gravest first; what was read; what could not be looked at; what next.
//!
//! Everything printed went through `visible`.

use super::live::Pace;
use crate::domain::check::Coverage;
use crate::domain::finding::{Confidence, Finding, Severity};
use crate::domain::number::{bytes, of};
use crate::domain::trail::Trail;
use crate::domain::untrusted::visible;
use crate::investigate::logs::answer::Answer;
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::gather::aggregates::{Aggregates, Piece};
use crate::ui::text::wrap;
use chrono::DateTime;
use std::collections::BTreeMap;

const COLUMNS: usize = 80;
/// Findings told in full; the rest has a line each, and then a number.
const MOST: usize = 12;
const MOST_SHORT: usize = 20;
/// Places shown of one finding.
const PLACES: usize = 3;
/// Gaps, remarks and files shown of each kind.
const SHOWN: usize = 12;

/// Lays the answer out as lines.
pub fn render(tables: &Aggregates, said: &Answer, pace: Option<Pace>) -> String {
    let mut out = String::new();
    let (serious, minor): (Vec<&Finding>, Vec<&Finding>) = said
        .findings
        .iter()
        .partition(|finding| finding.severity >= Severity::Medium);
    let (leading, parts): (Vec<&Finding>, Vec<&Finding>) =
        serious.into_iter().partition(|finding| finding.leads());
    for finding in leading.iter().take(MOST) {
        long(&mut out, finding);
    }
    let short: Vec<&&Finding> = leading
        .iter()
        .skip(MOST)
        .chain(&parts)
        .chain(&minor)
        .collect();
    if !short.is_empty() {
        out.push_str("also\n");
        for finding in short.iter().take(MOST_SHORT) {
            let head = format!("{} {}: ", finding.severity.word(), rule(finding));
            para(&mut out, 2, 4, &format!("{head}{}", finding.title));
        }
        if short.len() > MOST_SHORT {
            let more = (short.len() - MOST_SHORT) as u64;
            out.push_str(&format!("  and {more} more; --json has them all\n"));
        }
        out.push('\n');
    }
    read(&mut out, tables, pace);
    gaps(&mut out, said);
    para(&mut out, 0, 0, &conclusion(said));
    opens(&mut out, said);
    out
}

fn rule(finding: &Finding) -> &str {
    finding.check.rsplit('.').next().unwrap_or("")
}

fn long(out: &mut String, finding: &Finding) {
    let who = match (&finding.principal, &finding.trail) {
        (Some(who), Some(trail)) => format!("{} {who}", trail.principal_kind),
        _ => format!("{} {}", finding.subject.kind.word(), finding.subject.name),
    };
    let head = format!(
        "{:<9}{:<10} {:<4}{who}",
        finding.severity.word(),
        finding.confidence.word(),
        rule(finding)
    );
    para(out, 0, 4, &head);
    para(out, 2, 2, &finding.title);
    if let Some(trail) = &finding.trail {
        left(out, trail);
    }
    for evidence in &finding.evidence {
        field(out, &evidence.what, &evidence.value);
    }
    if let Some(trail) = &finding.trail {
        places(out, trail);
    }
    para(out, 2, 4, &format!("next: {}", finding.hint));
    out.push('\n');
}

fn left(out: &mut String, trail: &Trail) {
    if trail.principal_kind == "database role" {
        field(
            out,
            "who",
            "a role, not a person: the logs name nobody behind it",
        );
    }
    if trail.principal_kind == "address" {
        field(out, "who", "an address, not a person: the logs name nobody");
    }
    field(out, "how much", &trail.amount());
    match trail.since() {
        Some(since) => field(out, "first", &since),
        None => field(out, "when", "the logs give no time"),
    }
    if let Some(until) = trail.until() {
        field(out, "last", &until);
    }
}

fn places(out: &mut String, trail: &Trail) {
    for (at, place) in trail.places.iter().take(PLACES).enumerate() {
        let name = if at == 0 { "lines" } else { "" };
        field(out, name, &format!("{}:{}", place.file, place.offset));
    }
    if trail.places.len() > PLACES {
        let more = (trail.places.len() - PLACES) as u64;
        field(out, "", &format!("and {more} more; --json has them all"));
    }
}

/// How to see a line that was named, said once.
fn opens(out: &mut String, said: &Answer) {
    let places = said.findings.iter().filter_map(|finding| {
        let trail = finding.trail.as_ref()?;
        trail.places.first()
    });
    if let Some(place) = places.clone().find(|place| place.file != "-") {
        let place = format!("{}:{}", place.file, place.offset);
        let how = format!("To see a line: firsthour check logs --lines '{place}'");
        para(out, 0, 0, &how);
    }
}

/// A name and a value that may need several lines.
fn field(out: &mut String, name: &str, value: &str) {
    const NAME: usize = 14;
    if name.chars().count() >= NAME {
        return para(out, 4, 6, &format!("{name}: {value}"));
    }
    let lines = wrap(value, COLUMNS - 4 - NAME);
    for (at, line) in lines.iter().enumerate() {
        let name = if at == 0 { name } else { "" };
        out.push_str(&format!("    {name:<NAME$}{line}\n"));
    }
}

/// A paragraph, its first line and the others indented.
pub fn para(out: &mut String, first: usize, rest: usize, text: &str) {
    let lines = wrap(text, COLUMNS - first.max(rest));
    for (at, line) in lines.iter().enumerate() {
        let indent = if at == 0 { first } else { rest };
        out.push_str(format!("{:indent$}{line}", "").trim_end());
        out.push('\n');
    }
}

/// What was read: how much, in which formats, from when to when.
fn read(out: &mut String, tables: &Aggregates, pace: Option<Pace>) {
    let sum = |of: fn(&Piece) -> u64| tables.pieces.iter().map(of).sum::<u64>();
    let rate = pace.and_then(|pace| pace.rate(sum(|piece| piece.bytes)));
    out.push_str("read\n");
    let mut whole = format!(
        "{}, {}, {}",
        of(tables.pieces.len() as u64, "file"),
        bytes(sum(|piece| piece.bytes)),
        of(sum(|piece| piece.events), "event")
    );
    if let Some(rate) = rate {
        whole.push_str(&format!(" at {}/s", bytes(rate)));
    }
    para(out, 2, 4, &whole);
    let first = tables.pieces.iter().filter_map(|piece| piece.first).min();
    let last = tables.pieces.iter().filter_map(|piece| piece.last).max();
    if let (Some(first), Some(last)) = (first, last) {
        para(
            out,
            2,
            4,
            &format!("from {} to {}", moment(first), moment(last)),
        );
    }
    if let Some(release) = tables.release {
        para(out, 2, 4, &format!("release at {}", moment(release)));
    }
    formats(out, tables);
    let repeated = sum(|piece| piece.repeated);
    if repeated > 0 {
        let told = of(repeated, "record");
        para(out, 2, 4, &format!("{told} delivered twice, counted once"));
    }
    let remarks: std::collections::BTreeSet<(&str, &str)> = tables
        .pieces
        .iter()
        .flat_map(|piece| {
            piece
                .remarks
                .iter()
                .map(|said| (said.as_str(), piece.name.as_str()))
        })
        .collect();
    for (said, name) in remarks.iter().take(SHOWN) {
        para(out, 2, 4, &format!("{}: {}", visible(name), visible(said)));
    }
    if remarks.len() > SHOWN {
        out.push_str(&format!("  and {} more remarks\n", remarks.len() - SHOWN));
    }
    out.push('\n');
}

fn formats(out: &mut String, tables: &Aggregates) {
    let mut formats: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for piece in tables
        .pieces
        .iter()
        .filter(|piece| !piece.format.is_empty())
    {
        let (files, size, events) = formats.entry(&piece.format).or_default();
        *files += 1;
        *size += piece.bytes;
        *events += piece.events;
    }
    for (format, (files, size, events)) in formats {
        let told = format!(
            "{}: {}, {}, {}",
            visible(format),
            of(files, "file"),
            bytes(size),
            of(events, "event")
        );
        para(out, 2, 4, &told);
    }
}

fn gaps(out: &mut String, said: &Answer) {
    let Coverage { could_not, .. } = &said.coverage;
    let unread: Vec<_> = could_not
        .iter()
        .filter(|gap| !said.missing.contains(gap))
        .collect();
    if !unread.is_empty() {
        out.push_str("could not look at\n");
        for gap in unread.iter().take(SHOWN) {
            para(out, 2, 4, &format!("{}: {}", gap.what, gap.why));
        }
        if unread.len() > SHOWN {
            let more = unread.len() - SHOWN;
            out.push_str(&format!("  and {more} more; --json has them all\n"));
        }
        out.push('\n');
    }
    if !said.missing.is_empty() {
        out.push_str("not given\n");
        for gap in &said.missing {
            para(out, 2, 4, &format!("{}: {}", gap.what, gap.why));
        }
        out.push('\n');
    }
}

fn conclusion(said: &Answer) -> String {
    let serious = |finding: &&Finding| {
        finding.severity >= Severity::Medium && finding.confidence >= Confidence::Suspected
    };
    let Some(first) = said.findings.iter().find(serious) else {
        return if said.coverage.whole() {
            "Nothing found, and everything was looked at.".to_owned()
        } else {
            "Nothing found, but not everything was looked at: this is unknown, not clean."
                .to_owned()
        };
    };
    let partly = if said.coverage.whole() {
        ""
    } else {
        " Not everything was looked at: there may be more."
    };
    format!(
        "Found something.{partly} Start with the first finding above; firsthour explain {} \
         says how it is judged and what only looks like it.",
        rule(first)
    )
}

fn moment(stamp: Stamp) -> String {
    DateTime::from_timestamp_nanos(stamp)
        .format("%Y-%m-%d %H:%M:%S UTC")
        .to_string()
}
