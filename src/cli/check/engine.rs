//! `check logs --engine`: the same questions, asked of an engine that has the
//! logs. What it would cost is shown first, with the queries themselves, and
//! nothing is sent without a yes.

mod line;
mod price;
mod texts;

use super::hear::tell;
use super::window::window;
use crate::cli::world::World;
use crate::domain::failure::Failure;
use crate::domain::number::of;
use crate::domain::secret::Secret;
use crate::domain::untrusted::visible;
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::gather::aggregates::Aggregates;
use crate::investigate::logs::gather::timing::Timing;
use crate::investigate::logs::questions::answer::numbers;
use crate::investigate::logs::questions::ask::{Question, Render};
use crate::investigate::logs::questions::dialect::Dialect;
use crate::investigate::logs::questions::mapping::{self, Mapping};
use crate::investigate::logs::questions::probe::Probed;
use crate::investigate::logs::questions::relation::Bounds;
use crate::investigate::logs::questions::{costs, dialect, gather, odd_answer};
use crate::providers::clickhouse::{ClickHouse, Limits, Login, Refused, failure};
use line::Line;
use serde_json::Value;
use std::path::Path;

/// Arguments of a check in an engine.
#[derive(Debug, Default, clap::Args)]
pub struct Engine {
    /// Ask an engine that has the logs, in place of reading files: clickhouse.
    /// supabase, duckdb, trino and bigquery only with --show-queries. The login
    /// comes from `CLICKHOUSE_USER`, `CLICKHOUSE_PASSWORD`, `CLICKHOUSE_DATABASE`.
    /// Queries and cost are shown first; docs/engines.md has an example.
    #[arg(id = "engine", long = "engine", value_name = "NAME", requires_all = ["mapping", "window"], conflicts_with_all = ["paths", "emit_events"], help_heading = "Logs in an engine")]
    pub name: Option<String>,
    /// Where its HTTP is: <https://clickhouse.example.org:8443>, or port 8123 of
    /// this machine.
    #[arg(
        long,
        value_name = "URL",
        requires = "engine",
        help_heading = "Logs in an engine"
    )]
    pub url: Option<String>,
    /// Which columns say what: supabase, otel, events, alb and cloudfront (these
    /// two to be copied), or a file of your own.
    #[arg(
        long,
        value_name = "NAME|FILE.toml",
        requires = "engine",
        help_heading = "Logs in an engine"
    )]
    pub mapping: Option<String>,
    /// Print a shipped mapping, to be copied, and send nothing.
    #[arg(
        long,
        requires = "engine",
        conflicts_with = "show_queries",
        help_heading = "Logs in an engine"
    )]
    pub show_mapping: bool,
    /// Print each query whole and send nothing.
    #[arg(long, requires = "engine", help_heading = "Logs in an engine")]
    pub show_queries: bool,
    /// Send them without asking; needed where there is no terminal.
    #[arg(long, requires = "engine", help_heading = "Logs in an engine")]
    pub yes: bool,
    /// Seconds one query may take.
    #[arg(
        long,
        value_name = "N",
        requires = "engine",
        default_value_t = 60,
        help_heading = "Logs in an engine"
    )]
    pub max_seconds: u64,
    /// GiB that one query may read.
    #[arg(
        long,
        value_name = "N",
        requires = "engine",
        default_value_t = 100,
        help_heading = "Logs in an engine"
    )]
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
    if let Some(text) = asked.mapping.as_deref().and_then(mapping::text)
        && asked.show_mapping
    {
        return Ok(Asked::Queries(text.to_owned()));
    }
    let mut mapping = mapped(asked.mapping.as_deref().unwrap_or_default())?;
    fits(sql, &mapping)?;
    let bounds = Bounds {
        window: timing.window.unwrap_or((0, Stamp::MAX)),
        release: timing.release,
        tolerance: timing.tolerance,
    };
    let render = Render {
        sql,
        mapping: &mapping,
        bounds,
    };
    if asked.show_queries {
        return Ok(Asked::Queries(texts::whole(&render)));
    }
    filled_in(&mapping)?;
    let limits = Limits {
        seconds: asked.max_seconds,
        rows: sql.page() + 1,
        bytes_read: asked.max_read.saturating_mul(1 << 30),
    };
    let line = Line::new(server(asked, name, limits, world)?)?;
    let version = price::greeted(&line)?;
    if let Some(text) = render.ordered()
        && let Err(Refused::Server { code: 47, .. }) = line.few(&text)
    {
        mapping.time.order = None;
    }
    let render = Render {
        sql,
        mapping: &mapping,
        bounds,
    };
    price::agreed(&render, &line, (&version, limits), asked.yes, world)?;
    let probed = probed(&render, &line, world)?;
    let mut gaps = probed.gaps();
    gaps.extend(costs::unseen(&mapping));
    let tables = gather(&render, &mut |question, sql, take| {
        line.ask(question, sql, take, world)
    })?;
    let behind = format!(
        "firsthour: the rows of somebody, as the engine has them: {}",
        visible(&render.behind())
    );
    tell(world, &behind)?;
    Ok(Asked::Tables(Box::new(tables), gaps))
}

fn server(
    asked: &Engine,
    name: &str,
    limits: Limits,
    world: &World<'_>,
) -> Result<ClickHouse, Failure> {
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
            "add --url https://HOST:8443; --show-queries needs none",
        )
    })?;
    let unspoken = |error| failure(&Refused::Http(error), "--url can't be used", "it");
    ClickHouse::new(url, login(world), limits).map_err(unspoken)
}

/// Looks whether the mapping holds, and tells what is empty.
fn probed(render: &Render<'_>, line: &Line, world: &mut World<'_>) -> Result<Probed, Failure> {
    let probe = render.probe();
    let rows = asked(&probe, line, render, world)?;
    let probed = Probed::read(render, &rows).map_err(|odd| odd_answer(&probe, odd))?;
    if probed.all() == 0 {
        return Err(nothing(render, line, world)?);
    }
    let mapping = &render.mapping.name;
    tell(
        world,
        &format!(
            "firsthour: by the mapping {mapping}, of {}: {}",
            of(probed.all(), "event"),
            probed.lines().join("; ")
        ),
    )?;
    match probed.useless(mapping) {
        Some(failure) => Err(failure),
        None => Ok(probed),
    }
}

fn asked(
    question: &Question,
    line: &Line,
    render: &Render<'_>,
    world: &mut World<'_>,
) -> Result<Vec<Vec<Value>>, Failure> {
    let (_, text) = question.page(render.sql, 0);
    let mut rows = Vec::new();
    let mut keep = |row: &[Value]| {
        rows.push(row.to_vec());
        Ok(())
    };
    line.ask(question, &text, &mut keep, world)?;
    Ok(rows)
}

/// Why the window holds no event: nothing at all, or nothing that the
/// mapping takes for one.
fn nothing(render: &Render<'_>, line: &Line, world: &mut World<'_>) -> Result<Failure, Failure> {
    let what = "the window holds no event: nothing was looked at";
    let unfiltered = render.unfiltered();
    let rows = asked(&unfiltered, line, render, world)?;
    let rows = rows.first().and_then(|row| numbers(row).ok());
    let rows = rows.and_then(|row| row.first().copied()).unwrap_or(0);
    Ok(match &render.mapping.filter {
        Some(filter) if rows > 0 => Failure::new(
            what,
            format!(
                "of {} in it, none fits the mapping's where: {filter}",
                of(rows, "row")
            ),
            "look at a row of the table, correct `where` in a file of your own, and give it to --mapping",
        ),
        _ => Failure::new(
            what,
            format!(
                "{} has no row whose {} lies in it",
                render.mapping.from, render.mapping.time.column
            ),
            "look at --window, which is in UTC unless it says otherwise, at how long the table keeps rows, and at the time's `form` in the mapping",
        ),
    })
}

/// Reads the window where one is given.
///
/// # Errors
/// When it can't be read.
pub fn windowed(text: Option<&str>, world: &World<'_>) -> Result<Option<(Stamp, Stamp)>, Failure> {
    let now = (world.now)().timestamp_nanos_opt().unwrap_or(Stamp::MAX);
    text.map(|text| window(text, now)).transpose()
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
                "we ship {}, and as a file it can't be read: {error}",
                mapping::names().join(", ")
            ),
            "give one of these names, or a file of your own; docs/engines.md shows how one is written",
        )
    })?;
    mapping::read(name, &text)
}

/// An example names a bucket that nobody here knows: nothing is sent for it.
fn filled_in(mapping: &Mapping) -> Result<(), Failure> {
    if !mapping.from.contains("//BUCKET.") {
        return Ok(());
    }
    let name = &mapping.name;
    Err(Failure::new(
        format!("the mapping {name} is an example"),
        format!("its files are in no bucket of yours: {}", mapping.from),
        format!(
            "add --show-mapping > {name}.toml, put your bucket, account and days into `from` there, and give that file to --mapping"
        ),
    ))
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
