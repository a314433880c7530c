//! What the database sees of the stream: pooled sessions, each request a
//! transaction that first says who asks, then asks.

use super::text::{Queue, mix};
use crate::drill::corpus::hit::{Cache, Hit};
use crate::drill::corpus::options::{Decoy, Plant};
use crate::drill::corpus::routes::{ROUTES, TICKETS_OF_ALL, Way};
use crate::drill::corpus::stream::Corpus;
use std::fmt::Write as _;
use std::io::{Result, Write};

const MS: i64 = 1_000_000;

/// One record of a database's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub at: i64,
    pub pid: u32,
    /// When the session began.
    pub start: i64,
    /// Its number within the session.
    pub line: u64,
    pub tag: &'static str,
    pub user: &'static str,
    pub app: &'static str,
    pub severity: &'static str,
    pub sqlstate: &'static str,
    pub message: String,
    pub detail: String,
    /// The statement of an error.
    pub statement: String,
}

/// What the server is set to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `log_statement = all`.
    Statements,
    /// `log_min_duration_statement = 0`: three records for each statement.
    Durations,
    /// pgaudit with parameters and rows.
    Audit,
}

/// One session of the pool.
#[derive(Debug)]
struct Session {
    pid: u32,
    start: i64,
    line: u64,
    free: i64,
    user: &'static str,
    app: &'static str,
}

/// A statement with its parameters.
struct Asked<'a> {
    sql: &'a str,
    parameters: Vec<String>,
    tag: &'static str,
    table: &'a str,
    rows: u64,
}

const CLAIM: &str =
    "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)";

/// Writes the records of all sessions, by time.
pub fn write(
    corpus: &Corpus,
    style: Style,
    form: &dyn Fn(&Record) -> String,
    out: &mut dyn Write,
) -> Result<()> {
    let mut log = Log {
        style,
        form,
        queue: Queue::default(),
        sessions: Vec::new(),
    };
    let mut dumps = dumps(corpus);
    for hit in &corpus.hits {
        while dumps.last().is_some_and(|at| *at <= hit.at) {
            if let Some(at) = dumps.pop() {
                log.dump(at);
            }
        }
        log.queue.until(hit.at, out)?;
        log.request(corpus, hit);
    }
    log.queue.finish(out)
}

/// When the owner's dumps begin, the latest first.
fn dumps(corpus: &Corpus) -> Vec<i64> {
    if !corpus.options.holds(Decoy::Dump) {
        return Vec::new();
    }
    let hour = 3_600_000 * MS;
    let release = corpus.options.release;
    vec![release + hour, release - hour, release - 3 * hour]
}

struct Log<'a> {
    style: Style,
    form: &'a dyn Fn(&Record) -> String,
    queue: Queue,
    sessions: Vec<Session>,
}

impl Log<'_> {
    /// A session that is free at that moment.
    fn session(&mut self, at: i64) -> usize {
        let free = self
            .sessions
            .iter()
            .position(|session| session.free < at && session.app.is_empty());
        if let Some(free) = free {
            return free;
        }
        self.open(at, "authenticator", "")
    }

    fn open(&mut self, at: i64, user: &'static str, app: &'static str) -> usize {
        let count = self.sessions.len();
        self.sessions.push(Session {
            pid: 4_301 + u32::try_from(count).unwrap_or(0),
            start: at - 40 * MS,
            line: 0,
            free: at,
            user,
            app,
        });
        count
    }

    fn request(&mut self, corpus: &Corpus, hit: &Hit) {
        let route = hit.way.route();
        let is_asked = !route.sql.is_empty() && hit.cache == Cache::Miss;
        let is_let_in = hit.known || hit.way == Way::Notes;
        if !is_asked || !is_let_in || matches!(hit.status, 401 | 307 | 500) {
            return;
        }
        let at = self.session(hit.at);
        let took = i64::try_from(hit.took_ms).unwrap_or(1) * MS;
        self.plain(at, hit.at, "BEGIN", 0);
        self.asked(at, hit.at + MS, &claim(corpus, hit), 1);
        let question = question(corpus, hit);
        let end = hit.at + MS + took;
        if hit.status == 403 {
            self.denied(at, end, &question);
            self.plain(at, end + MS, "ROLLBACK", 0);
        } else {
            self.asked(at, end, &question, hit.took_ms);
            self.plain(at, end + MS, "COMMIT", 0);
        }
        self.sessions[at].free = end + 2 * MS;
    }

    /// The owner copies every table.
    fn dump(&mut self, at: i64) {
        let session = self.open(at, "app_owner", "pg_dump");
        let mut tables: Vec<&str> = ROUTES.iter().map(|route| route.table).collect();
        tables.sort_unstable();
        tables.dedup();
        let mut at = at;
        for table in tables.into_iter().filter(|table| !table.is_empty()) {
            at += 900 * MS;
            let sql = format!("COPY public.{table} TO stdout;");
            let asked = Asked {
                sql: &sql,
                parameters: Vec::new(),
                tag: "COPY",
                table,
                rows: 0,
            };
            match self.style {
                Style::Audit => self.asked(session, at, &asked, 700),
                _ => self.plain(session, at, &sql, 700),
            }
        }
    }

    /// A statement by itself, without parameters.
    fn plain(&mut self, session: usize, at: i64, sql: &str, took: u64) {
        let message = match self.style {
            Style::Audit => return,
            Style::Statements => format!("statement: {sql}"),
            Style::Durations => format!("duration: {took}.031 ms  statement: {sql}"),
        };
        let tag = ["BEGIN", "COMMIT", "ROLLBACK"]
            .into_iter()
            .find(|tag| *tag == sql)
            .unwrap_or("COPY");
        self.put(session, at, tag, message, String::new());
    }

    /// A statement of the extended protocol.
    fn asked(&mut self, session: usize, at: i64, asked: &Asked<'_>, took: u64) {
        let Asked { sql, tag, .. } = asked;
        let detail = if asked.parameters.is_empty() {
            String::new()
        } else {
            format!("parameters: {}", bound(&asked.parameters))
        };
        match self.style {
            Style::Statements => {
                let message = format!("execute <unnamed>: {sql}");
                self.put(session, at, tag, message, detail);
            }
            Style::Durations => {
                let parsed = format!("duration: 0.104 ms  parse <unnamed>: {sql}");
                self.put(session, at, "PARSE", parsed, String::new());
                let bound = format!("duration: 0.055 ms  bind <unnamed>: {sql}");
                self.put(session, at, "BIND", bound, detail.clone());
                let ran = format!("duration: {took}.212 ms  execute <unnamed>: {sql}");
                self.put(session, at, tag, ran, detail);
            }
            Style::Audit => {
                let line = self.sessions[session].line + 1;
                let message = audit(asked, line);
                self.put(session, at, tag, message, String::new());
            }
        }
    }

    /// A statement that row security or a missing grant refused.
    fn denied(&mut self, session: usize, at: i64, asked: &Asked<'_>) {
        let mut record = self.record(session, at, asked.tag);
        record.severity = "ERROR";
        record.sqlstate = "42501";
        record.message = format!("permission denied for table {}", asked.table);
        asked.sql.clone_into(&mut record.statement);
        let text = (self.form)(&record);
        self.queue.put(at, text);
    }

    fn put(&mut self, session: usize, at: i64, tag: &'static str, message: String, detail: String) {
        let mut record = self.record(session, at, tag);
        record.message = message;
        record.detail = detail;
        let text = (self.form)(&record);
        self.queue.put(at, text);
    }

    fn record(&mut self, session: usize, at: i64, tag: &'static str) -> Record {
        let session = &mut self.sessions[session];
        session.line += 1;
        Record {
            at,
            pid: session.pid,
            start: session.start,
            line: session.line,
            tag,
            user: session.user,
            app: session.app,
            severity: "LOG",
            sqlstate: "00000",
            message: String::new(),
            detail: String::new(),
            statement: String::new(),
        }
    }
}

/// Who asks.
fn claim(corpus: &Corpus, hit: &Hit) -> Asked<'static> {
    let (role, claims) = match corpus.named(hit) {
        Some(user) => (
            "authenticated",
            format!(
                "{{\"sub\":\"{}\",\"role\":\"authenticated\",\"email\":\"{}\",\"app_metadata\":{{\"role\":\"{}\",\"org_id\":\"{}\"}},\"session_id\":\"{:016x}\"}}",
                user.uuid,
                user.email,
                user.role.word(),
                corpus.model.orgs[user.org],
                mix(hit.serial / 64)
            ),
        ),
        None => ("anon", "{\"role\":\"anon\"}".to_owned()),
    };
    Asked {
        sql: CLAIM,
        parameters: vec![role.to_owned(), claims],
        tag: "SELECT",
        table: "",
        rows: 1,
    }
}

/// What is asked.
fn question<'a>(corpus: &Corpus, hit: &Hit) -> Asked<'a> {
    let route = hit.way.route();
    let is_lost = hit.plant == Some(Plant::Oversize);
    let sql = if is_lost { TICKETS_OF_ALL } else { route.sql };
    let first = if hit.object().is_empty() {
        corpus.model.orgs[hit.org].clone()
    } else {
        hit.object().to_owned()
    };
    let asked = |name: &str| {
        hit.query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name))
            .map(str::to_owned)
    };
    let second = match hit.way {
        Way::CustomerUpdate => "team".to_owned(),
        Way::Export => "100000".to_owned(),
        _ => asked("pageSize=").unwrap_or_else(|| "25".to_owned()),
    };
    let third = format!("%{}%", asked("q=").unwrap_or_default());
    let parameters = ["$1", "$2", "$3"]
        .into_iter()
        .zip([first, second, third])
        .filter(|(name, _)| sql.contains(name))
        .map(|(_, value)| value)
        .collect();
    Asked {
        sql,
        parameters,
        tag: if hit.way == Way::CustomerUpdate {
            "UPDATE"
        } else {
            "SELECT"
        },
        table: route.table,
        rows: hit.rows.unwrap_or(0),
    }
}

/// `$1 = '3', $2 = '100'`.
fn bound(parameters: &[String]) -> String {
    let mut text = String::new();
    for (at, value) in parameters.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let value = value.replace('\'', "''");
        let _ = write!(text, "{comma}${} = '{value}'", at + 1);
    }
    text
}

/// A record of pgaudit.
fn audit(asked: &Asked<'_>, number: u64) -> String {
    let class = match asked.tag {
        "UPDATE" => "WRITE",
        _ => "READ",
    };
    let object = if asked.table.is_empty() {
        ",".to_owned()
    } else {
        format!("TABLE,public.{}", asked.table)
    };
    let inner: Vec<String> = asked.parameters.iter().map(|value| cell(value)).collect();
    let parameters = if inner.is_empty() {
        "<none>".to_owned()
    } else {
        cell(&inner.join(","))
    };
    format!(
        "AUDIT: SESSION,{number},1,{class},{},{object},{},{parameters},{}",
        asked.tag,
        cell(asked.sql),
        asked.rows
    )
}

/// A CSV cell, quoted where it must be.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
