//! What it would cost, shown with the queries themselves before they are
//! sent; and the yes without which they are not.
//!
//! Before the yes only what reads no log is sent: the server's version, its
//! own estimate, and the sizes in its catalogue.

use super::line::Line;
use super::texts;
use crate::cli::check::hear::tell;
use crate::cli::world::World;
use crate::domain::failure::Failure;
use crate::domain::number::{bytes, of};
use crate::domain::untrusted::visible;
use crate::investigate::logs::questions::answer::numbers;
use crate::investigate::logs::questions::ask::Render;
use crate::providers::clickhouse::{Hold, Limits, Refused};
use serde_json::Value;
use std::io::{BufRead, IsTerminal};

/// What one query reads, by the engine's own estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Estimate {
    parts: u64,
    rows: u64,
    /// Unpacked bytes of whole rows; queries read some of their columns.
    bytes: Option<u64>,
}

/// Tells what is to be sent and what it costs, and goes on
/// only with a yes.
///
/// # Errors
/// When the server can't be asked, or nobody said yes.
pub fn agreed(
    render: &Render<'_>,
    line: &Line,
    (version, limits): (&str, Limits),
    yes: bool,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let estimate = estimate(render, line)?;
    if !yes {
        tell(world, texts::brief(render).trim_end())?;
    }
    for text in told(render, line, limits, version, estimate) {
        tell(world, &format!("firsthour: {text}"))?;
    }
    if yes {
        return Ok(());
    }
    consent(world)
}

/// Greets the server: its version. Whatever else answers is told here.
///
/// # Errors
/// When it is no server of that kind, or knows us not.
pub fn greeted(line: &Line) -> Result<String, Failure> {
    let doing = "the first greeting (SELECT version())";
    let rows = line
        .few("SELECT version()")
        .map_err(|refused| line.told(&refused, doing))?;
    let version = rows.first().and_then(|row| row.first()?.as_str());
    Ok(visible(version.unwrap_or("of unknown version")))
}

/// Codes that say that the questions would fail too: no such table, database
/// or column, no right, no login, an expression that does not fit.
const FATAL: [u32; 13] = [60, 81, 47, 46, 16, 43, 53, 497, 516, 192, 193, 194, 386];

/// Rows and parts by the engine's own estimate, where the table is of a kind
/// that has one.
fn estimate(render: &Render<'_>, line: &Line) -> Result<Option<Estimate>, Failure> {
    let text = format!("EXPLAIN ESTIMATE {}", render.probe().sql);
    let rows = match line.few(&text) {
        Ok(rows) => rows,
        Err(refused) => {
            return match &refused {
                Refused::Server { code, .. } if !FATAL.contains(code) => Ok(None),
                _ => Err(line.told(&refused, "the estimate of the cost (EXPLAIN ESTIMATE)")),
            };
        }
    };
    let mut sum = Estimate {
        parts: 0,
        rows: 0,
        bytes: Some(0),
    };
    for row in &rows {
        let Some(counts) = row.get(2..4).and_then(|row| numbers(row).ok()) else {
            return Ok(None);
        };
        sum.parts = sum.parts.saturating_add(counts[0]);
        sum.rows = sum.rows.saturating_add(counts[1]);
        let more = unpacked(line, row, counts[1]);
        sum.bytes = sum
            .bytes
            .zip(more)
            .map(|(sum, more)| sum.saturating_add(more));
    }
    Ok((!rows.is_empty()).then_some(sum))
}

/// Unpacked bytes of so many rows of a table, by the catalogue; a login that
/// may not read that is told less.
fn unpacked(line: &Line, row: &[Value], rows: u64) -> Option<u64> {
    let name = |at: usize| row.get(at)?.as_str().map(quoted);
    let text = format!(
        "SELECT sum(rows), sum(data_uncompressed_bytes) FROM system.parts WHERE active AND database = {} AND table = {}",
        name(0)?,
        name(1)?
    );
    let answer = line.few(&text).ok()?;
    let sums = answer.first().and_then(|row| numbers(row).ok())?;
    let [all, bytes] = sums.as_slice() else {
        return None;
    };
    let share = u128::from(*bytes) * u128::from(rows) / u128::from((*all).max(1));
    u64::try_from(share).ok()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn told(
    render: &Render<'_>,
    line: &Line,
    limits: Limits,
    version: &str,
    estimate: Option<Estimate>,
) -> Vec<String> {
    let queries = texts::questions(render).len() as u64;
    let mut lines = vec![format!(
        "ClickHouse {version} at {}, mapping {} over {}, {}",
        line.server().place(),
        visible(&render.mapping.name),
        visible(&render.mapping.from),
        span(render.bounds.window),
    )];
    lines.push(match estimate {
        Some(estimate) => cost(estimate, queries, limits),
        None => format!(
            "{queries} queries that only read; the engine gives no estimate for such a table: each may read all of it that the window does not rule out, up to the limits below"
        ),
    });
    let own = format!(
        "at most {} s and {} GiB read a query, or the server breaks it off",
        limits.seconds,
        limits.bytes_read >> 30
    );
    lines.push(match line.server().hold() {
        Hold::ReadOnly => format!("sent with readonly=1; {own}"),
        Hold::Limits => format!("the login can only read by its own profile; {own}"),
        Hold::Profile => {
            "the login's profile lets nobody set limits: its own hold, and what they are is not known here".to_owned()
        }
    });
    lines
}

fn cost(estimate: Estimate, queries: u64, limits: Limits) -> String {
    let mut text = format!(
        "{queries} queries that only read, each over about {} in {}",
        of(estimate.rows, "row"),
        of(estimate.parts, "part")
    );
    if let Some(whole) = estimate.bytes {
        text.push_str(&format!(
            ", at most {}, {} in all; they read some of the columns, not all",
            bytes(whole),
            bytes(whole.saturating_mul(queries))
        ));
        if whole > limits.bytes_read {
            text.push_str("; a query that needs more than --max-read is broken off");
        }
    }
    text
}

fn span((from, to): (i64, i64)) -> String {
    let time = |at: i64| {
        chrono::DateTime::from_timestamp_nanos(at)
            .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
    };
    format!("from {} to {}", time(from), time(to))
}

fn consent(world: &mut World<'_>) -> Result<(), Failure> {
    let refused = |why: &str| {
        Failure::new(
            "nothing was asked of the logs",
            why,
            "add --yes once the queries and the cost above are fine with you; --show-queries prints each whole",
        )
    };
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(refused("nobody is there to say yes"));
    }
    tell(world, "firsthour: type yes to send these queries")?;
    let mut typed = String::new();
    let read = input.lock().read_line(&mut typed);
    if read.is_ok() && typed.trim().eq_ignore_ascii_case("yes") {
        return Ok(());
    }
    Err(refused("the answer was not yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_that_of_all_queries_and_says_what_will_break_off() {
        let limits = Limits {
            seconds: 9,
            rows: 9,
            bytes_read: 1 << 30,
        };
        let estimate = Estimate {
            parts: 3,
            rows: 2_000_000,
            bytes: Some(900_000_000),
        };
        let text = cost(estimate, 14, limits);
        for part in [
            "14 queries",
            "2,000,000 rows in 3 parts",
            "900 MB",
            "12 GB in all",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("--max-read"), "{text}");
        let more = Estimate {
            bytes: Some(2 << 30),
            ..estimate
        };
        assert!(cost(more, 14, limits).contains("--max-read"));
    }

    #[test]
    fn a_name_is_a_literal() {
        assert_eq!(quoted(r"a'b\"), r"'a\'b\\'");
    }
}
