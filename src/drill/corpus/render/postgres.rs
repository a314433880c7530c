//! Postgres: csvlog, jsonlog, stderr, and pgaudit in stderr.

use super::session::{self, Record, Style};
use super::text::{Clock, quote};
use crate::drill::corpus::stream::Corpus;
use std::fmt::Write as _;
use std::io::{Result, Write};

const SECOND: i64 = 1_000_000_000;

/// csvlog with `log_statement = all`.
pub fn csv(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    session::write(corpus, Style::Statements, &csv_record, out)
}

/// jsonlog with `log_min_duration_statement = 0`.
pub fn json(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    session::write(corpus, Style::Durations, &json_record, out)
}

/// stderr with `log_min_duration_statement = 0` and Debian's prefix.
pub fn stderr(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    session::write(corpus, Style::Durations, &stderr_record, out)
}

/// stderr with pgaudit.
pub fn audit(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    session::write(corpus, Style::Audit, &stderr_record, out)
}

fn session_id(record: &Record) -> String {
    format!("{:x}.{:x}", record.start / SECOND, record.pid)
}

/// Whole seconds, as `session_start_time` is written.
fn start(record: &Record) -> String {
    let clock = Clock::new(record.start);
    format!("{} {} UTC", clock.date(), clock.time())
}

fn csv_record(record: &Record) -> String {
    let mut line = String::with_capacity(record.message.len() + 400);
    let text = |line: &mut String, text: &str| {
        if !text.is_empty() {
            line.push('"');
            line.push_str(&text.replace('"', "\"\""));
            line.push('"');
        }
        line.push(',');
    };
    let _ = write!(
        line,
        "{},\"{}\",\"app\",{},\"10.0.4.7:{}\",{},{},",
        Clock::new(record.at).postgres(),
        record.user,
        record.pid,
        40_000 + record.pid % 9_000,
        session_id(record),
        record.line
    );
    text(&mut line, record.tag);
    let _ = write!(
        line,
        "{},{}/{},0,{},{},",
        start(record),
        record.pid % 90,
        record.line,
        record.severity,
        record.sqlstate
    );
    text(&mut line, &record.message);
    text(&mut line, &record.detail);
    // hint, internal query and its place, context
    line.push_str(",,,,");
    text(&mut line, &record.statement);
    // place in the query, location
    line.push_str(",,");
    let _ = writeln!(line, "\"{}\",\"client backend\",,0", record.app);
    line
}

fn json_record(record: &Record) -> String {
    let mut line = String::with_capacity(record.message.len() + 500);
    let _ = write!(
        line,
        "{{\"timestamp\":\"{}\",\"user\":\"{}\",\"dbname\":\"app\",\"pid\":{},\"remote_host\":\"10.0.4.7\",\"remote_port\":{},\"session_id\":\"{}\",\"line_num\":{},\"ps\":\"{}\",\"session_start\":\"{}\",\"vxid\":\"{}/{}\",\"txid\":0,\"error_severity\":\"{}\",",
        Clock::new(record.at).postgres(),
        record.user,
        record.pid,
        40_000 + record.pid % 9_000,
        session_id(record),
        record.line,
        record.tag,
        start(record),
        record.pid % 90,
        record.line,
        record.severity
    );
    if record.sqlstate != "00000" {
        let _ = write!(line, "\"state_code\":\"{}\",", record.sqlstate);
    }
    let texts = [
        ("message", record.message.as_str()),
        ("detail", record.detail.as_str()),
        ("statement", record.statement.as_str()),
        ("application_name", record.app),
    ];
    for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        let _ = write!(line, "\"{name}\":");
        quote(&mut line, text);
        line.push(',');
    }
    line.push_str("\"backend_type\":\"client backend\",\"query_id\":-4180351229361122871}\n");
    line
}

/// Every line after the first of a text begins with a TAB.
fn stderr_record(record: &Record) -> String {
    let prefix = format!(
        "{} [{}] {}@app ",
        Clock::new(record.at).postgres(),
        record.pid,
        record.user
    );
    let mut lines = String::with_capacity(record.message.len() + 200);
    let texts = [
        (record.severity, &record.message),
        ("DETAIL", &record.detail),
        ("STATEMENT", &record.statement),
    ];
    for (word, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        let _ = writeln!(lines, "{prefix}{word}:  {}", text.replace('\n', "\n\t"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::corpus::options::Options;
    use std::collections::BTreeMap;

    fn small() -> Corpus {
        let options = Options {
            requests: 400,
            ..Options::default()
        };
        Corpus::new(5, &options)
    }

    #[test]
    fn csv_has_every_column_and_sessions_interleave() {
        let mut out = Vec::new();
        csv(&small(), &mut out).unwrap();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(out.as_slice());
        let mut lines: BTreeMap<String, u64> = BTreeMap::new();
        let (mut turns, mut last) = (0, String::new());
        for row in reader.records() {
            let row = row.unwrap();
            assert_eq!(row.len(), 26);
            let line = lines.entry(row[5].to_owned()).or_default();
            *line += 1;
            assert_eq!(row[6].parse::<u64>().unwrap(), *line, "in order");
            turns += usize::from(row[5] != last);
            row[5].clone_into(&mut last);
        }
        assert!(lines.len() > 3 && turns > lines.len() * 3);
    }

    #[test]
    fn json_is_json_and_audit_counts_rows() {
        let mut out = Vec::new();
        json(&small(), &mut out).unwrap();
        for line in String::from_utf8(out).unwrap().lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        let mut out = Vec::new();
        audit(&small(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("AUDIT: SESSION,2,1,READ,SELECT,TABLE,public."));
    }
}
