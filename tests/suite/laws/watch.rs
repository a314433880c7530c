//! The statistics are watched while their screen is shown, and no longer: the
//! start is on disk before the first look, a look that saw nothing new leaves
//! no line, one look is under way at a time.

use super::small;
use crate::support::desk::Desk;
use chrono::TimeDelta;
use firsthour::app::effect::Effect;
use firsthour::app::key::Key;
use firsthour::app::message::Message;
use firsthour::app::update::update;
use firsthour::domain::failure::Failure;
use firsthour::domain::reading::{Count, Doing, Live, Read};
use firsthour::domain::stance::{Mode, Stance};
use firsthour::domain::watch::{Counted, Glance};
use firsthour::plain;

fn counted(calls: u64, rows: u64) -> Counted {
    Counted {
        read: Read {
            relation: "public.customers".into(),
            through: String::new(),
            role: "anon".into(),
            calls,
            rows,
            count: Count::OnAverage,
            wide: false,
            tenants: None,
            statement: "select * from public.customers".into(),
            id: "q1".into(),
            since: None,
        },
        wide_from: 1_000,
    }
}

fn glance(calls: u64, rows: u64) -> Glance {
    Glance {
        counted: vec![counted(calls, rows)],
        whole: true,
        ..Glance::default()
    }
}

/// The looks asked for so far.
fn looks(desk: &Desk) -> Vec<u64> {
    let asked = desk.effects.iter().filter_map(|effect| match effect {
        Effect::Look { watch } => Some(*watch),
        _ => None,
    });
    asked.collect()
}

fn answer(desk: &mut Desk, seen: Result<Glance, Failure>) {
    let watch = *looks(desk).last().expect("a look");
    desk.send(Message::Looked {
        watch,
        seen: seen.map(Box::new),
    });
}

/// Lets so much time pass that any look is due.
fn later(desk: &mut Desk) {
    let now = desk.disk.now() + TimeDelta::seconds(600);
    desk.effects
        .extend(update(&mut desk.model, now, Message::Tick));
}

fn timed_out() -> Failure {
    Failure::new("no look", "timed out after 5 s", "wait")
}

fn last(desk: &Desk) -> String {
    desk.kinds().last().cloned().unwrap_or_default()
}

#[test]
fn a_watch_begins_on_disk_looks_one_at_a_time_and_ends_with_the_screen() {
    let mut desk = Desk::open(small(), Mode::Live);
    desk.keys(&[Key::Char('8')]);
    assert_eq!(last(&desk), "watch.start");
    assert_eq!(looks(&desk).len(), 1);
    later(&mut desk);
    later(&mut desk);
    assert_eq!(looks(&desk).len(), 1, "the first was not answered yet");
    answer(&mut desk, Ok(glance(400, 4_000)));
    for _ in 0..20 {
        later(&mut desk);
        answer(&mut desk, Ok(glance(410, 4_100)));
    }
    assert_eq!(looks(&desk).len(), 21);
    assert_eq!(last(&desk), "watch.start", "narrow reads are no news");
    desk.keys(&[Key::Char('1')]);
    assert_eq!(last(&desk), "watch.end");
    assert!(desk.effects.contains(&Effect::EndWatch));
    later(&mut desk);
    assert_eq!(looks(&desk).len(), 21, "nobody watches any more");
    let watches = &desk.model.incident().unwrap().watches;
    let (_, ended) = watches[0].ended.as_ref().unwrap();
    assert_eq!((ended.looks, ended.failed), (21, 0));
    assert_eq!(
        (ended.seen.grown[0].calls, ended.seen.grown[0].rows),
        (10, 100)
    );
    desk.assert_resume_is_equal();
}

#[test]
fn a_wide_read_goes_into_the_record_when_it_is_seen_and_not_at_every_look() {
    let mut desk = Desk::open(small(), Mode::Drill);
    desk.keys(&[Key::Char('8')]);
    answer(&mut desk, Ok(glance(1, 2_000)));
    later(&mut desk);
    answer(&mut desk, Ok(glance(2, 8_000)));
    assert_eq!(last(&desk), "watch.seen");
    let page = plain::page(&desk.model).join("\n");
    assert!(
        page.contains("WIDE anon read public.customers: +6,000 rows in 1 call"),
        "{page}"
    );
    let before = desk.kinds().len();
    for n in 3..8 {
        later(&mut desk);
        answer(&mut desk, Ok(glance(n, 8_000 + n)));
    }
    assert_eq!(desk.kinds().len(), before);
    let reads = &desk.model.incident().unwrap().reads;
    assert!(reads.read[0].wide && reads.read[0].rows == 8_000);
    desk.assert_resume_is_equal();
}

#[test]
fn who_sends_rows_now_is_recorded_once() {
    let mut desk = Desk::open(small(), Mode::Live);
    desk.keys(&[Key::Char('8')]);
    for rows in [1_000, 41_000] {
        let mut seen = glance(1, 1);
        seen.live.push(Live {
            login: "app".into(),
            application: "psql".into(),
            address: "10.0.0.9".into(),
            pid: 812,
            doing: Doing::Copying,
            relations: vec!["public.customers".into()],
            rows: Some(rows),
            seconds: 4,
            statement: "copy public.customers to stdout".into(),
        });
        answer(&mut desk, Ok(seen));
        later(&mut desk);
    }
    assert_eq!(
        desk.kinds()
            .iter()
            .filter(|kind| *kind == "watch.seen")
            .count(),
        1
    );
    let page = plain::page(&desk.model).join("\n");
    assert!(
        page.contains("app copying out public.customers, 41,000 rows so far")
            && page.contains("(+40,000 rows since the last look)"),
        "{page}"
    );
}

#[test]
fn a_look_that_is_not_answered_is_told_and_the_next_one_waits() {
    let mut desk = Desk::open(small(), Mode::Live);
    desk.keys(&[Key::Char('8')]);
    answer(&mut desk, Err(timed_out()));
    let soon = desk.model.now + TimeDelta::seconds(3);
    desk.effects
        .extend(update(&mut desk.model, soon, Message::Tick));
    assert_eq!(looks(&desk).len(), 1, "it backs off");
    let page = plain::page(&desk.model).join("\n");
    assert!(
        page.contains("no look was answered yet: timed out after 5 s; again in"),
        "{page}"
    );
    desk.keys(&[Key::Char('r')]);
    assert_eq!(looks(&desk).len(), 2, "a person may ask at once");
    answer(&mut desk, Err(timed_out()));
    desk.keys(&[Key::Char('1')]);
    let ended = desk.disk.entries.last().unwrap().sum.clone();
    assert!(
        ended.contains("0 looks, 2 not answered; nothing is known"),
        "{ended}"
    );
}

#[test]
fn no_watch_without_its_first_line_and_none_for_reading_only() {
    let mut desk = Desk::open(small(), Mode::Live);
    desk.broken = Some(timed_out());
    desk.keys(&[Key::Char('8')]);
    later(&mut desk);
    assert!(looks(&desk).is_empty() && desk.model.watch.is_none());
    let mut desk = Desk::open(small(), Mode::Live);
    desk.model.stance = Stance::ReadOnly;
    desk.keys(&[Key::Char('8')]);
    later(&mut desk);
    assert!(looks(&desk).is_empty() && desk.model.watch.is_none());
}

#[test]
fn an_answer_to_an_earlier_watch_is_nobodys() {
    let mut desk = Desk::open(small(), Mode::Live);
    desk.keys(&[Key::Char('8')]);
    let early = looks(&desk)[0];
    desk.keys(&[Key::Char('1'), Key::Char('8')]);
    desk.send(Message::Looked {
        watch: early,
        seen: Ok(Box::new(glance(1, 9_000))),
    });
    assert!(
        desk.model.watch.as_ref().unwrap().asking(),
        "its own is still awaited"
    );
}

#[test]
fn leaving_the_program_ends_the_watch_on_disk_first() {
    let mut desk = Desk::open(small(), Mode::Live);
    desk.keys(&[Key::Char('8')]);
    let now = desk.disk.now();
    let effects = update(&mut desk.model, now, Message::Key(Key::Char('q')));
    assert_eq!(effects.last(), Some(&Effect::Quit));
    assert!(matches!(effects[1], Effect::Append(_)), "{effects:?}");
}
