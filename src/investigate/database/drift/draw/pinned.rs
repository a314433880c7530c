//! Settings pinned to roles and to the database, the schemas an API exposes
//! among them, and settings of the server.

use super::super::portrait::{Facet, Kind, Presence, part};
use super::drawing::{Drawing, thing};
use super::functions::digest;
use crate::domain::check::Gap;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Debug, Deserialize)]
struct Pin {
    role: Option<String>,
    everywhere: bool,
    setting: String,
}

#[derive(Debug, Deserialize)]
struct Setting {
    name: String,
    value: Option<String>,
}

pub(super) const PINS: &str = include_str!("../../sql/drift_pins.sql");
pub(super) const SETTINGS: &str = include_str!("../../sql/drift_settings.sql");

/// Adds what is pinned, and what holds for all.
pub(super) fn draw(drawing: &mut Drawing<'_>) {
    for pin in drawing.read::<Pin>(PINS, Kind::Pinned, "pinned settings") {
        let Some((name, value)) = pin.setting.split_once('=') else {
            continue;
        };
        let whom = match (&pin.role, pin.everywhere) {
            (Some(role), false) => format!("of {} in this database", part(role)),
            (Some(role), true) => format!("of {}", part(role)),
            (None, _) => "of everybody".to_owned(),
        };
        let (presence, facet) = weighed(name, value);
        let facets = [(facet_name(name), facet)];
        drawing.add(thing(
            Kind::Pinned,
            &format!("{name} {whom}"),
            presence,
            facets,
        ));
    }
    settings(drawing);
}

fn settings(drawing: &mut Drawing<'_>) {
    let what = "settings of the server";
    let shown: Vec<Setting> = drawing.read(SETTINGS, Kind::Setting, what);
    let hidden = !shown.is_empty() && !shown.iter().any(|s| s.name == "shared_preload_libraries");
    if hidden {
        let what = "libraries that every session loads";
        let why = "this login may not see them; grant pg_read_all_settings to it";
        drawing.portrait.gaps.push(Gap::new(what, why));
    }
    for setting in shown {
        let value = setting.value.unwrap_or_default();
        let (presence, facet) = weighed(&setting.name, &value);
        let facets = [(facet_name(&setting.name), facet)];
        drawing.add(thing(Kind::Setting, &setting.name, presence, facets));
    }
    if hidden {
        for name in ["shared_preload_libraries", "session_preload_libraries"] {
            let facets = [("value", Facet::Hidden)];
            drawing.add(thing(Kind::Setting, name, Presence::Unclear, facets));
        }
    }
}

fn facet_name(setting: &str) -> &'static str {
    if setting == "pgrst.db_schemas" {
        "exposed schemas"
    } else {
        "value"
    }
}

/// What a change of the setting may mean. Other values than those the server
/// or the API defines are kept as digests, and likely secrets not at all.
fn weighed(name: &str, value: &str) -> (Presence, Facet) {
    const QUIET: [&str; 10] = [
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
        "work_mem",
        "maintenance_work_mem",
        "jit",
        "timezone",
        "datestyle",
        "application_name",
        "track_activities",
    ];
    let lower = name.to_lowercase();
    let secret = ["secret", "password", "token", "jwt", "key"];
    if secret.iter().any(|word| lower.contains(word)) && lower != "password_encryption" {
        return (
            Presence::Unclear,
            Facet::Detail("set, value left out".to_owned()),
        );
    }
    if lower == "pgrst.db_schemas" {
        let schemas = value
            .split(',')
            .map(|schema| schema.trim().trim_matches('"').to_owned());
        let schemas: BTreeSet<String> = schemas.filter(|schema| !schema.is_empty()).collect();
        return (Presence::Unclear, Facet::Set(schemas));
    }
    if lower == "ssl" {
        return (Presence::Unclear, Facet::Closes(value == "on"));
    }
    if QUIET.contains(&lower.as_str()) || lower.starts_with("log_") || lower.starts_with("pgaudit.")
    {
        return (Presence::Nothing, Facet::Detail(value.to_owned()));
    }
    let known = !lower.contains('.') || lower.starts_with("pgrst.");
    let value = if known {
        value.to_owned()
    } else {
        digest(value)
    };
    (Presence::Unclear, Facet::Word(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likely_secrets_and_unknown_values_are_not_kept() {
        for (name, value) in [
            ("app.settings.jwt_secret", "hunter2"),
            ("app.anything", "hunter2"),
        ] {
            let kept = format!("{:?}", weighed(name, value));
            assert!(!kept.contains("hunter2"), "{kept}");
        }
        let (_, schemas) = weighed("pgrst.db_schemas", "public, \"api\"");
        assert_eq!(schemas, Facet::Set(["api".into(), "public".into()].into()));
    }
}
