//! Streams of changes: publications (D13), the realtime broadcast (D14) and
//! replication slots (D15). Grants and policies do not bind who reads them.

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::audience::audience;
use crate::investigate::database::claim::{Claim, some_of};
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::investigate::database::survey::Survey;
use crate::investigate::database::ways::{Publication, Slot};

/// The publication whose subscribers are the platform's own service.
const BROADCAST: &str = "supabase_realtime";

/// Parts of names that services known by their trade give to their slots.
const KNOWN: [&str; 18] = [
    "supabase",
    "realtime",
    "debezium",
    "fivetran",
    "airbyte",
    "stitch",
    "peerdb",
    "hevo",
    "datastream",
    "awsdms",
    "materialize",
    "estuary",
    "sequin",
    "electric",
    "powersync",
    "zero_",
    "cloudsql",
    "pg_sync",
];

/// Publications of sensitive tables, one claim each.
pub fn publications(survey: &Survey) -> Vec<Claim> {
    let all = &survey.snapshot.ways.publications;
    all.iter()
        .filter(|publication| !publication.name.starts_with(BROADCAST))
        .filter_map(|publication| on_publication(survey, publication))
        .collect()
}

fn on_publication(survey: &Survey, publication: &Publication) -> Option<Claim> {
    let tables: Vec<String> = published(survey, publication)
        .filter(|relation| survey.sensitive(relation.oid))
        .map(Relation::full_name)
        .collect();
    if tables.is_empty() {
        return None;
    }
    let name = &publication.name;
    let reach = if publication.everything {
        "every table, also those made later"
    } else {
        "the tables below"
    };
    Some(
        Claim::about("D13", Severity::Medium, SubjectKind::Publication, name)
            .titled(format!(
                "publication {name} streams {} sensitive tables to any replication login",
                tables.len()
            ))
            .shown_by("publishes", reach)
            .shown_by("sensitive tables", &some_of(&tables))
            .hinted(format!(
                "find out who subscribes to {name}; if nobody does, drop it, otherwise name its tables one by one"
            )),
    )
}

fn published<'a>(
    survey: &'a Survey,
    publication: &'a Publication,
) -> impl Iterator<Item = &'a Relation> {
    let relations = survey.snapshot.relations.iter();
    relations.filter(|relation| {
        relation.is_table()
            && (publication.everything || publication.relations.contains(&relation.oid))
    })
}

/// Tables that are broadcast without a policy to ask.
pub fn broadcast(survey: &Survey) -> Vec<Claim> {
    let all = survey.snapshot.ways.publications.iter();
    all.filter(|publication| publication.name == BROADCAST)
        .flat_map(|publication| published(survey, publication))
        .filter(|relation| !relation.rls)
        .filter_map(|relation| on_broadcast(survey, relation))
        .collect()
}

fn on_broadcast(survey: &Survey, relation: &Relation) -> Option<Claim> {
    let audience = audience(survey, relation.oid);
    let sensitive = audience
        .iter()
        .any(|(_, access)| survey.sensitive_in(relation.oid, access));
    let roles: Vec<Oid> = audience.iter().map(|(role, _)| *role).collect();
    let name = relation.full_name();
    let mut claim = Claim::on("D14", Severity::High, relation)
        .titled(format!(
            "changes of {name} are broadcast to every subscriber: row security is off"
        ))
        .for_roles(roles)
        .described(survey, relation)
        .hinted(format!(
            "alter publication {BROADCAST} drop table {name}; then enable row security on it"
        ));
    claim.shows_all = true;
    sensitive.then_some(claim)
}

/// Slots whose consumer is unknown or gone.
pub fn slots(survey: &Survey) -> Vec<Claim> {
    survey.snapshot.ways.slots.iter().map(on_slot).collect()
}

fn on_slot(slot: &Slot) -> Claim {
    let name = &slot.name;
    let known = KNOWN.iter().any(|part| name.to_lowercase().contains(part));
    let (severity, state) = match (known, slot.active) {
        (true, true) => (Severity::Info, "read by a known kind of service"),
        (true, false) => (
            Severity::Low,
            "of a known kind of service, and nobody reads it",
        ),
        // A replica that is away keeps its slot.
        (false, false) if slot.plugin.is_none() => (Severity::Low, "physical, and nobody reads it"),
        (false, true) => (Severity::Medium, "read by somebody the name does not tell"),
        (false, false) => (Severity::Medium, "not read by anybody"),
    };
    Claim::about("D15", severity, SubjectKind::ReplicationSlot, name)
        .titled(format!("replication slot {name} is {state}"))
        .shown_by("plugin", slot.plugin.as_deref().unwrap_or("none"))
        .hinted(format!(
            "find out whose {name} is; pg_drop_replication_slot cuts that consumer off for good"
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_judged_by_its_name_and_by_whether_somebody_reads_it() {
        let severity = |name: &str, plugin: Option<&str>, active| {
            on_slot(&Slot {
                name: name.to_owned(),
                plugin: plugin.map(str::to_owned),
                active,
            })
            .severity
        };
        assert_eq!(
            severity("old_export", Some("pgoutput"), false),
            Severity::Medium
        );
        assert_eq!(
            severity("old_export", Some("pgoutput"), true),
            Severity::Medium
        );
        assert_eq!(
            severity("Debezium_1", Some("pgoutput"), true),
            Severity::Info
        );
        assert_eq!(severity("fivetran", Some("pgoutput"), false), Severity::Low);
        assert_eq!(severity("replica_2", None, false), Severity::Low);
    }
}
