//! `[targets.NAME.logs]`: where a target's logs are, and the files that say
//! what is known besides them.

use super::target::TargetLogs;
use crate::domain::failure::Failure;
use crate::domain::suggest::nearest;
use crate::domain::untrusted::visible;
use crate::domain::zone::Zone;
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use toml::Value;

const KEYS: [&str; 6] = ["customers", "paths", "release_at", "routes", "tz", "users"];

/// Reads the table; a path that is not absolute begins at `folder`, where the
/// file stands.
pub fn read(name: &str, value: &Value, folder: &Path) -> Result<TargetLogs, Failure> {
    let table = value.as_table().ok_or_else(|| {
        wrong(
            format!("logs of [targets.{name}] is not a table"),
            format!("write [targets.{name}.logs] with {}", KEYS.join(", ")),
        )
    })?;
    let mut logs = TargetLogs::default();
    for (key, value) in table {
        let file = || text(name, key, value).map(|text| Some(folder.join(text)));
        match key.as_str() {
            "paths" => logs.paths = paths(name, value, folder)?,
            "release_at" => logs.release_at = Some(time(name, value)?),
            "tz" => logs.zone = Some(zone(name, text(name, key, value)?)?),
            "users" => logs.users = file()?,
            "customers" => logs.customers = file()?,
            "routes" => logs.routes = file()?,
            other => {
                let hint = match nearest(other, KEYS) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("known keys are {}", KEYS.join(", ")),
                };
                return Err(wrong(
                    format!("[targets.{name}.logs] has the unknown key {other}"),
                    hint,
                ));
            }
        }
    }
    if logs.paths.is_empty() {
        return Err(wrong(
            format!("[targets.{name}.logs] does not say where the logs are"),
            "add paths = [\"FOLDER\"]",
        ));
    }
    Ok(logs)
}

fn wrong(why: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::new("firsthour.toml cannot be used", why, hint)
}

fn text<'a>(name: &str, key: &str, value: &'a Value) -> Result<&'a str, Failure> {
    value.as_str().ok_or_else(|| {
        wrong(
            format!("{key} of [targets.{name}.logs] is not a text"),
            format!("write {key} = \"...\""),
        )
    })
}

fn paths(name: &str, value: &Value, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    value
        .as_array()
        .and_then(|paths| {
            let paths = paths.iter();
            paths
                .map(|path| path.as_str().map(|path| place(path, folder)))
                .collect()
        })
        .ok_or_else(|| {
            wrong(
                format!("paths of [targets.{name}.logs] is not a list of texts"),
                "write paths = [\"FOLDER\", \"s3://BUCKET/PREFIX\"]",
            )
        })
}

/// A path from the folder of the file; an address of a store stays as it is.
fn place(path: &str, folder: &Path) -> PathBuf {
    if path.contains("://") {
        PathBuf::from(path)
    } else {
        folder.join(path)
    }
}

/// A time as text, or as the file's own kind of time with an offset.
fn time(name: &str, value: &Value) -> Result<DateTime<Utc>, Failure> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Datetime(time) => time.to_string(),
        _ => String::new(),
    };
    DateTime::parse_from_rfc3339(&text)
        .map(|time| time.to_utc())
        .map_err(|_| {
            wrong(
                format!("release_at of [targets.{name}.logs] is no time with a zone"),
                "write release_at = \"2026-03-10T08:00:00Z\", or with an offset",
            )
        })
}

/// What times without a zone are taken as.
fn zone(name: &str, text: &str) -> Result<Zone, Failure> {
    Zone::read(text).ok_or_else(|| {
        wrong(
            format!(
                "tz of [targets.{name}.logs] is neither an offset nor a place: {}",
                visible(text)
            ),
            "write tz = \"+02:00\", or a place such as tz = \"Europe/Berlin\"",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Result<TargetLogs, Failure> {
        let table: toml::Table = text.parse().unwrap();
        read("shop", &Value::Table(table), Path::new("conf"))
    }

    #[test]
    fn paths_begin_at_the_file_and_times_have_a_zone() {
        let logs = given(
            "paths = ['logs', '/var/log/nginx', 's3://shop-logs/alb/']\nusers = 'u.csv'\nrelease_at = 2026-03-10T08:00:00+02:00",
        )
        .unwrap();
        assert_eq!(
            logs.paths,
            ["conf/logs", "/var/log/nginx", "s3://shop-logs/alb/"].map(PathBuf::from)
        );
        assert_eq!(logs.users, Some(PathBuf::from("conf/u.csv")));
        assert_eq!(logs.zone, None);
        let placed = given("paths = ['logs']\ntz = 'America/New_York'").unwrap();
        assert_eq!(placed.zone, Zone::read("America/New_York"));
        let at = logs.release_at.unwrap();
        assert_eq!(at.to_rfc3339(), "2026-03-10T06:00:00+00:00");
    }

    #[test]
    fn what_is_wrong_with_the_table_is_said() {
        assert!(given("pahts = ['x']").unwrap_err().hint.contains("paths"));
        assert!(given("users = 'x'").unwrap_err().hint.contains("paths"));
        let local = given("paths = ['x']\nrelease_at = '2026-03-10T08:00:00'");
        assert!(local.unwrap_err().why.contains("zone"));
        assert!(given("paths = 'x'").unwrap_err().why.contains("list"));
        let short = given("paths = ['x']\ntz = 'CET'").unwrap_err();
        assert!(short.hint.contains("Europe/Berlin"), "{}", short.hint);
    }
}
