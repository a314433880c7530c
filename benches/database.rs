//! What the database check costs: against peers, against the bare time of its
//! own catalogue queries, and against fixed bars. Everything runs in turn on
//! one server of its own; what counts are the ratios.
//!
//! `cargo bench --bench database`. Optional peers are named by variables:
//! `FIRSTHOUR_BENCH_PGRLS` (the program, see `benches/peers.sh`) and
//! `FIRSTHOUR_BENCH_SPLINTER` (the SQL file). This is no test: a failing bar
//! is told and fails nothing.

mod support {
    pub mod catalogue;
}

use firsthour::config::{Env, Paths};
use firsthour::drill::account::Account;
use firsthour::drill::fetch;
use firsthour::drill::postgres::{Look, PgBin};
use firsthour::drill::server::{Listen, Options, Server};
use firsthour::investigate::check::{Check, Keeping, Quiet, Reach, Sink};
use firsthour::investigate::database;
use firsthour::providers::postgres::{ConnectSettings, Host};
use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio_postgres::NoTls;

const PROGRAM: &str = env!("CARGO_BIN_EXE_firsthour");
const SEED: u64 = 7;
const ROUNDS: usize = 5;
/// Peers that take long are asked less often.
const SLOW_ROUNDS: usize = 3;

/// The queries of `investigate/database/load.rs`, as they are sent.
const QUERIES: [&str; 16] = [
    include_str!("../src/investigate/database/sql/server.sql"),
    include_str!("../src/investigate/database/sql/roles.sql"),
    include_str!("../src/investigate/database/sql/relations.sql"),
    include_str!("../src/investigate/database/sql/memberships.sql"),
    include_str!("../src/investigate/database/sql/policies.sql"),
    include_str!("../src/investigate/database/sql/functions.sql"),
    include_str!("../src/investigate/database/sql/view_uses.sql"),
    include_str!("../src/investigate/database/sql/links.sql"),
    include_str!("../src/investigate/database/sql/reach.sql"),
    include_str!("../src/investigate/database/sql/keys.sql"),
    include_str!("../src/investigate/database/sql/callable.sql"),
    include_str!("../src/investigate/database/sql/writes.sql"),
    include_str!("../src/investigate/database/sql/triggers.sql"),
    include_str!("../src/investigate/database/sql/mappings.sql"),
    include_str!("../src/investigate/database/sql/publications.sql"),
    include_str!("../src/investigate/database/sql/slots.sql"),
];

/// The query for texts that lock what they name, once for all of them; the
/// program asks for a few at a time.
fn texts() -> String {
    include_str!("../src/investigate/database/sql/texts.sql")
        .replace("{LOCKS}", "{}")
        .replace(
            "'{VIEWS}'::oid[]",
            "ARRAY(SELECT oid FROM pg_catalog.pg_class WHERE relkind IN ('v', 'm') AND oid >= 16384)",
        )
        .replace(
            "'{POLICIES}'::oid[]",
            "ARRAY(SELECT oid FROM pg_catalog.pg_policy WHERE polqual::text LIKE '%SUBLINK%')",
        )
        .replace(
            "'{FUNCTIONS}'::oid[]",
            "ARRAY(SELECT oid FROM pg_catalog.pg_proc WHERE prosqlbody IS NOT NULL AND oid >= 16384)",
        )
}

/// The server with both catalogues, and what is needed to ask it.
#[derive(Debug)]
struct Bench {
    server: Server,
    bin: PgBin,
    runtime: Runtime,
    folder: tempfile::TempDir,
    env: Env,
}

#[expect(clippy::print_stdout, reason = "what a benchmark is for")]
fn main() {
    // `cargo test --benches` only asks whether it starts.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let bench = Bench::start();
    println!("database check, Postgres {}", bench.bin.version);
    let ours = median(ROUNDS, || bench.verdicts());
    let bare = median(ROUNDS, || bench.queries());
    println!("snapshot and verdicts {ours:.2?}, own queries in psql {bare:.2?}");
    told("/ psql, own queries", ratio(ours, bare), 1.2, "x");
    match bench.env.get("FIRSTHOUR_BENCH_PGRLS") {
        Some(program) => {
            let pgrls = median(SLOW_ROUNDS, || bench.pgrls(program));
            told("/ pgrls lint", ratio(ours, pgrls), 0.2, "x");
        }
        None => println!("SKIPPED pgrls lint: FIRSTHOUR_BENCH_PGRLS names no program"),
    }
    match bench.env.get("FIRSTHOUR_BENCH_SPLINTER") {
        Some(file) => {
            let splinter = median(SLOW_ROUNDS, || bench.psql("large", Path::new(file)));
            told("/ splinter.sql", ratio(ours, splinter), 1.0, "x");
        }
        None => println!("SKIPPED splinter: FIRSTHOUR_BENCH_SPLINTER names no file"),
    }
    let (columns, whole) = bench.columns();
    for (principal, took) in &columns {
        println!("  {took:>9.2?}  {principal}");
    }
    let ghosts = columns
        .iter()
        .filter(|(principal, _)| principal.starts_with("ghost"));
    for (principal, took) in ghosts {
        let what = format!("{principal} over {} relations", support::catalogue::TABLES);
        told(&what, took.as_secs_f64(), 2.0, " s");
    }
    println!("whole audit in this process {whole:.2?}");
    let mut peak = 0;
    let large = median(SLOW_ROUNDS, || bench.program("large", &mut peak));
    println!("the program over the large catalogue {large:.2?}");
    told("its peak memory", as_mib(peak), 100.0, " MiB");
    let small = median(ROUNDS, || bench.program("leaky", &mut peak));
    let what = format!("{} leaky tables, end to end", support::catalogue::LEAKY);
    told(&what, small.as_secs_f64(), 1.5, " s");
}

/// One line of the table.
#[expect(clippy::print_stdout, reason = "what a benchmark is for")]
fn told(what: &str, value: f64, bar: f64, unit: &str) {
    let word = if value <= bar { "pass" } else { "FAIL" };
    println!("{word}  {what:<38} {value:>8.2}{unit} (bar {bar}{unit})");
}

fn ratio(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "a memory size in KiB is small")]
fn as_mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// The median time of some runs, after one that only warms up.
fn median(rounds: usize, mut run: impl FnMut()) -> Duration {
    run();
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[rounds / 2]
}

impl Bench {
    /// Starts a server and fills both catalogues.
    fn start() -> Self {
        let env = Env::read();
        let paths = Paths::find(&env).expect("folders");
        let cache = Account::for_server().cache(&paths.cache).expect("a cache");
        let look = Look {
            named: env.get("FIRSTHOUR_PG_BIN"),
            cache: &cache,
            path: env.get("PATH"),
        };
        let bin = fetch::ready(&look, true, &mut |_| ()).expect("a Postgres");
        let options = Options {
            cache: &cache,
            listen: Listen::Socket,
            guard: Some(Path::new(PROGRAM)),
            settings: &[],
        };
        let bench = Self {
            server: Server::start(&bin, &options).expect("a server"),
            bin,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
            folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder"),
            env,
        };
        bench.load("large", &support::catalogue::large(SEED));
        bench.load("leaky", &support::catalogue::leaky(SEED));
        bench.write_queries();
        bench
    }

    fn load(&self, database: &str, sql: &str) {
        self.ask("postgres", &format!("CREATE DATABASE {database}"));
        self.ask(database, sql);
    }

    /// Runs statements as the superuser; the first columns come back.
    fn ask(&self, database: &str, sql: &str) -> Vec<String> {
        let config = self.server.config("postgres", database);
        self.runtime.block_on(async {
            let (client, connection) = config.connect(NoTls).await.expect("a connection");
            tokio::spawn(connection);
            let answer = client.simple_query(sql).await.expect("valid statements");
            let rows = answer.iter().filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            });
            rows.collect()
        })
    }

    /// The file of our own queries, for the roles that a run watches here.
    fn write_queries(&self) {
        let roles = self.ask(
            "large",
            "SELECT oid FROM pg_roles WHERE rolname IN ('anon', 'authenticated', 'service_role', 'app')",
        );
        let roles = format!("{{0,{}}}", roles.join(","));
        let mut text =
            String::from("\\o /dev/null\nBEGIN READ ONLY;\nSET LOCAL search_path = '';\n");
        for query in QUERIES {
            let _ = writeln!(text, "{}\n;", query.replace("{ROLES}", &roles));
        }
        let _ = writeln!(text, "{}\n;", texts());
        std::fs::write(self.own_queries(), text).expect("a file of queries");
    }

    fn own_queries(&self) -> PathBuf {
        self.folder.path().join("queries.sql")
    }

    fn reach(&self, database: &str) -> Reach {
        let host = Host::Socket(self.server.socket_dir().to_owned());
        Reach::new(ConnectSettings::new(host, database, "postgres"))
    }

    /// The snapshot and what the rules say of it; no row is looked at.
    fn verdicts(&self) {
        let check: &dyn Check = &database::Policies;
        let reach = self.reach("large");
        let report = self.runtime.block_on(check.run(&reach, &Quiet));
        assert!(!report.expect("an answer").findings.is_empty());
    }

    fn queries(&self) {
        self.psql("large", &self.own_queries());
    }

    fn psql(&self, database: &str, file: &Path) {
        let beside = self.bin.dir.join("psql");
        let program = if beside.is_file() {
            beside
        } else {
            "psql".into()
        };
        let status = Command::new(program)
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d"])
            .arg(self.server.url("postgres", database))
            .arg("-f")
            .arg(file)
            .stdout(Stdio::null())
            .status();
        assert!(status.expect("psql").success());
    }

    /// Its exit code says whether it found something; both are answers.
    fn pgrls(&self, program: &str) {
        let status = Command::new(program)
            .args([
                "lint",
                "--schemas",
                "public,billing,crm,ops",
                "--format",
                "json",
            ])
            .arg("--database-url")
            .arg(self.server.url("postgres", "large"))
            .stdout(Stdio::null())
            .status();
        assert!(matches!(status.expect("pgrls").code(), Some(0 | 1)));
    }

    /// How long each principal took in one whole audit, and the audit itself.
    fn columns(&self) -> (Vec<(String, Duration)>, Duration) {
        let steps = Steps::default();
        let reach = self.reach("large");
        let start = Instant::now();
        let report = self.runtime.block_on(database::audit(&reach, &steps));
        let whole = start.elapsed();
        assert!(!report.expect("an answer").findings.is_empty());
        let steps = steps.0.into_inner().expect("steps");
        let ends = steps.iter().skip(1).map(|(_, at)| *at);
        let pairs = steps.iter().zip(ends.chain([start + whole]));
        let columns = pairs.map(|((what, from), to)| (what.clone(), to - *from));
        (columns.collect(), whole)
    }

    /// The program's whole check; keeps the most memory it ever held, in KiB.
    fn program(&self, database: &str, peak: &mut u64) {
        let mut child = Command::new(PROGRAM)
            .args(["check", "database", "--json"])
            .arg(self.server.url("postgres", database))
            .env("FIRSTHOUR_HOME", self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        *peak = (*peak).max(drained(&mut child));
        let code = child.wait().expect("its end").code();
        assert!(matches!(code, Some(1 | 2)), "it found what is planted");
    }
}

/// Reads all output. The program writes at its very end and waits for its
/// reader, so what the kernel says then is its peak.
fn drained(child: &mut Child) -> u64 {
    let mut out = child.stdout.take().expect("its output");
    let status = format!("/proc/{}/status", child.id());
    let mut buffer = vec![0; 64 * 1024];
    let mut peak = 0;
    while out.read(&mut buffer).expect("output") > 0 {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let held = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(held.unwrap_or(0));
    }
    peak
}

/// When each step began.
#[derive(Debug, Default)]
struct Steps(Mutex<Vec<(String, Instant)>>);

impl Sink for Steps {
    fn progress(&self, _done: usize, _total: usize, what: &str) {
        let mut steps = self.0.lock().expect("steps");
        steps.push((what.to_owned(), Instant::now()));
    }

    fn warn(&self, _warning: &str) {}

    fn keep(&self, _exhibit: firsthour::domain::reading::Exhibit) -> Keeping<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}
