//! What is known besides the logs: `users.csv`, `customers.csv`,
//! `routes.json`.

use super::routes::ROUTES;
use super::stream::Corpus;
use std::io::{Result, Write};

/// Every account; one column more than a check reads.
pub fn users(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "id,uuid,email,name,role,org_id,assigned_orgs,status")?;
    let orgs = &corpus.model.orgs;
    for (at, user) in corpus.model.users.iter().enumerate() {
        let assigned: Vec<&str> = user.assigned.iter().map(|at| orgs[*at].as_str()).collect();
        writeln!(
            out,
            "{},{},{},\"Person, {at}\",{},{},{},{}",
            user.id,
            user.uuid,
            user.email,
            user.role.word(),
            orgs[user.org],
            assigned.join(";"),
            user.status
        )?;
    }
    Ok(())
}

/// Every customer and whose it is.
pub fn customers(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "customer_id,org_id,name")?;
    for (at, customer) in corpus.model.customers.iter().enumerate() {
        writeln!(
            out,
            "{},{},Customer {at}",
            customer.id, corpus.model.orgs[customer.org]
        )?;
    }
    Ok(())
}

/// Every route as the app declares it.
pub fn routes(out: &mut dyn Write) -> Result<()> {
    let rows: Vec<serde_json::Value> = ROUTES
        .iter()
        .filter(|route| !route.template.is_empty())
        .map(|route| {
            let mut row = serde_json::json!({
                "route": route.template,
                "method": route.method,
                "kind": route.kind,
                "private": route.private,
            });
            if !route.roles.is_empty() {
                row["roles"] = serde_json::json!(route.roles);
            }
            row
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &rows)?;
    out.write_all(b"\n")
}
