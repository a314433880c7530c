//! What names of columns and relations say: tenants, owners, people, members.
//!
//! Names are folded first, so that every way to write them counts alike.

use super::snapshot::Relation;

const TENANT_STEMS: [&str; 11] = [
    "org",
    "organization",
    "organisation",
    "tenant",
    "workspace",
    "team",
    "company",
    "merchant",
    "account",
    "clinic",
    "customer_org",
];
const TENANT_ENDS: [&str; 7] = ["_id", "id", "_uuid", "_key", "_slug", "_ref", "_code"];
const OWNER_NAMES: [&str; 19] = [
    "user_id",
    "userid",
    "user_uuid",
    "owner_id",
    "owner",
    "owner_uuid",
    "uid",
    "profile_id",
    "customer_id",
    "member_id",
    "patient_id",
    "student_id",
    "employee_id",
    "subscriber_id",
    "person_id",
    "auth_id",
    "auth_user_id",
    "owner_name",
    "recipient_id",
];
const PEOPLE: [&str; 12] = [
    "customer",
    "user",
    "patient",
    "employee",
    "member",
    "contact",
    "lead",
    "subscriber",
    "person",
    "people",
    "client",
    "student",
];

/// The name in lower case with its words joined by `_`, whichever of the ways
/// to write them was chosen: `CompanyId`, `company-id`, `Company Id`.
pub fn folded(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for c in name.chars() {
        let joint = !c.is_alphanumeric();
        if (joint || (c.is_uppercase() && before.is_lowercase())) && !out.ends_with('_') {
            out.push('_');
        }
        if !joint {
            out.extend(c.to_lowercase());
        }
        before = c;
    }
    out
}

/// Whether the name is one people give to the key of a tenant.
pub fn tenant_name(name: &str) -> bool {
    let name = folded(name);
    TENANT_STEMS.iter().any(|stem| {
        name.strip_prefix(stem).is_some_and(|end| {
            TENANT_ENDS.contains(&end) || (end.is_empty() && matches!(*stem, "tenant" | "org"))
        })
    })
}

/// Whether the name is one for the tenant that a user works in at the moment.
pub fn chosen_tenant(name: &str) -> bool {
    let name = folded(name);
    ["current_", "active_", "selected_", "default_"]
        .iter()
        .any(|start| name.strip_prefix(start).is_some_and(tenant_name))
}

/// Whether the name is one people give to the owner of a row.
pub fn owner_name(name: &str) -> bool {
    OWNER_NAMES.contains(&folded(name).as_str())
}

/// Whether the relation is about people, by its own name.
pub fn about_people(relation: &Relation) -> bool {
    let name = folded(&relation.name);
    PEOPLE.iter().any(|word| {
        name.split('_')
            .any(|part| part == *word || part.strip_suffix('s') == Some(word))
    })
}

/// Whether the relation says who belongs to what, by its own name.
pub fn lists_members(relation: &Relation) -> bool {
    let name = folded(&relation.name);
    name.contains("member")
        || name
            .split('_')
            .any(|part| matches!(part, "user" | "users" | "staff" | "seats"))
}

/// Whether the relation lists the tenants themselves, by its own name.
pub fn lists_tenants(relation: &Relation) -> bool {
    let name = folded(&relation.name);
    let one = name.strip_suffix("ies").map_or_else(
        || name.trim_end_matches('s').to_owned(),
        |stem| format!("{stem}y"),
    );
    TENANT_STEMS.contains(&one.as_str())
}

/// Whether the relation is a table of sign-ins or profiles: its key is the
/// user.
pub fn lists_users(relation: &Relation) -> bool {
    let name = folded(&relation.name);
    matches!(
        name.rsplit('_').next(),
        Some("user" | "users" | "profile" | "profiles" | "member" | "members")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenant_of_the_moment_is_told_from_the_tenant() {
        assert!(chosen_tenant("current_org_id") && chosen_tenant("activeTeamId"));
        assert!(!chosen_tenant("org_id") && !chosen_tenant("current_theme"));
    }
}
