//! What a real connection of a role would bring along and `SET ROLE` does
//! not: the settings pinned to the role, and an API's own set-up step.

use super::snapshot::Oid;
use super::survey::Survey;
use crate::providers::postgres::{Assumed, Setting, Value};
use std::collections::BTreeMap;

/// Gives whoever acts as the role what is pinned to it: where functions look
/// names up, and the settings of the application named in `read`. What is pinned to the
/// login of this audit alone is emptied, since the role would not have it.
/// What is set already comes later and wins.
pub fn apply(survey: &Survey, read: &[String], role: Oid, who: &mut Assumed) {
    let own = settings(survey, role);
    let login = settings(survey, survey.snapshot.server.login);
    if let Some(path) = own.get("search_path") {
        let schemas = path
            .split(',')
            .map(|name| name.trim().trim_matches('"').to_owned());
        who.schemas = schemas.filter(|name| !name.is_empty()).collect();
    }
    let pinned = read.iter().filter_map(|name| {
        let value = match (own.get(name.as_str()), login.get(name.as_str())) {
            (Some(value), _) => (*value).to_owned(),
            (None, Some(_)) => String::new(),
            (None, None) => return None,
        };
        Some(Setting {
            name: name.clone(),
            value: Value::Literal(value),
        })
    });
    let mut all: Vec<Setting> = pinned.collect();
    all.append(&mut who.settings);
    who.settings = all;
}

/// What is pinned to the role or to the database, by name; the role's own
/// value wins.
fn settings(survey: &Survey, role: Oid) -> BTreeMap<&str, &str> {
    let role = survey.roles.get(role);
    role.into_iter()
        .flat_map(|role| role.settings.iter().flatten())
        .filter_map(|setting| setting.split_once('='))
        .collect()
}

/// The function that an API calls before each request, if one is pinned
/// anywhere: the probes do not call it.
pub fn set_up_step(survey: &Survey) -> Option<&str> {
    let roles = survey.snapshot.roles.iter();
    roles
        .flat_map(|role| role.settings.iter().flatten())
        .find_map(|setting| setting.strip_prefix("pgrst.db_pre_request="))
        .filter(|function| !function.is_empty())
}
