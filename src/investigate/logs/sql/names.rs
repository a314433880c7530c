//! What names of tables, columns and functions mean. A leaf.

/// Tenant columns, in small letters and without `_`.
const TENANTS: [&str; 8] = [
    "orgid",
    "tenantid",
    "organizationid",
    "organisationid",
    "workspaceid",
    "accountid",
    "companyid",
    "teamid",
];

/// A column's name in small letters and without `_`: `orgId` is `org_id`.
pub fn folded(column: &str) -> String {
    column
        .chars()
        .filter(|letter| *letter != '_')
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// Whether a column says whose data a row is.
pub fn is_tenant(column: &str) -> bool {
    TENANTS.contains(&folded(column).as_str())
}

/// Whether a schema or table belongs to the database itself.
pub fn is_catalog(schema: &str, table: &str) -> bool {
    matches!(schema, "pg_catalog" | "information_schema" | "pg_toast")
        || (schema.is_empty() && table.starts_with("pg_"))
}

/// The singular of an English plural, folded: `companies` is `company`.
pub fn singular(table: &str) -> String {
    let table = folded(table);
    if let Some(stem) = table.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if table.ends_with(ending) {
            return table[..table.len() - 2].to_owned();
        }
    }
    match table.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') => stem.to_owned(),
        _ => table,
    }
}

/// Whether the column is the key of the table: `id`, `uuid`, `customer_id`
/// of `customers`.
pub fn is_key(column: &str, table: &str) -> bool {
    let column = folded(column);
    matches!(column.as_str(), "id" | "uuid" | "guid")
        || column
            .strip_suffix("id")
            .or_else(|| column.strip_suffix("uuid"))
            .is_some_and(|stem| {
                !stem.is_empty() && (stem == singular(table) || stem == folded(table))
            })
}

/// Functions that read no rows of the app.
pub fn is_harmless(function: &str) -> bool {
    const KNOWN: [&str; 24] = [
        "set_config",
        "current_setting",
        "current_schema",
        "current_database",
        "current_user",
        "session_user",
        "user",
        "version",
        "now",
        "clock_timestamp",
        "current_timestamp",
        "current_date",
        "localtimestamp",
        "count",
        "coalesce",
        "nullif",
        "to_json",
        "to_jsonb",
        "nextval",
        "currval",
        "lastval",
        "gen_random_uuid",
        "inet_server_addr",
        "txid_current",
    ];
    function.starts_with("pg_") || KNOWN.contains(&function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_tables_own() {
        assert!(is_key("id", "customers"));
        assert!(is_key("customer_id", "customers"));
        assert!(is_key("companyId", "companies"));
        assert!(is_key("address_id", "addresses"));
        assert!(!is_key("customer_id", "invoices"));
        assert!(!is_key("org_id", "customers"));
        assert!(is_tenant("orgId") && is_tenant("tenant_id") && !is_tenant("id"));
    }
}
