//! The questions behind the tables, for an engine that has the logs: the same
//! [`Aggregates`] as the scan fills, so that rules judge alike.
//!
//! What is asked is in [`ask`], over the relation of [`relation`]; what an
//! engine says differently is in a file beside [`mod@dialect`], with one row in
//! [`DIALECTS`]. Objects are asked for in two steps: first how many each
//! principal reached, then which, of those who reached most.

pub mod answer;
pub mod ask;
mod bigquery;
mod clickhouse;
pub mod dialect;
mod duckdb;
pub mod mapping;
pub mod relation;
mod trino;

use crate::domain::failure::Failure;
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::gather::aggregates::{Access, Aggregates, Piece, Who, earliest};
use answer::{Reached, Rows, take};
use ask::{Question, Render};
use dialect::Dialect;
use std::collections::BTreeMap;

/// Every dialect.
pub const DIALECTS: &[&dyn Dialect] = &[
    &clickhouse::ClickHouse {
        name: "clickhouse",
        page: 1_000_000,
    },
    // The same engine behind Supabase's own door: at most 1,000 rows a run.
    &clickhouse::ClickHouse {
        name: "supabase",
        page: 1_000,
    },
    &duckdb::DuckDb,
    &trino::Trino,
    &bigquery::BigQuery,
];

/// The dialect of that name.
pub fn dialect(name: &str) -> Option<&'static dyn Dialect> {
    DIALECTS.iter().find(|sql| sql.name() == name).copied()
}

/// Principals whose objects are fetched.
pub const CANDIDATES: usize = 200;

/// Sends one text of SQL and gives the rows.
pub type Ask<'a> = &'a mut dyn FnMut(&Question, &str) -> Result<Rows, Failure>;

/// Asks everything and fills the tables.
///
/// # Errors
/// What the asking gives, and an answer that is not of the form asked for.
pub fn gather(render: &Render<'_>, ask: Ask<'_>) -> Result<Aggregates, Failure> {
    let mut tables = Aggregates {
        release: render.bounds.release,
        tolerance: render.bounds.tolerance,
        ..Aggregates::default()
    };
    let mut reached = Vec::new();
    for question in render.first() {
        let rows = pages(render.sql, &question, ask, &mut tables)?;
        if question.id == "Q2" {
            reached = answer::reaches(&rows).map_err(|odd| odd_answer(&question, odd))?;
        } else {
            take(&mut tables, question.id, &rows).map_err(|odd| odd_answer(&question, odd))?;
        }
    }
    let whom = candidates(&reached);
    if !whom.is_empty() {
        for reached in reached
            .iter()
            .filter(|reached| whom.contains(&reached.key.who))
        {
            tables.reach.entry(reached.key.clone()).or_default();
        }
        for question in render.second(&whom) {
            let rows = pages(render.sql, &question, ask, &mut tables)?;
            take(&mut tables, question.id, &rows).map_err(|odd| odd_answer(&question, odd))?;
        }
    }
    let left = principals(&reached).len().saturating_sub(whom.len());
    if left > 0 {
        tables.cut.insert(format!(
            "the objects of {left} principals were counted and not fetched: the {CANDIDATES} who reached most are judged by them"
        ));
    }
    tables.pieces.push(account(render, &tables));
    Ok(tables)
}

/// Asks page by page, up to what the question takes.
fn pages(
    sql: &dyn Dialect,
    question: &Question,
    ask: Ask<'_>,
    tables: &mut Aggregates,
) -> Result<Rows, Failure> {
    let mut rows = Rows::new();
    loop {
        let behind = rows.len() as u64;
        let page = sql.page().min(question.most + 1 - behind);
        let offset = if behind == 0 {
            String::new()
        } else {
            format!(" OFFSET {behind}")
        };
        let text = format!("{}\nLIMIT {page}{offset}", question.sql);
        let more = ask(question, &text)?;
        let came = more.len() as u64;
        rows.extend(more);
        if rows.len() as u64 > question.most {
            rows.truncate(usize::try_from(question.most).unwrap_or(usize::MAX));
            tables.cut.insert(format!(
                "{} ({}) has more than {} rows: the rest was not fetched",
                question.id, question.about, question.most
            ));
            return Ok(rows);
        }
        if came < page {
            return Ok(rows);
        }
    }
}

fn odd_answer(question: &Question, odd: String) -> Failure {
    Failure::new(
        format!(
            "the answer to {} ({}) can't be read",
            question.id, question.about
        ),
        odd,
        "look at the mapping: each column must be of the kind that an event has",
    )
}

/// Tenants and objects of each principal, over all kinds and periods.
fn principals(reached: &[Reached]) -> BTreeMap<&Who, (u64, u64)> {
    let mut most: BTreeMap<&Who, (u64, u64)> = BTreeMap::new();
    for reached in reached {
        let (tenants, objects) = most.entry(&reached.key.who).or_default();
        *tenants = reached.tenants.max(*tenants);
        *objects = objects.saturating_add(reached.objects);
    }
    most
}

/// Those who reached most tenants and objects.
fn candidates(reached: &[Reached]) -> Vec<Who> {
    let mut all: Vec<(&Who, (u64, u64))> = principals(reached).into_iter().collect();
    all.sort_by_key(|(who, most)| (std::cmp::Reverse(*most), *who));
    all.truncate(CANDIDATES);
    all.into_iter().map(|(who, _)| who.clone()).collect()
}

/// What was looked at, in place of files.
fn account(render: &Render<'_>, tables: &Aggregates) -> Piece {
    let events = tables.access.values().map(Access::requests).sum();
    let (mut first, mut last): (Option<Stamp>, Option<Stamp>) = (None, None);
    for access in tables.access.values() {
        first = earliest(first, access.first);
        last = last.max(access.last);
    }
    Piece {
        name: format!("{} {}", render.sql.name(), render.mapping.from),
        format: render.mapping.name.clone(),
        records: events,
        events,
        first,
        last,
        ..Piece::default()
    }
}

/// What the probe says of the mapping: its gaps, each a column and why.
///
/// # Errors
/// When the answer is not of the form asked for.
pub fn gaps(render: &Render<'_>, rows: &Rows) -> Result<Vec<(String, String)>, Failure> {
    let odd = |odd: String| odd_answer(&render.probe(), odd);
    let row = rows
        .first()
        .ok_or_else(|| odd("there is none".to_owned()))?;
    let counts = answer::numbers(row).map_err(odd)?;
    let (all, empty) = counts
        .split_first()
        .ok_or_else(|| odd("there is none".to_owned()))?;
    let named = mapping::TEXTS.iter().chain(mapping::NUMBERS);
    let mapped = named.filter_map(|name| Some((*name, render.mapping.columns.get(*name)?)));
    let mut gaps = Vec::new();
    if *all == 0 {
        gaps.push((
            render.mapping.from.clone(),
            "no event lies in the window: nothing was looked at".to_owned(),
        ));
        return Ok(gaps);
    }
    for ((name, from), empty) in mapped.zip(empty) {
        if empty == all {
            gaps.push((
                format!("column {name}"),
                format!("the mapping says that {name} is in {from}, and all of a sample of {all} is empty"),
            ));
        }
    }
    Ok(gaps)
}
