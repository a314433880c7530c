//! The statement statistics keep the evidence of who read what: an audit may
//! not push it out.

use super::{audit, lab};
use crate::support::lab::Lab;
use std::collections::BTreeSet;

/// Rows that a whole audit may add, however many relations, roles, policies
/// and principals there are.
const ROWS: usize = 12;

/// Every row of this database by role, id and text, the question's own aside.
fn counted(lab: &Lab) -> BTreeSet<String> {
    let sql = "select concat_ws(' ', pg_get_userbyid(s.userid), s.queryid, s.query) /* counted */
                 from pg_stat_statements s join pg_database d on d.oid = s.dbid
                where d.datname = current_database() and s.query !~ 'counted'";
    let rows = lab.exec_blocking(sql).into_iter();
    rows.filter_map(|row| row.into_iter().next().flatten())
        .collect()
}

#[test]
fn a_whole_audit_adds_a_dozen_rows_at_most_to_the_statement_statistics() {
    let lab = lab(&[]);
    let before = counted(&lab);
    audit(&lab);
    let after = counted(&lab);
    let added: Vec<&String> = after.difference(&before).collect();
    assert!(!added.is_empty(), "nothing was counted");
    assert!(added.len() <= ROWS, "{}: {added:#?}", added.len());
    // What differs from one audit to the next would fill them in the end.
    audit(&lab);
    let again = counted(&lab);
    let more: Vec<&String> = again.difference(&after).collect();
    assert!(more.is_empty(), "{more:#?}");
}
