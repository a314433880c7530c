//! The questions behind the tables, for an engine that has the logs: the same
//! [`Aggregates`] as the scan fills, so that rules judge alike.
//!
//! What is asked is in [`ask`], over the relation of [`relation`]; what an
//! engine says differently is in a file beside [`mod@dialect`], with one row in
//! [`DIALECTS`]. Objects are asked for in two steps: first how many each
//! principal reached, then which; of those who reached most, where not all fit.
//! Whether the mapping holds is looked at first, in [`probe`]; what it can't
//! say costs rules, and [`costs`] names them.

pub mod answer;
pub mod ask;
mod bigquery;
mod clickhouse;
pub mod costs;
pub mod dialect;
mod duckdb;
pub mod mapping;
pub mod probe;
pub mod relation;
mod trino;
pub mod whom;

use crate::domain::failure::Failure;
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::gather::aggregates::{Access, Aggregates, Piece, earliest};
use crate::investigate::logs::spill::Spills;
use answer::{Odd, Reached, take};
use ask::{Question, Render};
use dialect::Dialect;
use serde_json::Value;
use whom::{Whom, objects, walkers};

/// Every dialect.
pub const DIALECTS: &[&dyn Dialect] = &[
    &clickhouse::ClickHouse {
        name: "clickhouse",
        page: 2_000_000,
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

/// Takes a row of an answer; what it gives ends the asking.
pub type Take<'a> = &'a mut dyn FnMut(&[Value]) -> Result<(), Odd>;

/// Sends one text of SQL, hands over each row as it comes, and says how many
/// came.
pub type Ask<'a> = &'a mut dyn FnMut(&Question, &str, Take<'_>) -> Result<u64, Failure>;

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
    let name = name(render);
    let spills = Spills::default();
    let mut reached: Vec<Reached> = Vec::new();
    for question in render.first() {
        let whole = pages(render.sql, &question, ask, &mut |row| match question.id {
            "Q2" => {
                reached.push(answer::reached(row)?);
                Ok(())
            }
            "Q10" => answer::spilled(&mut tables, &name, &spills, row),
            id => take(&mut tables, id, row),
        })?;
        cut(&mut tables, &question, whole);
    }
    let (whom, walking) = (objects(&reached), walkers(&reached));
    for reached in reached
        .iter()
        .filter(|reached| whom.holds(&reached.key.who))
    {
        tables.reach.entry(reached.key.clone()).or_default();
    }
    for question in render.second(&whom, &walking) {
        let whole = pages(render.sql, &question, ask, &mut |row| {
            take(&mut tables, question.id, row)
        })?;
        cut(&mut tables, &question, whole);
    }
    left_out(&mut tables, &reached, &whom, &walking);
    tables.pieces.push(account(render, &tables));
    Ok(tables)
}

/// Asks page by page, up to what the question takes; says whether that was
/// all of it.
fn pages(
    sql: &dyn Dialect,
    question: &Question,
    ask: Ask<'_>,
    take: Take<'_>,
) -> Result<bool, Failure> {
    let mut behind = 0;
    loop {
        let (page, text) = question.page(sql, behind);
        let came = ask(question, &text, &mut |row| {
            behind += 1;
            if behind > question.most {
                return Ok(());
            }
            take(row)
        })?;
        if behind > question.most {
            return Ok(false);
        }
        if came < page {
            return Ok(true);
        }
    }
}

fn cut(tables: &mut Aggregates, question: &Question, whole: bool) {
    if !whole {
        tables.cut.insert(format!(
            "{} ({}) has more than {} rows: the rest was not fetched",
            question.id, question.about, question.most
        ));
    }
}

fn left_out(tables: &mut Aggregates, reached: &[Reached], whom: &Whom, walking: &Whom) {
    let left = whom.left(reached);
    if left > 0 {
        tables.cut.insert(format!(
            "the objects of {left} principals were counted and not fetched: rules judge by those of the others, who reached most"
        ));
    }
    let left = walking.left(reached);
    if left > 0 {
        tables.cut.insert(format!(
            "in which order {left} principals read was not fetched: of the others, who read most, it was"
        ));
    }
}

/// An answer that is not of the form that was asked for.
pub fn odd_answer(question: &Question, odd: Odd) -> Failure {
    Failure::new(
        format!(
            "the answer to {} ({}) can't be read",
            question.id, question.about
        ),
        odd,
        "look at the mapping: each column must be of the kind that an event has",
    )
}

/// What stands in place of a file's name.
fn name(render: &Render<'_>) -> String {
    format!("{} {}", render.sql.name(), render.mapping.from)
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
        name: name(render),
        format: render.mapping.name.clone(),
        records: events,
        events,
        first,
        last,
        ..Piece::default()
    }
}
