//! `[targets.NAME]` in `firsthour.toml`. No secret ever stands there.

use super::params::Params;
use super::target::{PrincipalNames, Target};
use super::{connection, files, logs};
use crate::config::{Env, Paths};
use crate::domain::failure::Failure;
use crate::domain::suggest::nearest;
use std::path::Path;
use toml::{Table, Value};

/// Keys of the whole file; a room that reads more of it adds its own.
const TABLES: [&str; 1] = ["targets"];

/// Keys of a target.
const KEYS: [&str; 15] = [
    "app_roles",
    "dbname",
    "host",
    "logs",
    "password_env",
    "port",
    "principals",
    "service",
    "sslmode",
    "sslrootcert",
    "staging",
    "tenant_column",
    "url",
    "url_env",
    "user",
];

/// Keys that are connection parameters under the same name.
const PASSED: [&str; 7] = [
    "dbname",
    "host",
    "port",
    "service",
    "sslmode",
    "sslrootcert",
    "user",
];

const PRINCIPALS: [&str; 3] = ["anonymous", "service", "signed_in"];

fn wrong(why: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::new("firsthour.toml cannot be used", why, hint)
}

/// The names of all targets, for hints.
pub fn names(paths: &Paths) -> Result<Vec<String>, Failure> {
    Ok(read(&paths.config_file)?.keys().cloned().collect())
}

/// A target by its name.
pub fn named(name: &str, env: &Env, paths: &Paths) -> Result<Target, Failure> {
    let all = read(&paths.config_file)?;
    let Some(entry) = all.get(name) else {
        let known: Vec<&str> = all.keys().map(String::as_str).collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None if known.is_empty() => format!(
                "add [targets.{name}] to {}, or give a postgres:// URL",
                paths.config_file.display()
            ),
            None => format!("known targets are {}", known.join(", ")),
        };
        return Err(Failure::new(
            "no database was found",
            format!("there is no target {name} in firsthour.toml"),
            hint,
        ));
    };
    let entry = entry.as_table().ok_or_else(|| {
        wrong(
            format!("targets.{name} is not a table"),
            format!("write [targets.{name}] and its keys below"),
        )
    })?;
    known_keys(name, entry)?;
    let folder = paths.config_file.parent().unwrap_or_else(|| Path::new(""));
    let mut found = target(name, entry, env)?;
    found.logs = entry
        .get("logs")
        .map(|value| logs::read(name, value, folder))
        .transpose()?;
    Ok(found)
}

/// The `targets` table. A file that is not there holds none.
fn read(file: &Path) -> Result<Table, Failure> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Table::new()),
        Err(error) => {
            return Err(wrong(
                format!("{}: {error}", file.display()),
                "make the file readable, or move it away",
            ));
        }
    };
    // The parser's own rendering quotes the line, which may hold a secret
    // somebody put there.
    let mut all: Table = text.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = text
            .get(..at)
            .map_or(1, |before| before.matches('\n').count() + 1);
        wrong(
            format!("line {line}: {}", error.message()),
            "correct that line",
        )
    })?;
    if let Some(key) = all.keys().find(|key| !TABLES.contains(&key.as_str())) {
        return Err(wrong(
            format!("it has the unknown key {key}"),
            instead(key, &TABLES),
        ));
    }
    match all.remove("targets") {
        None => Ok(Table::new()),
        Some(Value::Table(targets)) => Ok(targets),
        Some(_) => Err(wrong(
            "targets is not a table",
            "write [targets.NAME] and its keys below",
        )),
    }
}

fn known_keys(name: &str, entry: &Table) -> Result<(), Failure> {
    for key in entry.keys() {
        if key == "password" {
            return Err(wrong(
                format!("[targets.{name}] holds a password"),
                "remove it here and rotate it; put it into a variable and name that: password_env = \"NAME\"",
            ));
        }
        if !KEYS.contains(&key.as_str()) {
            return Err(wrong(
                format!("[targets.{name}] has the unknown key {key}"),
                instead(key, &KEYS),
            ));
        }
    }
    Ok(())
}

fn instead(key: &str, known: &[&'static str]) -> String {
    match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("known keys are {}", known.join(", ")),
    }
}

fn target(name: &str, entry: &Table, env: &Env) -> Result<Target, Failure> {
    let mut params = Params::default();
    for key in PASSED {
        match entry.get(key) {
            None => {}
            Some(Value::Integer(number)) if key == "port" => params.set(key, &number.to_string()),
            Some(value) => params.set(key, text(name, key, value)?),
        }
    }
    if let Some(url) = entry.get("url") {
        let url = Params::read(text(name, "url", url)?)?;
        if url.value("password").is_some() {
            return Err(wrong(
                format!("the url of [targets.{name}] holds a password"),
                "remove it here and rotate it; name a variable that holds the whole URL: url_env = \"NAME\"",
            ));
        }
        params.fill(&url);
    }
    if let Some(variable) = entry.get("url_env") {
        params.fill(&Params::read(&from_env(name, "url_env", variable, env)?)?);
    }
    if let Some(variable) = entry.get("password_env") {
        params.set("password", &from_env(name, "password_env", variable, env)?);
    }
    files::add_service(&mut params, env)?;
    if params.value("host").is_none() && params.value("hostaddr").is_none() {
        return Err(wrong(
            format!("[targets.{name}] does not say which server"),
            "add url_env, service or host",
        ));
    }
    // Of the environment only what proves who we are: a PGHOST or PGSSLMODE
    // of another task must not turn a named target into another server.
    let around = Params::of_environment(env);
    for key in ["password", "passfile"] {
        if let (None, Some(value)) = (params.value(key), around.value(key)) {
            params.set(key, value);
        }
    }
    let mut warnings = params.ignored_notes();
    let (settings, noted) = connection::settings(&params, env)?;
    warnings.extend(noted);
    Ok(Target {
        warnings,
        app_roles: app_roles(name, entry)?,
        tenant_column: entry
            .get("tenant_column")
            .map(|value| text(name, "tenant_column", value).map(str::to_owned))
            .transpose()?,
        principals: principals(name, entry)?,
        staging: staging(name, entry)?,
        ..Target::plain(
            Some(name),
            settings,
            format!("[targets.{name}] of firsthour.toml"),
        )
    })
}

fn text<'a>(name: &str, key: &str, value: &'a Value) -> Result<&'a str, Failure> {
    value.as_str().ok_or_else(|| {
        wrong(
            format!("{key} of [targets.{name}] is not a text"),
            format!("write {key} = \"...\""),
        )
    })
}

fn staging(name: &str, entry: &Table) -> Result<bool, Failure> {
    match entry.get("staging") {
        None => Ok(false),
        Some(Value::Boolean(marked)) => Ok(*marked),
        Some(_) => Err(wrong(
            format!("staging of [targets.{name}] is neither true nor false"),
            "write staging = true",
        )),
    }
}

fn from_env(name: &str, key: &str, value: &Value, env: &Env) -> Result<String, Failure> {
    let variable = text(name, key, value)?;
    env.get(variable).map(str::to_owned).ok_or_else(|| {
        let shown = if variable.contains("://") {
            "the variable named there".to_owned()
        } else {
            variable.to_owned()
        };
        wrong(
            format!("{key} of [targets.{name}]: {shown} is not set"),
            "set that variable for this program, or name another",
        )
    })
}

fn app_roles(name: &str, entry: &Table) -> Result<Vec<String>, Failure> {
    let Some(value) = entry.get("app_roles") else {
        return Ok(Vec::new());
    };
    value
        .as_array()
        .and_then(|roles| {
            roles
                .iter()
                .map(|role| role.as_str().map(str::to_owned))
                .collect()
        })
        .ok_or_else(|| {
            wrong(
                format!("app_roles of [targets.{name}] is not a list of texts"),
                "write app_roles = [\"name\", \"name\"]",
            )
        })
}

fn principals(name: &str, entry: &Table) -> Result<PrincipalNames, Failure> {
    let Some(value) = entry.get("principals") else {
        return Ok(PrincipalNames::default());
    };
    let at = format!("{name}.principals");
    let table = value.as_table().ok_or_else(|| {
        wrong(
            format!("principals of [targets.{name}] is not a table"),
            format!("write [targets.{at}] with {}", PRINCIPALS.join(", ")),
        )
    })?;
    let mut names = PrincipalNames::default();
    for (key, value) in table {
        let role = Some(text(&at, key, value)?.to_owned());
        match key.as_str() {
            "anonymous" => names.anonymous = role,
            "signed_in" => names.signed_in = role,
            "service" => names.service = role,
            other => {
                return Err(wrong(
                    format!("[targets.{at}] has the unknown key {other}"),
                    instead(other, &PRINCIPALS),
                ));
            }
        }
    }
    Ok(names)
}
