//! For whom a relation has to be narrowed, and who of them did not sign in.

use super::roles::{Station, is_service_name};
use super::snapshot::{Oid, PUBLIC};
use super::survey::{Access, Survey};

/// The roles for which a relation has to be narrowed: callers from outside,
/// and application logins that live under policies elsewhere. PUBLIC stands
/// in only when nobody else is there to read.
pub fn audience(survey: &Survey, relation: Oid) -> Vec<(Oid, &Access)> {
    let held: Vec<(Oid, &Access)> = survey
        .readers(relation)
        .filter(|(role, _)| *role != PUBLIC && is_outside(survey, *role))
        .collect();
    if held.is_empty() {
        return survey
            .readers(relation)
            .filter(|(role, _)| *role == PUBLIC)
            .collect();
    }
    held
}

/// Whether what this role sees has to be narrowed.
pub fn is_outside(survey: &Survey, role: Oid) -> bool {
    match survey.roles.station(role) {
        Station::Anonymous | Station::SignedIn => true,
        Station::App => survey.scoped(role) && !is_service_name(survey.roles.name(role)),
        Station::Service | Station::Platform => false,
    }
}

/// Whether any of the roles is held by callers who did not sign in.
pub fn any_anonymous(survey: &Survey, roles: &[Oid]) -> bool {
    roles
        .iter()
        .any(|role| survey.roles.station(*role) == Station::Anonymous)
}
