//! Who could read and who did, with how far back that is known.

use super::doc::Doc;
use crate::domain::incident::blast::{Blast, Urgency};
use crate::domain::reading::{Horizon, Read};
use crate::domain::watched::Watched;
use crate::report::source::Source;

/// Writes the join of the probes and the server's statistics: every read, and
/// everything that could be read and must not.
pub fn reads(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Who read");
    let Some(horizon) = &source.incident.reads.horizon else {
        doc.say("The server's statistics were not looked at: who did read is unknown.");
        watches(source, doc);
        return;
    };
    doc.say(&format!(
        "By the server's own statistics, counted {}. No sign of a read is not proof that there \
         was none.",
        horizon.line()
    ));
    let lines = source.incident.blast();
    let told = lines.iter().filter(|line| line.urgency != Urgency::Quiet);
    let rows: Vec<[String; 6]> = told.flat_map(|line| rows(line, horizon)).collect();
    if rows.is_empty() && source.incident.cells.is_empty() {
        doc.say(
            "No sign of a read, as far back as that sees. Who could read was not probed: unknown.",
        );
    } else if rows.is_empty() {
        doc.say("No sign of a read, as far back as that sees, and nothing probed could be read.");
    } else {
        doc.table(
            ["Verdict", "Relation", "Role", "Probed", "Was sent", "Since"],
            &rows,
        );
    }
    if !horizon.off.is_empty() {
        let blind = horizon.off.iter();
        let blind: Vec<String> = blind
            .map(|gap| format!("Blind: {}: {}", gap.what, gap.why))
            .collect();
        doc.list(&blind);
    }
    watches(source, doc);
}

/// Each time the statistics were watched, and what grew meanwhile.
fn watches(source: &Source<'_>, doc: &mut Doc) {
    let watches = &source.incident.watches;
    if watches.is_empty() {
        return;
    }
    doc.say("Watched while it went on; what grew then was read then:");
    let lines: Vec<String> = watches.iter().flat_map(watched).collect();
    doc.list(&lines);
}

fn watched(watch: &Watched) -> Vec<String> {
    let since = watch.since.format("%Y-%m-%d %H:%M:%S UTC");
    let mut lines = match &watch.ended {
        Some((_, ended)) => {
            let trouble = ended
                .trouble
                .iter()
                .map(|why| format!("; at the end: {why}"));
            let trouble: String = trouble.collect();
            let off = ended.off.iter().map(|gap| format!("; blind: {}", gap.what));
            let off: String = off.collect();
            vec![format!("From {since}: {}{trouble}{off}", ended.summary())]
        }
        None => vec![format!("From {since}: the end is not recorded")],
    };
    let ended = watch.ended.iter().map(|(_, ended)| &ended.seen);
    let seen = match ended.len() {
        0 => watch.seen.iter().collect::<Vec<_>>(),
        _ => ended.collect(),
    };
    for seen in seen {
        lines.extend(seen.lines());
    }
    lines
}

/// One row a statement, or one for a line without any.
fn rows(line: &Blast<'_>, horizon: &Horizon) -> Vec<[String; 6]> {
    let row = |sent: String, read: Option<&Read>| {
        let since = read.and_then(|read| read.since).or(horizon.statements);
        [
            verdict(line),
            named(line.relation),
            named(line.role),
            line.could
                .map_or("not probed", |cell| cell.verdict.word())
                .to_owned(),
            sent,
            since.map_or_else(
                || "start unknown".to_owned(),
                |at| at.format("%Y-%m-%d %H:%M UTC").to_string(),
            ),
        ]
    };
    if line.reads.is_empty() {
        let scanned = line.scan.filter(|scan| scan.rows > 0);
        let sent = scanned.map_or_else(String::new, |scan| {
            format!("{} rows looked through, by whom is not known", scan.rows)
        });
        return vec![row(sent, None)];
    }
    line.reads
        .iter()
        .map(|read| row(sent(read), Some(read)))
        .collect()
}

fn verdict(line: &Blast<'_>) -> String {
    let must_not = matches!(line.urgency, Urgency::Forbidden | Urgency::Open);
    let word = line.sign.word();
    if must_not {
        format!("{word}, must not")
    } else {
        word.to_owned()
    }
}

fn named(name: &str) -> String {
    if name.is_empty() { "not known" } else { name }.to_owned()
}

fn sent(read: &Read) -> String {
    let wide = if read.wide { "wide: " } else { "" };
    let through = match read.through.as_str() {
        "" => String::new(),
        door => format!(", through {door}"),
    };
    let tenants = read.tenants.map_or_else(String::new, |n| {
        format!(", at least {n} tenants in one call (estimated)")
    });
    format!("{wide}{}{tenants}{through}", read.amount())
}
