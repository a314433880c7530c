//! Fills a database with a lab: roles, schema, look-alikes, rows and one leak,
//! then what was read before the incident.
//!
//! All but the reads is one transaction, so a database either holds a whole
//! lab or is as it was.

use super::error::LabError;
use super::shapes::Shape;
use super::traffic;
use tokio_postgres::Client;

const ROLES: &str = include_str!("sql/roles.sql");
const SCHEMA: &str = include_str!("sql/schema.sql");
const LOOKALIKES: &str = include_str!("sql/lookalikes.sql");
const DATA: &str = include_str!("sql/data.sql");
const FINISH: &str = include_str!("sql/finish.sql");

/// Objects of any schema that are neither the system's nor an extension's.
const OCCUPIED: &str = "
    select count(*) from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
      and not exists (select from pg_catalog.pg_depend d
                      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        and d.objid = c.oid and d.deptype = 'e')";

/// Fills an empty database. The connection must be a superuser's.
///
/// # Errors
/// When the database holds anything, or the login cannot create roles; then
/// nothing was changed.
pub async fn fill(client: &Client, seed: u64, shape: &Shape) -> Result<(), LabError> {
    let occupied: i64 = client.query_one(OCCUPIED, &[]).await?.get(0);
    if occupied > 0 {
        return Err(LabError::UnfitTarget(format!(
            "the database is not empty: it holds {occupied} tables, views or sequences"
        )));
    }
    let superuser: bool = client
        .query_one(
            "select rolsuper from pg_catalog.pg_roles where rolname = current_user",
            &[],
        )
        .await?
        .get(0);
    if !superuser {
        return Err(LabError::UnfitTarget(
            "the login is not a superuser, which the lab's roles need".to_owned(),
        ));
    }
    let plant = format!("set local role supabase_admin;\n{}\nreset role;", shape.sql);
    let whole = [
        "begin; set local search_path = public;",
        // The server's type for it is signed; the bits are the same.
        &format!("set local lab.seed = '{}';", seed.cast_signed()),
        ROLES,
        SCHEMA,
        LOOKALIKES,
        DATA,
        &plant,
        "commit;",
    ]
    .join("\n");
    if let Err(error) = client.batch_execute(&whole).await {
        // The transaction is void; saying so cannot make it worse.
        let _ = client.batch_execute("rollback").await;
        return Err(error.into());
    }
    let people = traffic::people(client).await?;
    client.batch_execute(FINISH).await?;
    traffic::play(client, seed, shape, &people).await
}
