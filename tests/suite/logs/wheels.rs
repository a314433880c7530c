//! The engines of `tests/log-engines.sh`: `ClickHouse`'s behind its own HTTP
//! interface, and `DuckDB`. Where they are missing that is a loud skip, and a
//! failure where `CI` is set.

use firsthour::config::Env;
use firsthour::investigate::logs::questions::answer::Rows;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The login that the shim takes.
pub const USER: &str = "reader";
pub const PASSWORD: &str = "only-for-tests";

/// A Python program that ends with its standard input.
#[derive(Debug)]
pub struct Wheel {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

fn python() -> Option<PathBuf> {
    let env = Env::read();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = env.get("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root.join("target"), PathBuf::from);
    let python = target.join("log-engines/bin/python");
    if python.is_file() {
        return Some(python);
    }
    let told =
        "nothing was asked of ClickHouse's engine and DuckDB: tests/log-engines.sh installs them";
    assert!(env.get("CI").is_none(), "{told}");
    eprintln!("SKIPPED: {told}");
    None
}

impl Wheel {
    fn start(script: &str, events: &Path) -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut child = Command::new(python()?)
            .arg(root.join("tests/support").join(script))
            .arg(events)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Some(Self {
            input: child.stdin.take(),
            child,
            output,
        })
    }

    /// `ClickHouse`'s engine with these events; and the address of it.
    pub fn clickhouse(events: &Path) -> Option<(Self, String)> {
        let mut wheel = Self::start("clickhouse_shim.py", events)?;
        let port: u16 = wheel.line().trim().parse().unwrap();
        Some((wheel, format!("http://127.0.0.1:{port}/?database=logs")))
    }

    /// `DuckDB` with these events.
    pub fn duckdb(events: &Path) -> Option<Self> {
        let mut wheel = Self::start("duck.py", events)?;
        assert_eq!(wheel.line().trim(), "ready");
        Some(wheel)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// Asks `DuckDB`.
    pub fn ask(&mut self, sql: &str) -> Rows {
        let text = serde_json::to_string(sql).unwrap();
        writeln!(self.input.as_mut().unwrap(), "{text}").unwrap();
        let answer: Value = serde_json::from_str(&self.line()).unwrap();
        match answer.get("error") {
            Some(error) => panic!("{error}\n{sql}"),
            None => serde_json::from_value(answer).unwrap(),
        }
    }
}

impl Drop for Wheel {
    fn drop(&mut self) {
        drop(self.input.take());
        // It ends with its input; a wheel that does not is ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
