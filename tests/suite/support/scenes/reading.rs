//! Who could read and who did: not looked at, looked at, narrowed, watched
//! while somebody reads, watched in vain, and one line in full.

use super::{list, on};
use crate::support::records::{failure, found, read, reads};
use chrono::Duration;
use firsthour::app::model::Model;
use firsthour::app::screen::{ListView, Screen};
use firsthour::app::watch::Watch;
use firsthour::domain::reading::{Doing, Live};
use firsthour::domain::watch::{Counted, Glance};

/// The scenes with their names.
pub fn all() -> Vec<(&'static str, Model)> {
    let filtered = ListView {
        filter: "could".into(),
        ..ListView::default()
    };
    let mut page = watched();
    page.screen = Screen::Read {
        relation: "public.customers".into(),
        role: "authenticated".into(),
        scroll: 0,
    };
    vec![
        ("reads_not_looked", on(&found(), Screen::Reads(list(0)))),
        ("reads", on(&read(), Screen::Reads(list(0)))),
        ("reads_filtered", on(&read(), Screen::Reads(filtered))),
        ("reads_watched", watched()),
        ("reads_watch_fails", in_vain()),
        ("read", page),
    ]
}

/// What a look sees when so much was sent on top of what is recorded.
fn glance(calls: u64, rows: u64, copied: u64) -> Glance {
    let counted = reads().read.into_iter().map(|mut read| {
        if read.wide {
            read.calls += calls;
            read.rows += rows;
        } else {
            read.calls += calls.min(1);
            read.rows += calls.min(1) * 8;
        }
        Counted {
            read,
            wide_from: 1_000,
        }
    });
    Glance {
        counted: counted.collect(),
        live: vec![Live {
            login: "backup".into(),
            application: "pg_dump".into(),
            address: "10.0.0.9".into(),
            pid: 4_021,
            doing: Doing::Copying,
            relations: vec!["public.invoices".into()],
            rows: Some(copied),
            seconds: 8,
            statement: "COPY public.invoices (id, number) TO stdout".into(),
        }],
        whole: true,
        off: Vec::new(),
    }
}

fn watched() -> Model {
    let mut model = on(&read(), Screen::Reads(list(0)));
    let mut watch = Watch::new(1, model.now - Duration::seconds(42));
    watch.begun = true;
    let looks = [(41, glance(0, 0, 1_000)), (2, glance(3, 3_720, 41_000))];
    for (ago, seen) in looks {
        let at = model.now - Duration::seconds(ago);
        watch.ask(at);
        watch.answered(at, Ok(seen));
    }
    model.watch = Some(watch);
    model
}

fn in_vain() -> Model {
    let mut model = watched();
    if let Some(watch) = &mut model.watch {
        let at = model.now - Duration::seconds(1);
        watch.ask(at);
        watch.answered(at, Err(failure()));
    }
    model
}
