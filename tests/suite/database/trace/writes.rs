//! An audit writes nothing: no row, no catalog, no transaction id, no file.

use super::super::check_at;
use super::{LIMIT, audit, done, lab};
use crate::support::lab::{Lab, block_on, rows};
use crate::support::proxy::watch;

/// All that would show a write. A catalog's rows are told by `xmin`, which a
/// vacuum in between leaves alone; the number of the next transaction says
/// that none was given out.
const STATE: &str = "select 'next transaction', pg_snapshot_xmax(pg_current_snapshot())::text
    union all select 'rows written', (select concat_ws(' ', sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del)) from pg_stat_all_tables)
    union all select 'in the database', (select concat_ws(' ', tup_inserted, tup_updated, tup_deleted, temp_files, temp_bytes)
                                           from pg_stat_database where datname = current_database())
    union all select 'pg_class', (select md5(string_agg(oid || ' ' || xmin, ',' order by oid)) from pg_class)
    union all select 'pg_policy', (select md5(string_agg(oid || ' ' || xmin, ',' order by oid)) from pg_policy)
    union all select 'pg_proc', (select md5(string_agg(oid || ' ' || xmin, ',' order by oid)) from pg_proc)
    union all select 'pg_attribute', (select md5(string_agg(attrelid || ' ' || attnum || ' ' || xmin, ',' order by attrelid, attnum)) from pg_attribute)
    union all select 'pg_authid', (select md5(string_agg(oid || ' ' || xmin, ',' order by oid)) from pg_authid)
    union all select 'pg_db_role_setting', (select count(*)::text from pg_db_role_setting)
    union all select 'temporary', (select count(*)::text from pg_class where relpersistence = 't')
    union all select 'large objects', (select count(*)::text from pg_largeobject_metadata)
    union all select 'prepared', (select count(*)::text from pg_prepared_xacts)";

/// Once nobody else is connected: counters are told when a process ends.
fn state(lab: &Lab) -> Vec<Vec<Option<String>>> {
    block_on(async {
        let client = lab.connect("postgres").await;
        let others = "select 1 from pg_stat_activity where backend_type in ('client backend', 'parallel worker') \
                      and pid <> pg_backend_pid()";
        let alone = async { while !rows(&client, others).await.is_empty() {} };
        tokio::time::timeout(LIMIT, alone)
            .await
            .expect("an end of the audit");
        rows(&client, STATE).await
    })
}

#[test]
fn an_audit_writes_no_row_no_catalog_and_no_file() {
    let lab = lab(&["autovacuum=off"]);
    let before = state(&lab);
    audit(&lab);
    assert_eq!(state(&lab), before);
}

#[test]
fn no_transaction_of_an_audit_has_a_number() {
    let lab = lab(&[]);
    let sql =
        "select coalesce(backend_xid::text, 'none'), state from pg_stat_activity where pid = {pid}";
    let witness = watch(&lab, sql);
    done(&check_at(&witness.url(&lab, "postgres")));
    let seen = witness.seen();
    let open = seen
        .iter()
        .filter(|row| row[1].as_deref() == Some("idle in transaction"));
    assert!(open.count() > 60, "{}", seen.len());
    assert!(
        seen.iter().all(|row| row[0].as_deref() == Some("none")),
        "{seen:?}"
    );
}
