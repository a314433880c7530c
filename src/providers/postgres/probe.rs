//! The quiet prober: what can this principal see, without reading a value.
//!
//! One constant `DO` block a batch, so the server's statement statistics gain
//! a handful of rows and keep the evidence of who read what. The principal and
//! the list of relations travel in a custom setting, the answers come back in
//! another. The block becomes the principal and is the login again at its end,
//! since the statistics count by role. For each relation the planner is asked
//! first, and rows are looked for only when that is cheap; what a look locked
//! or set is undone before the next. Nothing here says *safe*: an answer that
//! was not reached is `None`.

use super::error::PgError;
use super::principal::Assumed;
use super::quiet::rows;
use super::session::{Session, preamble};
use super::text::literal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One question: can the principal see rows of this relation?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProbeCell {
    pub schema: String,
    pub relation: String,
    /// Narrows the question to rows the principal must not see, as a boolean
    /// expression over the relation's columns, composed from quoted names.
    pub predicate: Option<String>,
    /// The percentage of pages to look at when a full look is too dear.
    pub sample: Option<f32>,
    /// Rows to look at instead of the relation's own, as an item of FROM with
    /// an alias, composed from quoted names and literals.
    pub made_up: Option<String>,
    /// Whether to count what is seen, up to [`ProbeLimits::count_to`].
    pub count: bool,
}

impl ProbeCell {
    /// Asks for any row at all, without sample or count.
    pub fn new(schema: &str, relation: &str) -> Self {
        Self {
            schema: schema.to_owned(),
            relation: relation.to_owned(),
            predicate: None,
            sample: None,
            made_up: None,
            count: false,
        }
    }
}

/// What a probe may cost the server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbeLimits {
    /// Relations in one transaction. Each is locked only while it is looked
    /// at; the snapshot is held to the end.
    pub batch: usize,
    pub statement: Duration,
    pub lock: Duration,
    /// The planner's cost up to which rows are looked for.
    pub cost: f64,
    /// Counting stops here.
    pub count_to: u32,
}

impl Default for ProbeLimits {
    fn default() -> Self {
        Self {
            batch: 25,
            statement: Duration::from_secs(3),
            lock: Duration::from_millis(100),
            cost: 60_000.0,
            count_to: 1001,
        }
    }
}

/// What the planner says the policies leave of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanClass {
    /// Nothing: the condition is false for this principal.
    None,
    /// Everything: a plain scan without any condition.
    All,
    /// Something in between; only looking can tell.
    Filtered,
}

/// What came back for one [`ProbeCell`], in the same order.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeAnswer {
    pub schema: String,
    pub relation: String,
    pub plan: Option<PlanClass>,
    /// The planner's cost of a full look, in its own units.
    pub cost: Option<f64>,
    /// Whether a row was seen; `None` if that was not decided. A sample can
    /// only say `Some(true)`.
    pub visible: Option<bool>,
    /// Rows seen, and whether counting stopped at the limit ("at least").
    pub count: Option<(u64, bool)>,
    /// Only a sample was looked at, since a full look was too dear.
    pub sampled: bool,
    /// The SQLSTATE that ended the look. `42501` means refused, `57014` that
    /// time ran out. Server messages may quote values, so they are not kept.
    pub error: Option<String>,
    /// Whether the error says that an empty text is no value of a type.
    pub blank: bool,
}

impl ProbeAnswer {
    /// Whether the server refused the read for want of a privilege.
    pub fn refused(&self) -> bool {
        self.error.as_deref() == Some("42501")
    }
}

/// One answer as the block writes it.
#[derive(Debug, Deserialize)]
struct Raw {
    plan: Option<PlanClass>,
    cost: Option<f64>,
    seen: Option<bool>,
    n: Option<u64>,
    #[serde(default)]
    sampled: bool,
    error: Option<String>,
    #[serde(default)]
    blank: bool,
}

const BLOCK: &str = include_str!("probe.sql");

impl Session {
    /// Asks all cells as one principal, [`ProbeLimits::batch`] a transaction.
    /// A batch that runs out of time is asked again cell by cell; a cell that
    /// does so alone is answered with error `57014`.
    pub async fn probe(
        &self,
        who: &Assumed,
        cells: &[ProbeCell],
        limits: &ProbeLimits,
    ) -> Result<Vec<ProbeAnswer>, PgError> {
        self.admit(who).await?;
        let mut answers = Vec::with_capacity(cells.len());
        for batch in cells.chunks(limits.batch.clamp(1, 25)) {
            match self.probe_batch(who, batch, limits).await {
                Err(error) if out_of_time(&error) => {
                    for cell in batch {
                        answers.push(self.probe_alone(who, cell, limits).await?);
                    }
                }
                asked => answers.extend(asked?),
            }
        }
        Ok(answers)
    }

    /// Like [`Session::read_as`], by the prober's block.
    pub async fn look_as<T: DeserializeOwned>(
        &self,
        who: &Assumed,
        sql: &str,
    ) -> Result<Vec<T>, PgError> {
        self.admit(who).await?;
        self.rows(&looking(who, sql)).await
    }

    async fn probe_alone(
        &self,
        who: &Assumed,
        cell: &ProbeCell,
        limits: &ProbeLimits,
    ) -> Result<ProbeAnswer, PgError> {
        let raw = match self
            .probe_batch(who, std::slice::from_ref(cell), limits)
            .await
        {
            Err(PgError::Server { code, .. }) if code == "57014" => Raw {
                plan: None,
                cost: None,
                seen: None,
                n: None,
                sampled: false,
                error: Some(code),
                blank: false,
            },
            asked => {
                return asked?
                    .pop()
                    .ok_or_else(|| PgError::Shape("the probe gave no answer".to_owned()));
            }
        };
        Ok(answer(cell, raw, limits))
    }

    async fn probe_batch(
        &self,
        who: &Assumed,
        cells: &[ProbeCell],
        limits: &ProbeLimits,
    ) -> Result<Vec<ProbeAnswer>, PgError> {
        let message = format!(
            "{}{};ROLLBACK",
            preamble(limits.statement, limits.lock),
            asking(who, cells, limits)
        );
        let text = self.exchange(&message, limits.statement).await?;
        answers(&text, cells, limits)
    }
}

/// The statements that ask within an open transaction; the last row they
/// return is the answer.
pub(super) fn asking(who: &Assumed, cells: &[ProbeCell], limits: &ProbeLimits) -> String {
    block(&serde_json::json!({
        "who": who.todo(), "cells": cells, "cost": limits.cost, "count_to": limits.count_to,
    }))
}

/// The statements that run one query as the principal.
pub(super) fn looking(who: &Assumed, sql: &str) -> String {
    block(&serde_json::json!({ "who": who.todo(), "rows": rows(sql) }))
}

fn block(todo: &serde_json::Value) -> String {
    format!(
        "SELECT /* firsthour */ set_config('firsthour.todo', {}, true) IS NULL;\
         DO $firsthour$\n{BLOCK}$firsthour$;\
         SELECT /* firsthour */ pg_catalog.current_setting('firsthour.result')",
        literal(&todo.to_string()),
    )
}

/// The answers in the order of the cells.
pub(super) fn answers(
    text: &str,
    cells: &[ProbeCell],
    limits: &ProbeLimits,
) -> Result<Vec<ProbeAnswer>, PgError> {
    let raws: Vec<Raw> =
        serde_json::from_str(text).map_err(|error| PgError::Shape(error.to_string()))?;
    if raws.len() != cells.len() {
        return Err(PgError::Shape("the probe left cells out".to_owned()));
    }
    Ok(cells
        .iter()
        .zip(raws)
        .map(|(cell, raw)| answer(cell, raw, limits))
        .collect())
}

fn out_of_time(error: &PgError) -> bool {
    error.code() == Some("57014")
}

fn answer(cell: &ProbeCell, raw: Raw, limits: &ProbeLimits) -> ProbeAnswer {
    ProbeAnswer {
        schema: cell.schema.clone(),
        relation: cell.relation.clone(),
        plan: raw.plan,
        cost: raw.cost,
        // A sample without a row shows nothing about the rest.
        visible: raw.seen.filter(|&seen| seen || !raw.sampled),
        count: raw.n.map(|n| (n, n >= u64::from(limits.count_to))),
        sampled: raw.sampled,
        error: raw.error,
        blank: raw.blank,
    }
}
