//! Reads what carries rows out without anybody reading a table. Three of the
//! sources are tables of extensions: they are read only where no policy would
//! run for it or hide rows from us, and what is left out becomes a gap.

use super::Reader;
use crate::domain::check::Gap;
use crate::investigate::database::roles::Roles;
use crate::investigate::database::snapshot::{Relation, Snapshot};
use crate::investigate::database::ways::{Kept, Publication, Ways};
use crate::providers::postgres::qualified;

impl Reader<'_> {
    /// Everything but what is in the snapshot already. `watched` are the oids
    /// of the roles to ask for, joined by commas.
    pub(super) async fn ways(&self, snapshot: &Snapshot, roles: &Roles, watched: &str) -> Ways {
        let mappings =
            include_str!("../sql/mappings.sql").replace("{ROLES}", &format!("{{{watched}}}"));
        let mut ways = Ways::default();
        tokio::join!(
            biased;
            self.part(&mut ways.mappings, mappings, "stored credentials"),
            self.part(&mut ways.publications, include_str!("../sql/publications.sql"), "publications"),
            self.part(&mut ways.slots, include_str!("../sql/slots.sql"), "replication slots"),
        );
        if snapshot.server.version >= 150_000 && !ways.publications.is_empty() {
            let sql = include_str!("../sql/publication_schemas.sql");
            let mut whole = Vec::new();
            self.part(&mut whole, sql, "published schemas").await;
            join(&mut ways.publications, whole);
        }
        let buckets = "whether public buckets of storage.buckets hold private files";
        if self.unguarded(snapshot, roles, "storage", "buckets", buckets) {
            let sql = include_str!("../sql/buckets.sql");
            self.part(&mut ways.buckets, sql, buckets).await;
        }
        let jobs = "scheduled jobs in cron.job";
        if self.unguarded(snapshot, roles, "cron", "job", jobs) {
            let sql = include_str!("../sql/jobs.sql");
            self.part(&mut ways.jobs, sql, jobs).await;
        }
        ways.kept = self.kept(snapshot).await;
        ways
    }

    /// Whether there is such a table that no policy keeps us from.
    fn unguarded(
        &self,
        snapshot: &Snapshot,
        roles: &Roles,
        schema: &str,
        name: &str,
        what: &str,
    ) -> bool {
        let mut tables = snapshot.relations.iter().filter(|r| r.is_table());
        let Some(table) = tables.find(|r| r.schema == schema && r.name == name) else {
            return false;
        };
        let bound = bound(table, roles, snapshot.server.login);
        if bound {
            let why = "its policies hide rows from this login; look as one they do not bind";
            self.note([Gap::new(what, why)]);
        }
        !bound
    }

    /// Settings left behind, by the texts of past statements.
    async fn kept(&self, snapshot: &Snapshot) -> Vec<Kept> {
        let mut views = snapshot.relations.iter().filter(|r| r.extension);
        let Some(view) = views.find(|r| r.name == "pg_stat_statements") else {
            return Vec::new();
        };
        let what = "tenants left in sessions, by the texts of past statements";
        let sql = include_str!("../sql/kept_settings.sql")
            .replace("{VIEW}", &qualified(&view.schema, &view.name));
        let mut kept = Vec::<Kept>::new();
        self.part(&mut kept, sql, what).await;
        if kept.iter().any(|kept| kept.name.is_none()) {
            let why = "texts of other roles are hidden; grant pg_read_all_stats to this login";
            self.note([Gap::new(what, why)]);
        }
        kept
    }
}

/// Whether policies of the table would be applied to the login.
fn bound(table: &Relation, roles: &Roles, login: u32) -> bool {
    let owns = !table.force && roles.has(login, table.owner);
    table.rls && !roles.skips_policies(login) && !owns
}

/// Adds the tables published by schema to those published by name.
fn join(publications: &mut [Publication], whole: Vec<Publication>) {
    for more in whole {
        if let Some(known) = publications.iter_mut().find(|p| p.name == more.name) {
            known.relations.extend(more.relations);
            known.relations.sort_unstable();
            known.relations.dedup();
        }
    }
}
