//! The laws of a watch.

use super::*;

fn counted(role: &str, calls: u64, rows: u64) -> Counted {
    Counted {
        read: Read {
            relation: "public.customers".into(),
            through: String::new(),
            role: role.into(),
            calls,
            rows,
            count: Count::OnAverage,
            wide: false,
            tenants: None,
            statement: "select * from public.customers".into(),
            id: "q1".into(),
            since: None,
        },
        wide_from: 100,
    }
}

fn glance(counted: Vec<Counted>) -> Glance {
    Glance {
        counted,
        whole: true,
        ..Glance::default()
    }
}

fn copying(rows: u64) -> Live {
    Live {
        login: "app".into(),
        application: "psql".into(),
        address: String::new(),
        pid: 7,
        doing: Doing::Copying,
        relations: vec!["public.customers".into()],
        rows: Some(rows),
        seconds: 3,
        statement: "copy public.customers to stdout".into(),
    }
}

#[test]
fn the_first_look_is_the_base_and_a_step_can_be_wide_where_the_mean_is_not() {
    let mut tally = Tally::default();
    tally.take(glance(vec![counted("anon", 1_000, 1_000)]));
    assert!(tally.grown().is_empty() && tally.news().is_none());
    tally.take(glance(vec![counted("anon", 1_001, 1_160)]));
    let grown = tally.grown();
    assert_eq!(
        (grown[0].0.calls, grown[0].0.rows, grown[0].1),
        (1, 160, (1, 160))
    );
    assert!(grown[0].0.wide, "160 rows in one call");
    tally.take(glance(vec![counted("anon", 1_001, 1_160)]));
    assert_eq!(tally.grown()[0].1, (0, 0));
    assert_eq!(tally.grown()[0].0.rows, 160, "what grew stays told");
}

#[test]
fn a_statement_not_seen_before_is_new_only_if_the_look_before_was_whole() {
    let mut tally = Tally::default();
    tally.take(glance(Vec::new()));
    tally.take(glance(vec![counted("anon", 2, 300)]));
    assert_eq!(tally.grown()[0].0.rows, 300);
    let mut tally = Tally::default();
    tally.take(glance(Vec::new()));
    let mut cut = glance(vec![counted("anon", 2, 300)]);
    cut.whole = false;
    tally.take(cut);
    assert!(tally.grown().is_empty());
}

#[test]
fn a_count_that_began_anew_is_new_even_when_it_is_as_high_again() {
    let mut tally = Tally::default();
    let since = |seconds| {
        let mut anew = counted("anon", 1, 160);
        anew.read.since = DateTime::from_timestamp(seconds, 0);
        glance(vec![anew])
    };
    tally.take(since(1));
    tally.take(since(1));
    assert!(tally.grown().is_empty());
    tally.take(since(2));
    assert_eq!(tally.grown()[0].1, (1, 160));
}

#[test]
fn growth_is_told_once_and_then_when_it_has_doubled() {
    let mut tally = Tally::default();
    tally.take(glance(vec![counted("anon", 1, 100)]));
    let mut told = 0;
    for n in 2..=1_000_u64 {
        tally.take(glance(vec![counted("anon", n, n * 100)]));
        told += usize::from(tally.news().is_some());
    }
    assert!((2..=11).contains(&told), "{told}");
}

#[test]
fn narrow_growth_is_no_news_and_is_in_the_whole() {
    let mut tally = Tally::default();
    tally.take(glance(vec![counted("anon", 1, 9)]));
    tally.take(glance(vec![counted("anon", 5, 40)]));
    assert!(tally.news().is_none());
    let (whole, more) = tally.whole();
    assert_eq!((whole.grown[0].rows, more), (31, 0));
}

#[test]
fn rows_copied_are_told_by_look_and_the_sender_once() {
    let mut tally = Tally::default();
    let look = |rows| Glance {
        live: vec![copying(rows)],
        ..glance(Vec::new())
    };
    tally.take(look(1_000));
    assert_eq!(tally.live()[0].moved, None);
    assert_eq!(tally.news().map(|seen| seen.live.len()), Some(1));
    tally.take(look(1_700));
    assert_eq!(tally.live()[0].moved, Some(700));
    assert!(tally.news().is_none());
    tally.take(glance(Vec::new()));
    assert!(tally.live().is_empty());
    assert_eq!(tally.whole().0.live[0].rows, Some(1_700));
}

#[test]
fn a_sentence_never_says_more_than_was_seen() {
    let mut ended = WatchEnded {
        seconds: 61,
        looks: 0,
        failed: 4,
        trouble: None,
        off: Vec::new(),
        seen: WatchSeen::default(),
        more: 0,
    };
    assert!(ended.summary().contains("nothing is known"));
    ended.looks = 20;
    assert_eq!(
        ended.summary(),
        "watched for 61 seconds: 20 looks, 4 not answered; no count grew"
    );
}

proptest::proptest! {
    /// Whatever the server does with its counters, what was seen to grow is
    /// the sum of the rises, and never shrinks.
    #[test]
    fn growth_is_the_sum_of_the_rises(counts in proptest::collection::vec(0_u64..500, 1..30)) {
        let mut tally = Tally::default();
        let mut want = 0;
        let mut last: Option<u64> = None;
        for count in counts {
            tally.take(glance(vec![counted("anon", count, count)]));
            want += match last {
                None => 0,
                Some(last) if count >= last => count - last,
                Some(_) => count,
            };
            last = Some(count);
            let rows: u64 = tally.grown().iter().map(|(growth, _)| growth.rows).sum();
            proptest::prop_assert_eq!(rows, want);
        }
    }
}

#[test]
fn a_sum_of_hidden_statements_that_fell_and_calls_without_rows_tell_nothing() {
    let hidden = |calls, rows| {
        let mut counted = counted("app", calls, rows);
        counted.read.id = HIDDEN.into();
        counted
    };
    let mut tally = Tally::default();
    tally.take(glance(vec![hidden(901, 50_020)]));
    tally.take(glance(vec![hidden(900, 20)]));
    assert!(tally.grown().is_empty(), "one of them was put out");
    tally.take(glance(vec![hidden(901, 40_020)]));
    assert!(tally.grown()[0].0.wide, "what it gained since is told");
    let mut tally = Tally::default();
    tally.take(glance(vec![counted("anon", 500, 0)]));
    tally.take(glance(vec![counted("anon", 510, 0)]));
    assert!(tally.grown().is_empty());
    tally.take(glance(vec![counted("anon", 511, 40_000)]));
    assert!(tally.grown()[0].0.wide, "one call, not all since ever");
}
