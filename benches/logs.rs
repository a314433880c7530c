//! What the log check costs, all rules on, beside `wc -l` and peers that
//! answer one question of it: "requests, rows or bytes, and different
//! customers, for each person and route".
//!
//! `cargo bench --bench logs`. Sizes by `FIRSTHOUR_BENCH_MB` (default 300).
//! Peers where they are installed: `mawk`, `pgbadger`, `lnav` on the path, and
//! by `FIRSTHOUR_BENCH_DUCKDB` a Python that has `DuckDB`; `benches/log-peers.sh`
//! installs them. What counts are ratios of processor time within one round;
//! this is no test: a bar that is missed is told and fails nothing.

mod support {
    pub mod cost;
}

use firsthour::config::Env;
use firsthour::drill::corpus::options::Options;
use firsthour::drill::corpus::render::{Rendering, named};
use firsthour::drill::corpus::sized;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use support::cost::{cost, median, peak};

const PROGRAM: &str = env!("CARGO_BIN_EXE_firsthour");
const SEED: u64 = 11;
const ROUNDS: usize = 5;
const PEOPLE: usize = 4_000;
/// What it may cost, in times of `wc -l`.
const VERCEL_WC: f64 = 15.0;
const NGINX_WC: f64 = 10.0;
/// Megabytes a slow peer is given.
const SLOW: u64 = 8_000_000;

/// One file of the bench and what is known besides.
struct Corpus {
    folder: PathBuf,
    file: PathBuf,
    bytes: u64,
}

#[expect(clippy::print_stdout, reason = "what a benchmark is for")]
fn main() {
    // `cargo test --benches` only asks whether it starts.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let megabytes = Env::read()
        .get("FIRSTHOUR_BENCH_MB")
        .and_then(|text| text.parse().ok())
        .unwrap_or(300);
    let room = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    println!("check logs, {PEOPLE} people, all rules, {megabytes} MB a file, median of {ROUNDS}");
    let make = |name: &str, seed: u64| made(room.path(), name, seed, megabytes);
    let vercel = make("vercel", SEED);
    against("vercel", &vercel, Some(VERCEL_WC), &duckdb(&vercel), 2.0);
    let held = as_mib(peak(&mut ours(&[&vercel])));
    told("vercel, peak memory", held, 150.0, " MiB", false);
    let second = make("vercel", SEED + 1);
    scaling(&vercel, &second);
    drop_files(&[&vercel, &second]);
    let nginx = make("nginx", SEED);
    against("nginx", &nginx, Some(NGINX_WC), &mawk(&nginx), 4.0);
    against("nginx", &nginx, None, &lnav(&nginx), 0.0);
    drop_files(&[&nginx]);
    for (name, form) in [
        ("pg-csv", "csv"),
        ("pg-json", "jsonlog"),
        ("pg-stderr", "stderr"),
    ] {
        let postgres = make(name, SEED);
        let peer = pgbadger(&postgres, form);
        against(name, &postgres, None, &peer, 60.0);
        drop_files(&[&postgres]);
    }
}

fn made(room: &Path, name: &str, seed: u64, megabytes: u64) -> Corpus {
    let rendering: &Rendering = named(name).expect("a rendering");
    let folder = room.join(format!("{name}-{seed}"));
    let options = Options {
        people: PEOPLE,
        ..Options::default()
    };
    sized(&folder, seed, &options, rendering, megabytes).expect("a written corpus");
    let file = folder.join("logs").join(rendering.file);
    let bytes = std::fs::metadata(&file).expect("a file").len();
    Corpus {
        folder,
        file,
        bytes,
    }
}

fn drop_files(corpora: &[&Corpus]) {
    for corpus in corpora {
        std::fs::remove_dir_all(&corpus.folder).expect("an emptied folder");
    }
}

/// The whole check over some files.
fn ours(corpora: &[&Corpus]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["check", "logs", "--json"]);
    command.args(["--release-at", "2026-03-10T10:00:00Z"]);
    for (flag, file) in [
        ("--users", "users.csv"),
        ("--customers", "customers.csv"),
        ("--routes", "routes.json"),
    ] {
        command.arg(flag).arg(corpora[0].folder.join(file));
    }
    command.args(corpora.iter().map(|corpus| &corpus.file));
    command
        .env("FIRSTHOUR_HOME", &corpora[0].folder)
        .current_dir(&corpora[0].folder);
    command
}

/// Records the check says it looked at, which also warms the file up: a
/// format that nothing reads is skipped fast and proves nothing.
fn looked_at(corpus: &Corpus) -> u64 {
    let output = ours(&[corpus]).output().expect("the program");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|value| value.get("looked_at")?.as_u64())
        .max()
        .unwrap_or(0)
}

fn lines(file: &Path) -> Command {
    let mut command = Command::new("wc");
    command.arg("-l").arg(file).env("LC_ALL", "C");
    command
}

/// A peer: its name, how it is run, and over how many bytes.
struct Peer {
    name: &'static str,
    command: Option<Command>,
    bytes: u64,
    /// What it costs to start, which is not counted against it.
    start: f64,
    rounds: usize,
}

/// Rounds of `wc -l`, ours and the peer's, one after the other; the middle
/// ratios.
#[expect(clippy::print_stdout, reason = "what a benchmark is for")]
#[expect(clippy::cast_precision_loss, reason = "sizes of files fit")]
fn against(name: &str, corpus: &Corpus, bar: Option<f64>, peer: &Peer, times: f64) {
    let (mut to_lines, mut to_peer, mut rate) = (Vec::new(), Vec::new(), Vec::new());
    let mut peer_rate = Vec::new();
    let read = looked_at(corpus);
    if read == 0 {
        println!("FAIL  {name}: no record of it was read, so nothing is measured");
        return;
    }
    for round in 0..ROUNDS {
        let wc = cost(&mut lines(&corpus.file), &[0]);
        let own = cost(&mut ours(&[corpus]), &[0, 1, 2]);
        to_lines.push(own.cpu / wc.cpu);
        let own_rate = corpus.bytes as f64 / own.cpu / 1e6;
        rate.push(own_rate);
        if round < peer.rounds
            && let Some(command) = &peer.command
        {
            let theirs = cost(&mut again(command), &[0]);
            let their_rate = peer.bytes as f64 / (theirs.cpu - peer.start).max(1e-3) / 1e6;
            peer_rate.push(their_rate);
            to_peer.push(own_rate / their_rate);
        }
    }
    println!("{name}: {:.0} MB per CPU-second", median(rate));
    if let Some(bar) = bar {
        told(
            &format!("{name} / wc -l"),
            median(to_lines),
            bar,
            "x",
            false,
        );
    } else {
        println!("      {name} / wc -l {:.1}x", median(to_lines));
    }
    if to_peer.is_empty() {
        println!("SKIPPED {}: not installed", peer.name);
        return;
    }
    println!(
        "      {}: {:.1} MB per CPU-second",
        peer.name,
        median(peer_rate)
    );
    if times <= 0.0 {
        println!("      {:.1} times of {}", median(to_peer), peer.name);
        return;
    }
    told(
        &format!("{name}, times of {}", peer.name),
        median(to_peer),
        times,
        "x",
        true,
    );
}

/// The same command once more.
fn again(command: &Command) -> Command {
    let mut again = Command::new(command.get_program());
    again.args(command.get_args());
    again
}

/// Two files beside one: wall time, where a second core is free.
fn scaling(one: &Corpus, other: &Corpus) {
    let walls = (0..ROUNDS).map(|_| {
        let single = cost(&mut ours(&[one]), &[0, 1, 2]);
        let both = cost(&mut ours(&[one, other]), &[0, 1, 2]);
        both.wall / single.wall
    });
    let ratio = median(walls.collect());
    told("two files / one, wall", ratio, 1.3, "x", false);
}

/// One line of the table; `least` where more is better.
#[expect(clippy::print_stdout, reason = "what a benchmark is for")]
fn told(what: &str, value: f64, bar: f64, unit: &str, least: bool) {
    let kept = if least { value >= bar } else { value <= bar };
    let word = if kept { "pass" } else { "FAIL" };
    let side = if least { "at least" } else { "at most" };
    println!("{word}  {what:<34} {value:>8.2}{unit} ({side} {bar}{unit})");
}

#[expect(clippy::cast_precision_loss, reason = "a memory size in KiB is small")]
fn as_mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

fn installed(program: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn peer(name: &'static str, command: Option<Command>, bytes: u64, rounds: usize) -> Peer {
    Peer {
        name,
        command,
        bytes,
        start: 0.0,
        rounds,
    }
}

/// The guard is needed: not every message is JSON.
const QUESTION: &str = "
    select json_extract_string(m, '$.userId') who, path, count(*) n,
           sum(cast(json_extract(m, '$.rows') as bigint)) r,
           count(distinct json_extract_string(m, '$.customerId')) c
    from (select path, case when json_valid(message) then message end m
          from read_json('FILE', format = 'newline_delimited', ignore_errors = true,
                         columns = {path: 'VARCHAR', message: 'VARCHAR'}))
    where m is not null group by 1, 2 order by 3 desc limit 10";

fn duckdb(corpus: &Corpus) -> Peer {
    let env = Env::read();
    let Some(python) = env.get("FIRSTHOUR_BENCH_DUCKDB") else {
        return peer("DuckDB", None, 0, 0);
    };
    let run = |code: &str| {
        let mut command = Command::new(python);
        command.args(["-c", code]);
        command
    };
    let question = QUESTION.replace("FILE", &corpus.file.display().to_string());
    let start = median(
        (0..ROUNDS)
            .map(|_| {
                cost(
                    &mut run("import duckdb; duckdb.sql('select 1').fetchall()"),
                    &[0],
                )
                .cpu
            })
            .collect(),
    );
    let code = format!("import duckdb\nprint(duckdb.sql(\"\"\"{question}\"\"\").fetchall())");
    Peer {
        start,
        ..peer("DuckDB", Some(run(&code)), corpus.bytes, ROUNDS)
    }
}

const AWK: &str = r#"{
    split($7, part, "?"); route = part[1]; gsub(/\/[0-9]+/, "/:id", route)
    key = $3 " " $6 " " route; n[key]++; bytes[key] += $10
} END { for (key in n) print n[key], bytes[key], key }"#;

fn mawk(corpus: &Corpus) -> Peer {
    let command = installed("mawk").then(|| {
        let mut command = Command::new("mawk");
        command.arg(AWK).arg(&corpus.file);
        command
    });
    peer("mawk", command, corpus.bytes, ROUNDS)
}

fn lnav(corpus: &Corpus) -> Peer {
    let (file, bytes) = head(corpus, SLOW * 4, "log");
    let command = installed("lnav").then(|| {
        let mut command = Command::new("lnav");
        command.args(["-n", "-c"]);
        command.arg(";SELECT cs_username, cs_uri_stem, count(*) AS n, sum(sc_bytes) FROM access_log GROUP BY 1, 2 ORDER BY n DESC LIMIT 10");
        command.arg(file);
        command
    });
    peer("lnav", command, bytes, 3)
}

fn pgbadger(corpus: &Corpus, form: &str) -> Peer {
    let (file, bytes) = head(corpus, SLOW, "part");
    let command = installed("pgbadger").then(|| {
        let mut command = Command::new("pgbadger");
        command.args(["-q", "-j", "1", "-f", form, "-x", "json"]);
        if form == "stderr" {
            command.args(["-p", "%m [%p] %q%u@%d "]);
        }
        command.arg("-o").arg(file.with_extension("json")).arg(file);
        command
    });
    peer("pgBadger", command, bytes, 1)
}

/// The first bytes of a file up to a line's end, as a file of its own.
fn head(corpus: &Corpus, most: u64, ending: &str) -> (PathBuf, u64) {
    let mut bytes = Vec::new();
    let file = File::open(&corpus.file).expect("a file");
    file.take(most).read_to_end(&mut bytes).expect("its head");
    let end = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    bytes.truncate(end + 1);
    let path = corpus.folder.join(format!("head.{ending}"));
    let mut out = File::create(&path).expect("a file");
    out.write_all(&bytes).expect("written");
    (path, bytes.len() as u64)
}
