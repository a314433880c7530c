//! `check logs --engine`: the same questions, asked of an engine that has the
//! logs. What it would cost is shown first, and nothing is sent without a yes.

use super::hear::{runtime, tell};
use super::window::window;
use crate::cli::world::World;
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use crate::domain::untrusted::visible_lines;
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::gather::aggregates::Aggregates;
use crate::investigate::logs::gather::timing::Timing;
use crate::investigate::logs::questions::answer::{Rows, numbers};
use crate::investigate::logs::questions::ask::{Question, Render};
use crate::investigate::logs::questions::dialect::Dialect;
use crate::investigate::logs::questions::mapping::{self, Mapping};
use crate::investigate::logs::questions::relation::Bounds;
use crate::investigate::logs::questions::{dialect, gaps, gather};
use crate::providers::clickhouse::{ClickHouse, Limits, Login, failure};
use std::io::{BufRead, IsTerminal};
use std::path::Path;
use tokio::runtime::Runtime;

/// Arguments of a check in an engine.
#[derive(Debug, Default, clap::Args)]
pub struct Engine {
    /// Ask an engine that has the logs, in place of reading files: clickhouse.
    /// duckdb, trino, bigquery and supabase only with --show-queries. The login
    /// comes from `CLICKHOUSE_USER`, `CLICKHOUSE_PASSWORD`, `CLICKHOUSE_DATABASE`.
    #[arg(id = "engine", long = "engine", value_name = "NAME", requires_all = ["mapping", "window"], conflicts_with_all = ["paths", "emit_events"])]
    pub name: Option<String>,
    /// Where the engine is, such as <https://clickhouse.example.org:8443>.
    #[arg(long, value_name = "URL", requires = "engine")]
    pub url: Option<String>,
    /// Which columns say what: events, supabase, otel, alb, cloudfront, or a file.
    #[arg(long, value_name = "NAME|FILE.toml", requires = "engine")]
    pub mapping: Option<String>,
    /// Print the queries and send nothing.
    #[arg(long, requires = "engine")]
    pub show_queries: bool,
    /// Send them without asking.
    #[arg(long, requires = "engine")]
    pub yes: bool,
    /// Seconds one query may take.
    #[arg(long, value_name = "N", requires = "engine", default_value_t = 60)]
    pub max_seconds: u64,
    /// GiB that one query may read.
    #[arg(long, value_name = "N", requires = "engine", default_value_t = 100)]
    pub max_read: u64,
}

/// What came of it.
#[derive(Debug)]
pub enum Asked {
    /// The tables, and what could not be looked at.
    Tables(Box<Aggregates>, Vec<(String, String)>),
    /// The queries themselves; nothing was sent.
    Queries(String),
}

/// Asks the engine.
///
/// # Errors
/// When the arguments don't fit, nobody said yes, or the engine refuses.
pub fn run(asked: &Engine, timing: &Timing, world: &mut World<'_>) -> Result<Asked, Failure> {
    let name = asked.name.as_deref().unwrap_or_default();
    let sql = dialect(name).ok_or_else(|| unknown(name))?;
    let mapping = mapped(asked.mapping.as_deref().unwrap_or_default())?;
    fits(sql, &mapping)?;
    let render = Render {
        sql,
        mapping: &mapping,
        bounds: Bounds {
            window: timing.window.unwrap_or((0, Stamp::MAX)),
            release: timing.release,
            tolerance: timing.tolerance,
        },
    };
    if asked.show_queries {
        return Ok(Asked::Queries(shown(&render)));
    }
    if name != "clickhouse" {
        return Err(Failure::new(
            format!("{name} can't be asked from here"),
            "only clickhouse is spoken; for the others the queries can be printed",
            "add --show-queries, or point --engine clickhouse at the logs",
        ));
    }
    let url = asked.url.as_deref().ok_or_else(|| {
        Failure::new(
            "no engine was named",
            "--engine clickhouse needs its address",
            "add --url https://HOST:8443",
        )
    })?;
    let limits = Limits {
        seconds: asked.max_seconds,
        rows: sql.page() + 1,
        bytes_read: asked.max_read.saturating_mul(1 << 30),
    };
    let server = ClickHouse::new(url, login(world), limits)
        .map_err(|error| failure(error, "the address"))?;
    let line = Line {
        runtime: runtime()?,
        server,
    };
    price(&render, &line, asked.yes, world)?;
    let probe = render.probe();
    let sample = line.rows(&probe, &probe.sql)?;
    let gaps = gaps(&render, &sample)?;
    let tables = gather(&render, &mut |question, sql| line.rows(question, sql))?;
    Ok(Asked::Tables(Box::new(tables), gaps))
}

/// Reads the window where one is given.
///
/// # Errors
/// When it can't be read.
pub fn windowed(text: Option<&str>, world: &World<'_>) -> Result<Option<(Stamp, Stamp)>, Failure> {
    let now = (world.now)().timestamp_nanos_opt().unwrap_or(Stamp::MAX);
    text.map(|text| window(text, now)).transpose()
}

struct Line {
    runtime: Runtime,
    server: ClickHouse,
}

impl Line {
    fn rows(&self, question: &Question, sql: &str) -> Result<Rows, Failure> {
        self.sent(sql, &format!("{} ({})", question.id, question.about))
    }

    fn sent(&self, sql: &str, doing: &str) -> Result<Rows, Failure> {
        self.runtime
            .block_on(self.server.rows(sql))
            .map_err(|error| failure(error, doing))
    }
}

fn unknown(name: &str) -> Failure {
    Failure::new(
        format!("{name} is no engine that is known"),
        "the names are clickhouse, supabase, duckdb, trino and bigquery",
        "give one of them to --engine",
    )
}

fn mapped(name: &str) -> Result<Mapping, Failure> {
    if let Some(mapping) = mapping::shipped(name) {
        return mapping;
    }
    let text = std::fs::read_to_string(Path::new(name)).map_err(|error| {
        Failure::new(
            format!("there is no mapping {name}"),
            format!(
                "we ship {}, and as a file: {error}",
                mapping::names().join(", ")
            ),
            "give one of these names, or a file of your own",
        )
    })?;
    mapping::read(name, &text)
}

/// Whether the expressions of a mapping are in the engine's language.
fn fits(sql: &dyn Dialect, mapping: &Mapping) -> Result<(), Failure> {
    let same = |engine: &str| {
        if engine == "supabase" {
            "clickhouse"
        } else {
            engine
        }
        .to_owned()
    };
    if mapping.engine == "any" || same(&mapping.engine) == same(sql.name()) {
        return Ok(());
    }
    Err(Failure::new(
        format!("the mapping {} is not for {}", mapping.name, sql.name()),
        format!("its expressions are written for {}", mapping.engine),
        "give a mapping whose engine is the one of --engine",
    ))
}

fn login(world: &World<'_>) -> Login {
    let of = |name: &str| world.env.get(name).filter(|value| !value.is_empty());
    Login {
        user: of("CLICKHOUSE_USER").map(str::to_owned),
        password: of("CLICKHOUSE_PASSWORD").map(|value| Secret::new(value.to_owned())),
        database: of("CLICKHOUSE_DATABASE").map(str::to_owned),
    }
}

/// Every query as it would be sent first; the second phase shows its form.
fn shown(render: &Render<'_>) -> String {
    let mut out = String::new();
    let mut all = vec![render.probe()];
    all.extend(render.first());
    all.extend(render.second(&[]));
    for question in all {
        let text = question.sql.replace(
            "IN ()",
            "IN (/* the principals who reached most, by the answer to Q2 */)",
        );
        out.push_str(&format!("-- {}: {}\n", question.id, question.about));
        for line in visible_lines(&text) {
            out.push_str(&line);
            out.push('\n');
        }
        out.push_str(";\n\n");
    }
    out
}

/// Tells what it costs, and goes on only with a yes.
fn price(
    render: &Render<'_>,
    line: &Line,
    yes: bool,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let questions = render.first().len() + render.second(&[]).len();
    let told = if let Some((rows, parts)) = estimate(render, line) {
        format!("about {rows} rows in {parts} parts")
    } else {
        let count = render.count();
        let rows = line.rows(&count, &count.sql)?;
        let many = rows.first().and_then(|row| numbers(row).ok());
        let many = many.and_then(|row| row.first().copied()).unwrap_or(0);
        format!("{many} rows by a count, since the engine gives no estimate")
    };
    tell(
        world,
        &format!(
            "firsthour: {} at {}: up to {questions} queries that only read, each over {told}, from {}; --show-queries prints them",
            render.sql.name(),
            line.server.place(),
            crate::domain::untrusted::visible(&render.mapping.from),
        ),
    )?;
    if yes {
        return Ok(());
    }
    let refused = |why: &str| {
        Failure::new(
            "nothing was asked",
            why,
            "add --yes once the cost above is fine with you",
        )
    };
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(refused("nobody is there to say yes"));
    }
    tell(world, "firsthour: type yes to send them")?;
    let mut typed = String::new();
    let read = input.lock().read_line(&mut typed);
    if read.is_ok() && typed.trim() == "yes" {
        return Ok(());
    }
    Err(refused("the answer was not yes"))
}

/// Rows and parts by the engine's own estimate, where the table is of a kind
/// that has one.
fn estimate(render: &Render<'_>, line: &Line) -> Option<(u64, u64)> {
    let text = format!("EXPLAIN ESTIMATE {}", render.count().sql);
    let rows = line.sent(&text, "the estimate").ok()?;
    let sums = rows.iter().map(|row| numbers(row.get(2..4)?).ok());
    let sums: Option<Vec<Vec<u64>>> = sums.collect();
    let sums = sums.filter(|sums| !sums.is_empty())?;
    let parts = sums.iter().map(|row| row[0]).sum();
    let rows = sums.iter().map(|row| row[1]).sum();
    Some((rows, parts))
}
