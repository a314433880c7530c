//! Draws the portrait of a database: the survey's facts and a few catalog
//! queries, by name. Values of settings that may be secrets are left out.

mod drawing;
mod functions;
mod pinned;
mod policies;

use super::portrait::{Facet, Granted, Kind, Portrait, Presence, Thing, part, qualified};
use crate::domain::check::Gap;
use crate::investigate::database::along::Along;
use crate::investigate::database::expression::tokens;
use crate::investigate::database::look::Look;
use crate::investigate::database::snapshot::Relation;
use crate::investigate::database::survey::Survey;
use drawing::{Drawing, thing};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const ROLES: &str = include_str!("../sql/drift_roles.sql");
const EXTENSIONS: &str = include_str!("../sql/drift_extensions.sql");
const GRANTS: &str = include_str!("../sql/drift_grants.sql");

/// What has to be read besides the survey, in the same transaction.
pub const QUERIES: [&str; 6] = [
    policies::CHECKS,
    ROLES,
    pinned::PINS,
    pinned::SETTINGS,
    EXTENSIONS,
    GRANTS,
];

/// Draws what the look sees; `along` has the rows of [`QUERIES`].
pub fn draw(look: &Look, along: Along) -> Portrait {
    let mut drawing = Drawing {
        portrait: Portrait::of(&look.survey.snapshot.server.database),
        look,
        along,
    };
    drawing.refused();
    drawing.server();
    drawing.relations();
    policies::draw(&mut drawing);
    functions::draw(&mut drawing);
    drawing.roles();
    drawing.memberships();
    pinned::draw(&mut drawing);
    drawing.extensions();
    drawing.grants();
    drawing
        .portrait
        .things
        .sort_by(|a, b| (a.kind, &a.on, &a.name).cmp(&(b.kind, &b.on, &b.name)));
    drawing.portrait
}

#[derive(Debug, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "one field a catalog flag")]
struct Attributes {
    name: String,
    login: bool,
    superuser: bool,
    bypassrls: bool,
    createrole: bool,
    createdb: bool,
    replication: bool,
    inherits: bool,
}

#[derive(Debug, Deserialize)]
struct Extension {
    name: String,
    version: String,
    schema: String,
}

#[derive(Debug, Deserialize)]
struct Grant {
    kind: String,
    schema: String,
    name: String,
    part: Option<String>,
    grantee: String,
    privileges: BTreeSet<String>,
}

impl Drawing<'_> {
    /// What the survey itself could not read.
    fn refused(&mut self) {
        let parts = [
            ("policies", Kind::Policy),
            ("functions", Kind::Function),
            ("role memberships", Kind::Membership),
        ];
        for gap in &self.look.gaps {
            let kind = parts.iter().find(|(what, _)| *what == gap.what);
            if let Some((_, kind)) = kind {
                self.portrait.missing.insert(*kind);
            }
            let compared = kind.is_some()
                || gap.what.starts_with("the condition of policy ")
                || gap.what.starts_with("text and size of ");
            if compared {
                self.portrait.gaps.push(gap.clone());
            }
        }
    }

    fn server(&mut self) {
        let version = self.look.survey.snapshot.server.version;
        let facets = [("major version", Facet::Word((version / 10_000).to_string()))];
        self.add(thing(Kind::Server, "postgres", Presence::Nothing, facets));
    }

    fn relations(&mut self) {
        let survey = &self.look.survey;
        let mut schemas = BTreeSet::new();
        for relation in survey.snapshot.relations.iter().filter(|r| !r.extension) {
            schemas.insert(relation.schema.clone());
            let drawn = drawn_relation(survey, relation);
            self.add(drawn);
        }
        for schema in schemas {
            self.add(thing(Kind::Schema, &part(&schema), Presence::Nothing, []));
        }
    }

    fn roles(&mut self) {
        for role in self.read::<Attributes>(ROLES, Kind::Role, "role attributes") {
            let strong = role.superuser || role.bypassrls || role.createrole || role.replication;
            let presence = if strong || role.login {
                Presence::Opens
            } else {
                Presence::Nothing
            };
            let facets = [
                ("login", role.login),
                ("superuser", role.superuser),
                ("bypasses row security", role.bypassrls),
                ("creates roles", role.createrole),
                ("creates databases", role.createdb),
                ("replication", role.replication),
                ("inherits", role.inherits),
            ];
            let facets = facets.map(|(name, on)| (name, Facet::Opens(on)));
            self.add(thing(Kind::Role, &role.name, presence, facets));
        }
    }

    fn memberships(&mut self) {
        let survey = &self.look.survey;
        // Several grantors may have granted one membership.
        let mut edges: BTreeMap<(&str, &str), (bool, bool)> = BTreeMap::new();
        for edge in &survey.snapshot.memberships {
            let names = (survey.roles.name(edge.member), survey.roles.name(edge.role));
            let known = edges.entry(names).or_default();
            *known = (known.0 || edge.inherits, known.1 || edge.can_set);
        }
        for ((member, role), (inherits, can_set)) in edges {
            if member.starts_with("pg_") {
                continue;
            }
            if inherits {
                let edge = (member.to_owned(), role.to_owned());
                self.portrait.inherits.insert(edge);
            }
            let presence = if inherits || can_set {
                Presence::Opens
            } else {
                Presence::Unclear
            };
            let facets = [("inherits", inherits), ("may switch", can_set)];
            let facets = facets.map(|(name, on)| (name, Facet::Opens(on)));
            let name = format!("{member} in {role}");
            self.portrait
                .things
                .push(thing(Kind::Membership, &name, presence, facets));
        }
    }

    fn extensions(&mut self) {
        const OUTWARD: [&str; 6] = [
            "dblink",
            "postgres_fdw",
            "file_fdw",
            "http",
            "pg_net",
            "adminpack",
        ];
        for extension in self.read::<Extension>(EXTENSIONS, Kind::Extension, "extensions") {
            let presence = if OUTWARD.contains(&extension.name.as_str()) {
                Presence::Opens
            } else {
                Presence::Unclear
            };
            let facets = [
                ("version", Facet::Word(extension.version)),
                ("schema", Facet::Word(extension.schema)),
            ];
            self.add(thing(Kind::Extension, &extension.name, presence, facets));
        }
    }

    fn grants(&mut self) {
        match self.along.take::<Grant>(GRANTS) {
            Ok(grants) => self.portrait.grants = grants.into_iter().map(granted).collect(),
            Err(failure) => {
                self.portrait.gaps.push(Gap::new("grants", &failure.why));
                self.portrait.without_grants = true;
            }
        }
    }
}

fn drawn_relation(survey: &Survey, relation: &Relation) -> Thing {
    let name = qualified(&relation.schema, &relation.name);
    let owner = Facet::Word(survey.roles.name(relation.owner).to_owned());
    let form = (
        "form",
        Facet::Word(relation.subject_kind().word().to_owned()),
    );
    if !matches!(relation.kind.as_str(), "v" | "m") {
        let facets = [
            ("row security", Facet::Closes(relation.rls)),
            ("forced for its owner", Facet::Closes(relation.force)),
            ("owner", owner),
            form,
        ];
        return thing(Kind::Table, &name, Presence::IfGranted, facets);
    }
    let definition = match &relation.definition {
        Some(text) => Facet::Word(functions::digest(&super::canon::written(&tokens(text)))),
        None => Facet::Hidden,
    };
    let facets = [
        (
            "reads with its caller's rights",
            Facet::Closes(relation.invoker),
        ),
        ("definition", definition),
        ("owner", owner),
        form,
    ];
    thing(Kind::View, &name, Presence::IfGranted, facets)
}

fn granted(grant: Grant) -> Granted {
    let name = qualified(&grant.schema, &grant.name);
    let (kind, object, of) = match (grant.kind.as_str(), grant.part) {
        ("column", Some(column)) => {
            let object = format!("{name}.{}", part(&column));
            (Kind::Column, object, Some(name))
        }
        ("function", Some(signature)) => (Kind::Function, format!("{name}({signature})"), None),
        ("schema", _) => (Kind::Schema, part(&grant.schema), None),
        _ => (Kind::Table, name, None),
    };
    Granted {
        kind,
        object,
        of,
        grantee: grant.grantee,
        privileges: grant.privileges,
    }
}
