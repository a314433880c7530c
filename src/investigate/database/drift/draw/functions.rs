//! Functions by name and arguments. Of those that run with their owner's
//! rights, or that policies, views or such functions call, also the body: as
//! a digest, since bodies may hold secrets.

use super::super::canon::written;
use super::super::portrait::{Facet, Kind, Presence, Thing, qualified};
use super::drawing::Drawing;
use crate::domain::digest::Digest;
use crate::investigate::database::expression::tokens;
use crate::investigate::database::helpers::calls;
use crate::investigate::database::pinned::set_up_step;
use crate::investigate::database::snapshot::{Function, Oid};
use crate::investigate::database::survey::Survey;
use std::collections::{BTreeMap, BTreeSet};

/// Adds every function that no extension brought.
pub(super) fn draw(drawing: &mut Drawing<'_>) {
    let survey = &drawing.look.survey;
    let leaned = leaned_on(survey);
    let own = survey.snapshot.functions.iter().filter(|f| !f.extension);
    let drawn: Vec<Thing> = own
        .map(|function| drawn(function, leaned.contains(&function.oid)))
        .collect();
    drawing.portrait.things.extend(drawn);
}

/// A few characters that tell two texts apart.
pub(super) fn digest(text: &str) -> String {
    format!("sha256:{}", Digest::of(text.as_bytes()).short())
}

fn drawn(function: &Function, leaned: bool) -> Thing {
    let name = qualified(&function.schema, &function.name);
    let mut facets = BTreeMap::new();
    let mut add = |name: &str, facet| drop(facets.insert(name.to_owned(), facet));
    add(
        "runs with its owner's rights",
        Facet::Opens(function.definer),
    );
    if leaned {
        let body = match &function.source {
            // Other languages give white space and case a meaning.
            Some(text) if matches!(function.language.as_str(), "sql" | "plpgsql") => {
                Facet::Word(digest(&written(&tokens(text))))
            }
            Some(text) => Facet::Word(digest(text)),
            None => Facet::Hidden,
        };
        add("body", body);
        add("language", Facet::Word(function.language.clone()));
        let mut settings = function.settings.clone().unwrap_or_default();
        settings.sort();
        add("settings", Facet::Word(settings.join(", ")));
    }
    Thing {
        kind: Kind::Function,
        name: format!("{name}({})", function.signature),
        on: None,
        presence: if function.definer {
            Presence::IfGranted
        } else {
            Presence::Nothing
        },
        facets,
    }
}

/// Functions whose bodies decide about rows, and what those call by name.
fn leaned_on(survey: &Survey) -> BTreeSet<Oid> {
    let snapshot = &survey.snapshot;
    let definers = snapshot.functions.iter().filter(|f| f.definer);
    let mut todo: Vec<Oid> = definers.map(|function| function.oid).collect();
    todo.extend(snapshot.policies.iter().flat_map(|p| p.functions.iter()));
    todo.extend(snapshot.view_uses.iter().flat_map(|v| v.functions.iter()));
    todo.extend(set_up_step(survey).map_or(&[][..], |name| survey.helpers.named(name)));
    let mut found = BTreeSet::new();
    while let Some(at) = todo.pop() {
        if found.insert(at)
            && let Some(helper) = survey.helpers.get(at)
        {
            for (name, _) in calls(&helper.body) {
                todo.extend(survey.helpers.named(&name));
            }
        }
    }
    found
}
