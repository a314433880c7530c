//! The engines of `tests/log-engines.sh`: `ClickHouse`'s behind its own HTTP
//! interface, and `DuckDB`. Where they are missing that is a loud skip, and a
//! failure where `CI` is set.

use firsthour::config::Env;
use firsthour::investigate::logs::questions::Take;
use firsthour::providers::clickhouse::ClickHouse;
use serde_json::Value;
use std::fs;
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

/// A file of `tests/fixtures/engines` that loads this one.
pub fn fixture(name: &str, file: &Path) -> String {
    let path = Path::new("tests/fixtures/engines").join(name);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(path)).unwrap();
    text.replace("{file}", &file.display().to_string())
}

/// Asks over HTTP, as the command line does.
pub fn over_http(server: &ClickHouse, sql: &str, take: Take<'_>) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut kept = |row: Vec<Value>| {
        take(&row).unwrap();
        true
    };
    runtime.block_on(server.each(sql, &mut kept)).unwrap()
}

impl Wheel {
    fn start(script: &str, folder: &Path, setup: &str) -> Option<Self> {
        let python = python()?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = folder.join(format!("{script}.setup.sql"));
        fs::write(&file, setup).unwrap();
        let mut child = Command::new(python)
            .arg(root.join("tests/support").join(script))
            .arg(file)
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

    /// `ClickHouse`'s engine after these statements; and the address of it.
    pub fn clickhouse(folder: &Path, setup: &str) -> Option<(Self, String)> {
        let mut wheel = Self::start("clickhouse_shim.py", folder, setup)?;
        let port: u16 = wheel.line().trim().parse().unwrap();
        Some((wheel, format!("http://127.0.0.1:{port}/?database=logs")))
    }

    /// `DuckDB` after these statements.
    pub fn duckdb(folder: &Path, setup: &str) -> Option<Self> {
        let mut wheel = Self::start("duck.py", folder, setup)?;
        assert_eq!(wheel.line().trim(), "ready");
        Some(wheel)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// Asks `DuckDB` what is written in a dialect, its own or one of those that
    /// can be translated.
    pub fn ask(&mut self, dialect: &str, sql: &str, take: Take<'_>) -> u64 {
        let text = serde_json::to_string(&[dialect, sql]).unwrap();
        writeln!(self.input.as_mut().unwrap(), "{text}").unwrap();
        let answer: Value = serde_json::from_str(&self.line()).unwrap();
        if let Some(error) = answer.get("error") {
            panic!("{dialect}: {error}\n{sql}");
        }
        let rows: Vec<Vec<Value>> = serde_json::from_value(answer).unwrap();
        for row in &rows {
            take(row).unwrap();
        }
        rows.len() as u64
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
