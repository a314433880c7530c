//! The join, by example and by law: nothing seen is lost or softened.

use super::*;
use crate::domain::exposure::ColumnClass;
use crate::domain::finding::SubjectKind;
use crate::domain::reading::{Count, Horizon};
use proptest::prelude::*;

const PRINCIPALS: [(&str, &str); 5] = [
    ("anonymous", "anon"),
    ("ghost", "authenticated"),
    ("member A", "authenticated"),
    ("service role", "service_role"),
    ("report_login", ""),
];

const VERDICTS: [Verdict; 6] = [
    Verdict::None,
    Verdict::Own,
    Verdict::Undecided,
    Verdict::Would,
    Verdict::Foreign,
    Verdict::All,
];

fn cell(relation: &str, principal: &str, verdict: Verdict) -> Cell {
    Cell {
        relation: relation.to_owned(),
        principal: principal.to_owned(),
        verdict,
        rows: Some(40),
        bounded: false,
        basis: String::new(),
    }
}

fn read(relation: &str, role: &str, rows: u64, wide: bool) -> Read {
    Read {
        relation: relation.to_owned(),
        through: String::new(),
        role: role.to_owned(),
        calls: 1,
        rows,
        count: Count::Certain,
        wide,
        tenants: None,
        statement: "select * from t".to_owned(),
        id: format!("{rows} {wide}"),
        since: None,
    }
}

fn incident(cells: Vec<Cell>, reads: Vec<Read>, scans: &[(&str, u64)]) -> Incident {
    let mut incident = Incident::default();
    incident.by_design.insert("service role".to_owned());
    for cell in cells {
        let row = incident.cells.entry(cell.relation.clone()).or_default();
        row.insert(cell.principal.clone(), cell);
    }
    incident.reads.read = reads;
    incident.reads.horizon = Some(Horizon::default());
    for (relation, rows) in scans {
        incident.reads.scans.push(Scan {
            relation: (*relation).to_owned(),
            rows: *rows,
            last: None,
        });
    }
    for (principal, role) in PRINCIPALS.iter().filter(|(_, role)| !role.is_empty()) {
        let roles = &mut incident.reads.roles;
        roles.insert((*principal).to_owned(), (*role).to_owned());
    }
    incident
}

fn line<'a>(lines: &'a [Blast<'_>], relation: &str, role: &str) -> &'a Blast<'a> {
    let mut found = lines
        .iter()
        .filter(|line| line.relation == relation && line.role == role);
    let one = found.next().expect("there is such a line");
    assert!(found.next().is_none(), "one line a relation and role");
    one
}

fn told(incident: &Incident, relation: &str, role: &str) -> (Sign, Urgency) {
    let lines = incident.blast();
    let line = line(&lines, relation, role);
    (line.sign, line.urgency)
}

#[test]
fn what_was_read_by_who_must_not_comes_first_and_a_counter_accuses_nobody() {
    let incident = incident(
        vec![
            cell("t.customers", "ghost", Verdict::Foreign),
            cell("t.customers", "member A", Verdict::Own),
            cell("t.customers", "service role", Verdict::All),
            cell("t.open", "anonymous", Verdict::All),
            cell("t.dark", "anonymous", Verdict::Undecided),
            cell("t.shut", "anonymous", Verdict::None),
        ],
        vec![
            read("t.customers", "service_role", 90_000, true),
            read("t.customers", "authenticated", 160, true),
            read("t.customers", "nightly", 500, true),
        ],
        &[("t.old", 160), ("t.idle", 0), ("t.customers", 99)],
    );
    let lines = incident.blast();
    let shown: Vec<(&str, &str, Sign, Urgency)> = lines
        .iter()
        .map(|line| (line.relation, line.role, line.sign, line.urgency))
        .collect();
    assert_eq!(
        shown,
        [
            (
                "t.customers",
                "authenticated",
                Sign::Read,
                Urgency::Forbidden
            ),
            ("t.customers", "nightly", Sign::Read, Urgency::Unexplained),
            ("t.open", "anon", Sign::CouldRead, Urgency::Open),
            ("t.customers", "service_role", Sign::Read, Urgency::Used),
            ("t.dark", "anon", Sign::NoSign, Urgency::Undecided),
            ("t.old", "", Sign::Scanned, Urgency::Known),
            ("t.shut", "anon", Sign::NoSign, Urgency::Quiet),
        ]
    );
    assert_eq!(lines[0].principals, ["ghost", "member A"]);
    assert_eq!(
        lines[0].could.map(|cell| cell.verdict),
        Some(Verdict::Foreign)
    );
    assert_eq!(lines[0].scan.map(|scan| scan.rows), Some(99));
}

#[test]
fn rows_sent_where_nothing_is_readable_now_still_count() {
    let shut = vec![cell("t.a", "anonymous", Verdict::None)];
    let sent = vec![read("t.a", "anon", 3, false)];
    let contained = incident(shut, sent.clone(), &[]);
    let told_then = told(&contained, "t.a", "anon");
    assert_eq!(told_then, (Sign::Read, Urgency::Forbidden));
    let own = incident(vec![cell("t.a", "anonymous", Verdict::Own)], sent, &[]);
    assert_eq!(told(&own, "t.a", "anon"), (Sign::Read, Urgency::Used));
}

#[test]
fn everybody_may_read_a_price_list() {
    let cells = vec![cell("t.plans", "anonymous", Verdict::All)];
    let reads = vec![read("t.plans", "anon", 4_000, true)];
    let mut incident = incident(cells, reads, &[]);
    assert_eq!(told(&incident, "t.plans", "anon").1, Urgency::Forbidden);
    let shape = |classes| RelationShape {
        name: "t.plans".to_owned(),
        kind: SubjectKind::Table,
        rows: None,
        tenant_column: None,
        classes,
    };
    let relations = &mut incident.relations;
    relations.insert("t.plans".to_owned(), shape(vec![]));
    assert_eq!(told(&incident, "t.plans", "anon").1, Urgency::Used);
    let relations = &mut incident.relations;
    relations.insert("t.plans".to_owned(), shape(vec![ColumnClass::Email]));
    assert_eq!(told(&incident, "t.plans", "anon").1, Urgency::Forbidden);
}

#[test]
fn without_a_look_nothing_is_said_to_show_no_sign() {
    let mut incident = incident(vec![cell("t.a", "anonymous", Verdict::None)], vec![], &[]);
    assert_eq!(told(&incident, "t.a", "anon").0, Sign::NoSign);
    incident.reads.horizon = None;
    assert_eq!(told(&incident, "t.a", "anon").0, Sign::NotLooked);
}

#[test]
fn the_wide_read_stands_before_the_packed_one_and_every_door_is_named() {
    let mut packed = read("t.a", "anon", 2, false);
    packed.count = Count::Packed;
    packed.through = "t.search".to_owned();
    let reads = vec![packed, read("t.a", "anon", 160, true)];
    let incident = incident(vec![], reads, &[]);
    let lines = incident.blast();
    let line = line(&lines, "t.a", "anon");
    assert_eq!(line.rows(), 162);
    assert!(line.wide());
    assert_eq!(line.doors().into_iter().collect::<Vec<_>>(), ["t.search"]);
    assert!(line.reads[0].wide, "the wide one first");
}

fn cells() -> impl Strategy<Value = Vec<Cell>> {
    let one = (0..3_usize, 0..PRINCIPALS.len(), 0..VERDICTS.len())
        .prop_map(|(r, p, v)| cell(["t.a", "t.b", "t.c"][r], PRINCIPALS[p].0, VERDICTS[v]));
    prop::collection::vec(one, 0..12)
}

fn reads() -> impl Strategy<Value = Vec<Read>> {
    let one = (0..4_usize, 0..4_usize, 0..500_u64, any::<bool>());
    let one = one.prop_map(|(r, p, rows, wide)| {
        let role = ["anon", "authenticated", "service_role", "nightly"][p];
        read(["t.a", "t.b", "t.c", ""][r], role, rows, wide)
    });
    prop::collection::vec(one, 0..12)
}

proptest! {
    #[test]
    fn nothing_seen_is_lost_and_nothing_is_softened(cells in cells(), reads in reads(), scanned in 0..3_u64) {
        let incident = incident(cells, reads, &[("t.a", scanned)]);
        let lines = incident.blast();
        prop_assert!(lines.is_sorted_by_key(|line| line.urgency));
        let sent: u64 = incident.reads.read.iter().map(|read| read.rows).sum();
        prop_assert_eq!(lines.iter().map(Blast::rows).sum::<u64>(), sent);
        for known in incident.cells.values().flat_map(BTreeMap::values) {
            let role = incident.role_of(&known.principal);
            let line = line(&lines, &known.relation, role);
            prop_assert!(line.principals.contains(&known.principal.as_str()));
            let could = line.could.map(|cell| cell.verdict);
            if incident.leaks(known) {
                prop_assert!(line.urgency <= Urgency::Open && line.sign <= Sign::CouldRead);
                prop_assert!(could.is_some_and(Verdict::leaks));
            }
            if known.verdict == Verdict::Undecided {
                prop_assert!(line.urgency <= Urgency::Undecided);
            }
        }
        for line in &lines {
            prop_assert_eq!(line.sign == Sign::Read, !line.reads.is_empty());
            if line.sign == Sign::Scanned {
                prop_assert!(line.role.is_empty() && scanned > 0);
            }
        }
    }
}
