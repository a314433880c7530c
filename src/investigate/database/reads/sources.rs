//! Asks the server for its statistics as they are; a source that is missing,
//! refused or half blind becomes a gap that says what it costs.

use crate::domain::check::Gap;
use crate::domain::failure::Failure;
use crate::investigate::database::snapshot::Oid;
use crate::investigate::database::survey::Survey;
use crate::providers::postgres::{Session, literal};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// The most statements looked at; the query asks for one more.
pub const STATEMENTS: usize = 5_000;

/// Which statistics there are.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Sources {
    pub version: u32,
    place: Option<String>,
    columns: Option<Vec<String>>,
    info: Option<String>,
    track: Option<String>,
    utility: Option<String>,
    counts: String,
    activities: String,
    all_texts: bool,
    pub tables_since: Option<DateTime<Utc>>,
}

/// What one role was sent by one statement.
#[derive(Debug, Clone, Deserialize)]
pub struct Statement {
    pub role: String,
    #[serde(default)]
    pub id: Option<String>,
    /// False inside a function; absent before 14.
    #[serde(default)]
    pub toplevel: Option<bool>,
    pub calls: u64,
    pub rows: u64,
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
}

/// A statement that runs now.
#[derive(Debug, Clone, Deserialize)]
pub struct Running {
    pub pid: i32,
    pub login: String,
    pub application: String,
    pub address: String,
    pub waits: String,
    #[serde(default)]
    pub seconds: Option<u64>,
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub copied: Option<u64>,
}

/// Rows looked through in one table.
#[derive(Debug, Clone, Deserialize)]
pub struct Counter {
    pub relation: Oid,
    pub rows: u64,
    #[serde(default)]
    pub last: Option<DateTime<Utc>>,
}

/// The part of a table's rows that the commonest value of a column has.
#[derive(Debug, Clone, Deserialize)]
pub struct Share {
    pub relation: Oid,
    pub column: String,
    pub part: f64,
}

#[derive(Debug, Deserialize)]
struct Info {
    evicted: u64,
    since: DateTime<Utc>,
}

/// Refusals that asking again does not change: no right, no such relation or
/// schema, an extension that the server did not load.
const STANDING: [&str; 4] = ["42501", "42P01", "3F000", "55000"];

/// Everything the server told.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    pub sources: Sources,
    pub statements: Vec<Statement>,
    pub since: Option<DateTime<Utc>>,
    pub running: Vec<Running>,
    pub counters: Vec<Counter>,
    pub gaps: Vec<Gap>,
    /// There were more statements than are looked at, or a source is shut.
    pub cut: bool,
    /// The first question that was not answered this time; what the server
    /// refuses for good is a gap alone.
    pub failed: Option<Failure>,
}

/// What is lost without counts of rows by statement.
const NO_STATEMENTS: &str = "statement statistics";

/// Reads every source once.
pub async fn read(session: &Session) -> Raw {
    let mut raw = Raw::default();
    let sql = include_str!("../sql/read_sources.sql");
    let found: Vec<Sources> = part(session, sql, "statistics of any kind", &mut raw).await;
    let Some(sources) = found.into_iter().next() else {
        return raw;
    };
    raw.sources = sources;
    statements(session, &mut raw).await;
    activity(session, &mut raw).await;
    counters(session, &mut raw).await;
    raw
}

/// Reads again what changes from second to second, from sources that are
/// known from [`read`].
///
/// # Errors
/// When one of them did not answer: half a look would pass for a whole one.
pub async fn again(session: &Session, sources: &Sources) -> Result<Raw, Failure> {
    let mut raw = Raw {
        sources: sources.clone(),
        ..Raw::default()
    };
    statements(session, &mut raw).await;
    activity(session, &mut raw).await;
    match raw.failed.take() {
        Some(failure) => Err(failure),
        None => Ok(raw),
    }
}

async fn statements(session: &Session, raw: &mut Raw) {
    let sources = raw.sources.clone();
    let Some(place) = &sources.place else {
        let why = "pg_stat_statements is not installed in this database: \
                   no row counts by role, only table counters";
        raw.gaps.push(Gap::new(NO_STATEMENTS, why));
        return;
    };
    let has = |name: &str| sources.columns.iter().flatten().any(|own| own == name);
    let time =
        "pg_catalog.to_char(s.stats_since AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    let sql = include_str!("../sql/statements.sql")
        .replace("{PLACE}", place)
        .replace(
            "{TOPLEVEL}",
            if has("toplevel") {
                "s.toplevel"
            } else {
                "NULL::bool"
            },
        )
        .replace(
            "{SINCE}",
            if has("stats_since") {
                time
            } else {
                "NULL::text"
            },
        );
    raw.statements = part(session, &sql, NO_STATEMENTS, raw).await;
    raw.gaps.extend(blind_spots(&sources, &raw.statements));
    raw.cut |= raw.statements.len() > STATEMENTS;
    raw.statements.truncate(STATEMENTS);
    let Some(info) = &sources.info else {
        let why = "this version does not tell since when it counts or what it dropped for room";
        raw.gaps
            .push(Gap::new("start of the statement statistics", why));
        return;
    };
    let sql = include_str!("../sql/statements_info.sql").replace("{INFO}", info);
    let told: Vec<Info> = part(session, &sql, "start of the statement statistics", raw).await;
    if let Some(info) = told.into_iter().next() {
        raw.since = Some(info.since);
        if info.evicted > 0 {
            let why = format!(
                "the server made room {} times: statements that ran seldom may be gone",
                info.evicted
            );
            raw.gaps.push(Gap::new("rare statements", &why));
        }
    }
}

/// What the statement statistics do not see as they are set up.
fn blind_spots(sources: &Sources, statements: &[Statement]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if sources.track.as_deref() == Some("none") {
        let why = "pg_stat_statements.track is none: nothing is counted";
        gaps.push(Gap::new(NO_STATEMENTS, why));
    }
    if sources.utility.as_deref() == Some("off") {
        let why = "pg_stat_statements.track_utility is off: a dump leaves no count";
        gaps.push(Gap::new("COPY and cursors", why));
    }
    if sources.version < 160_000 && sources.place.is_some() {
        let why = "before Postgres 16 rows that a driver fetches in portions count as 0";
        gaps.push(Gap::new("reads in portions", why));
    }
    if statements.len() > STATEMENTS {
        let why = format!("only the {STATEMENTS} with the most rows are looked at");
        gaps.push(Gap::new("further statements", &why));
    }
    let hidden = statements
        .iter()
        .filter(|s| hides(s.text.as_deref()))
        .count();
    if hidden > 0 || !sources.all_texts {
        let why = "the login is no member of pg_read_all_stats: \
                   what other roles' statements read is not told, only how many rows";
        gaps.push(Gap::new("texts of other roles' statements", why));
    }
    gaps
}

/// Whether the server keeps the text from this login.
pub fn hides(text: Option<&str>) -> bool {
    text.is_none_or(|text| text == "<insufficient privilege>")
}

async fn activity(session: &Session, raw: &mut Raw) {
    if raw.sources.activities == "off" {
        let why = "track_activities is off: what runs now is not seen";
        raw.gaps.push(Gap::new("live activity", why));
        return;
    }
    let (copied, progress) = if raw.sources.version >= 140_000 {
        (
            "CASE WHEN c.command = 'COPY TO' THEN c.tuples_processed END::int8",
            "LEFT JOIN pg_catalog.pg_stat_progress_copy c ON c.pid = a.pid",
        )
    } else {
        ("NULL::int8", "")
    };
    let sql = include_str!("../sql/activity.sql")
        .replace("{COPIED}", copied)
        .replace("{PROGRESS}", progress);
    raw.running = part(session, &sql, "live activity", raw).await;
    if !raw.sources.all_texts {
        let why = "the login is no member of pg_read_all_stats: \
                   what other roles' sessions run or send now is not seen";
        raw.gaps.push(Gap::new("live activity", why));
    }
}

async fn counters(session: &Session, raw: &mut Raw) {
    if raw.sources.counts == "off" {
        let why = "track_counts is off: nothing tells whether a table was scanned";
        raw.gaps.push(Gap::new("table counters", why));
        return;
    }
    let last = if raw.sources.version >= 160_000 {
        "pg_catalog.to_char(s.last_seq_scan AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
    } else {
        "NULL::text"
    };
    let sql = include_str!("../sql/scans.sql").replace("{LAST}", last);
    raw.counters = part(session, &sql, "table counters", raw).await;
}

/// The largest tenant's share of each relation, as far as the planner's
/// statistics tell.
pub async fn shares(session: &Session, survey: &Survey) -> Vec<Share> {
    let relations = survey.snapshot.relations.iter();
    let columns: BTreeSet<&str> = relations
        .filter_map(|relation| survey.tenant(relation.oid))
        .collect();
    if columns.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = columns.iter().map(|name| literal(name)).collect();
    let sql = include_str!("../sql/shares.sql").replace("{COLUMNS}", &names.join(", "));
    // Without them the other signs of a wide read still hold.
    session.read(&sql).await.unwrap_or_default()
}

async fn part<T: DeserializeOwned>(
    session: &Session,
    sql: &str,
    what: &str,
    raw: &mut Raw,
) -> Vec<T> {
    match session.read(sql).await {
        Ok(rows) => rows,
        Err(error) => {
            let standing = error.code().is_some_and(|code| STANDING.contains(&code));
            let failure = Failure::from(error);
            raw.gaps.push(Gap::new(what, &failure.why));
            if standing {
                raw.cut = true;
            } else {
                raw.failed.get_or_insert(failure);
            }
            Vec::new()
        }
    }
}
