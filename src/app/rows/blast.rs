//! The rows of the screen that joins *could read* and *did read*.

use crate::app::filter::Filter;
use crate::domain::incident::Incident;
use crate::domain::incident::blast::Blast;

/// The line of a relation and a role.
pub fn blast_of<'a>(incident: &'a Incident, relation: &str, role: &str) -> Option<Blast<'a>> {
    let mut rows = incident.blast().into_iter();
    rows.find(|row| row.relation == relation && row.role == role)
}

/// Relations and roles, what was read by who must not first.
pub fn blast<'a>(incident: &'a Incident, filter: &str) -> Vec<Blast<'a>> {
    let mut filter = Filter::new(filter);
    let mut rows = incident.blast();
    rows.retain(|row| {
        let mut parts = vec![row.sign.word(), row.relation, row.role];
        parts.extend(&row.principals);
        parts.extend(row.doors());
        filter.keeps(&parts)
    });
    rows
}
