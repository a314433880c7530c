//! The check of logs that playbooks name: the same scan, rules and answer as
//! `check logs`, of the logs a target says it has.

use super::answer::{Answer, answer};
use super::gather::aggregates::Aggregates;
use super::known::{Known, read};
use super::scan::{Asked, Progress, scan};
use super::shots::EVERY;
use super::source::{self, Piece};
use super::view::View;
use crate::domain::check::{CheckReport, CheckSpec};
use crate::domain::failure::Failure;
use crate::domain::finding::{Confidence, Finding, Severity};
use crate::domain::reading::Reads;
use crate::investigate::check::{Check, LogReach, Reach, Running, Sink};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// The checks of this room.
pub static CHECKS: [&dyn Check; 1] = [&Reading];

/// Who read what, as the logs tell.
#[derive(Debug, Clone, Copy)]
pub struct Reading;

const READS: CheckSpec = CheckSpec {
    id: "logs.reads",
    title: "Who did read, from the logs",
    reads: "the log files the target names; counts and places are kept, no lines",
    fields: &["confirmed", "suspected", "going", "unread"],
};

impl Check for Reading {
    fn spec(&self) -> &CheckSpec {
        &READS
    }

    fn run<'a>(&'a self, reach: &'a Reach, sink: &'a dyn Sink) -> Running<'a> {
        Box::pin(async move {
            let logs = reach.logs.as_ref().ok_or_else(nowhere)?;
            let (known, mut failed) = known(logs);
            let (pieces, unopened) = source::gathered(&logs.paths, None).await;
            failed.extend(unopened);
            let tables = scanned(pieces, logs, &known, sink).await?;
            Ok(report(&tables, answer(&tables, &known, &failed)))
        })
    }
}

fn nowhere() -> Failure {
    Failure::new(
        "no logs were looked at",
        "nothing says where the target's logs are",
        "name them in firsthour.toml, [targets.NAME.logs] with paths = [\"FOLDER\"], or take \
         the way by hand: firsthour check logs PATH",
    )
}

/// What the files besides the logs say; one that can't be read is a gap.
fn known(logs: &LogReach) -> (Known, Vec<(String, String)>) {
    let (mut known, mut failed) = (Known::default(), Vec::new());
    let files = [
        (&logs.users, read::users as fn(&_, &mut _) -> _),
        (&logs.customers, read::customers),
        (&logs.routes, read::routes),
    ];
    for (path, read) in files {
        if let Some(path) = path
            && let Err(failure) = read(path.as_path(), &mut known)
        {
            failed.push((path.display().to_string(), failure.why));
        }
    }
    (known, failed)
}

/// Ends the scan when nobody waits for it any more.
struct Leash(Arc<Progress>);

impl Drop for Leash {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

async fn scanned(
    pieces: Vec<Piece>,
    logs: &LogReach,
    known: &Known,
    sink: &dyn Sink,
) -> Result<Aggregates, Failure> {
    let mut asked = Asked::default();
    asked.setting.now = logs.now;
    asked.setting.zone = logs.zone;
    asked.routes = Arc::new(known.templates());
    asked.timing.release = logs.release_at.and_then(|at| at.timestamp_nanos_opt());
    let release = asked.timing.release;
    let progress = Arc::new(Progress::default());
    let leash = Leash(Arc::clone(&progress));
    let total: u64 = pieces.iter().map(Piece::size).sum();
    let mut work = tokio::task::spawn_blocking(move || scan(&pieces, &asked, &progress));
    let mut beat = tokio::time::interval(EVERY);
    let begun = Instant::now();
    let mut view = View::new(total, release);
    loop {
        tokio::select! {
            done = &mut work => {
                let tables = done.map_err(|error| Failure::new(
                    "the scan of the logs broke off",
                    error.to_string(),
                    "take the way by hand, on fewer files: firsthour check logs PATH",
                ))?;
                sink.picture(view.last(&tables, known, begun.elapsed()));
                return Ok(tables);
            }
            _ = beat.tick() => {
                let picture = view.now(&leash.0, known, begun.elapsed());
                sink.progress(view.share(), 100, &picture.progress());
                sink.picture(picture);
            }
        }
    }
}

fn report(tables: &Aggregates, said: Answer) -> CheckReport {
    let mut coverage = said.coverage;
    READS.id.clone_into(&mut coverage.check);
    let count = |holds: &dyn Fn(&Finding) -> bool| {
        let serious = said
            .findings
            .iter()
            .filter(|finding| finding.severity >= Severity::Medium);
        i64::try_from(serious.filter(|finding| holds(finding)).count()).unwrap_or(i64::MAX)
    };
    let sure = |confidence| count(&move |finding: &Finding| finding.confidence == confidence);
    let going = count(&|finding: &Finding| {
        finding.trail.as_ref().and_then(|trail| trail.going()) == Some(true)
    });
    let unread: u64 = tables.pieces.iter().map(|piece| piece.unparsed).sum();
    CheckReport {
        fields: BTreeMap::from([
            ("confirmed".to_owned(), sure(Confidence::Confirmed)),
            ("suspected".to_owned(), sure(Confidence::Suspected)),
            ("going".to_owned(), going),
            (
                "unread".to_owned(),
                i64::try_from(unread).unwrap_or(i64::MAX),
            ),
        ]),
        coverage,
        findings: said.findings,
        relations: Vec::new(),
        cells: Vec::new(),
        acting: Vec::new(),
        by_design: Vec::new(),
        warnings: Vec::new(),
        reads: Reads::default(),
    }
}
