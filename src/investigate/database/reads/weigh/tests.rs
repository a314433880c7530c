//! What is counted, how sure it is, and what is nobody's read.

use super::*;

fn sure(text: &str, calls: u64, rows: u64) -> Option<Count> {
    let statement = Statement {
        role: "anon".to_owned(),
        id: Some("7".to_owned()),
        toplevel: None,
        calls,
        rows,
        text: Some(text.to_owned()),
        since: None,
    };
    count(&statement, &tokens(text), &Survey::default())
}

#[test]
fn only_what_sends_rows_is_a_read_and_a_packed_one_is_not_counted() {
    assert_eq!(sure("select * from t", 3, 90), Some(Count::OnAverage));
    assert_eq!(
        sure(
            "with s as (select * from t) select pg_catalog.count(x), json_agg(x) from s x",
            5,
            5
        ),
        Some(Count::Packed)
    );
    assert_eq!(
        sure("select a, array_agg(b) from t group by a", 1, 40),
        Some(Count::OnAverage)
    );
    assert_eq!(sure("select count(*) from t", 2, 2), None);
    assert_eq!(sure("copy t (a) to stdout", 1, 90), Some(Count::OnAverage));
    assert_eq!(
        sure("copy (select a from t) to stdout", 1, 90),
        Some(Count::OnAverage)
    );
    assert_eq!(sure("copy t from stdin", 1, 90), None);
    assert_eq!(sure("update t set a = $1", 1, 90), None);
    assert_eq!(
        sure("update t set a = $1 returning *", 1, 90),
        Some(Count::OnAverage)
    );
    assert_eq!(sure("refresh materialized view t", 1, 90), None);
}

#[test]
fn a_fetch_is_its_cursors_query() {
    assert_eq!(cursor_of(&tokens("fetch 100 from c")), Some("c"));
    assert_eq!(cursor_of(&tokens("FETCH NEXT c;")), Some("c"));
    assert_eq!(cursor_of(&tokens("select c")), None);
}

fn counted(id: Option<&str>, calls: u64, rows: u64) -> Counted {
    let statement = Statement {
        role: "anon".to_owned(),
        id: id.map(str::to_owned),
        toplevel: None,
        calls,
        rows,
        text: None,
        since: None,
    };
    read(&statement, ("", ""), Count::OnAverage, (None, None))
}

#[test]
fn statements_without_an_id_are_one_sum() {
    let all = [(None, 1, 50_000), (None, 900, 20), (Some("7"), 2, 2)];
    let all = all.map(|(id, calls, rows)| counted(id, calls, rows));
    let sums = summed(all.into_iter());
    let told: Vec<_> = sums.iter().map(|c| (c.read.calls, c.read.rows)).collect();
    assert_eq!(told, [(901, 50_020), (2, 2)]);
    assert_eq!(sums[0].read.count, Count::OnAverage);
}

#[test]
fn a_mark_does_not_hide_what_sent_many_rows() {
    let marked = |calls, rows| Statement {
        role: "anon".to_owned(),
        id: Some("7".to_owned()),
        toplevel: None,
        calls,
        rows,
        text: Some("select /* firsthour */ * from t".to_owned()),
        since: None,
    };
    assert!(own(&marked(3, 3)));
    assert!(!own(&marked(1, 40_000)));
}
