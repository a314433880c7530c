//! Who read, as the logs tell: not looked at, while a scan runs, with its
//! answer, and one finding with its trail.

use super::{list, on};
use crate::support::model::{Record, check_done, finding, raise, start};
use crate::support::records::found;
use chrono::Duration;
use firsthour::app::model::Model;
use firsthour::app::screen::{LinesSeen, ListView, Screen};
use firsthour::domain::check::Gap;
use firsthour::domain::failure::Failure;
use firsthour::domain::finding::{
    Confidence, Evidence, Finding, PART, RootCause, Severity, Subject, SubjectKind,
};
use firsthour::domain::lines::{LogLine, LogLines};
use firsthour::domain::picture::{Bar, LogPicture};
use firsthour::domain::trail::{LogPlace, Trail};

/// The scenes with their names.
pub fn all() -> Vec<(&'static str, Model)> {
    let filtered = ListView {
        filter: "nothing like it".into(),
        ..ListView::default()
    };
    let mut scanning = on(&found(), Screen::Logs(list(0)));
    scanning.logs = Some(picture(false));
    let mut told = on(&answered(), Screen::Logs(list(1)));
    told.logs = Some(picture(true));
    let trail = Screen::Finding {
        key: trails()[0].key(),
        scroll: 0,
    };
    let lines = |seen| {
        let trail = trails().remove(0);
        let places = trail.trail.as_ref().unwrap().places.clone();
        on(
            &answered(),
            Screen::Lines {
                key: trail.key(),
                at: 1,
                scroll: 0,
                place: places[1].clone(),
                seen,
            },
        )
    };
    vec![
        ("logs_resumed", on(&answered(), Screen::Logs(list(0)))),
        ("lines_asked", lines(LinesSeen::Asked)),
        ("lines", lines(LinesSeen::Read(Box::new(read(4_096))))),
        ("lines_gone", lines(LinesSeen::Failed(gone()))),
        ("logs_not_looked", on(&found(), Screen::Logs(list(0)))),
        ("logs_scanning", scanning),
        ("logs", told),
        ("logs_filtered", on(&answered(), Screen::Logs(filtered))),
        ("finding_trail", on(&answered(), trail)),
    ]
}

fn answered() -> Record {
    let mut record = found();
    let trails = trails();
    raise(&mut record, "t2.logs", "logs.reads", &trails);
    let gaps = [Gap::new("/srv/logs/app.log", "5 records could not be read")];
    record.at("t2.logs", check_done("logs.reads", 90_210, &gaps, &trails));
    record
}

/// Lines of a drain, one of them long, in a file that was written to since.
fn read(offset: u64) -> LogLines {
    let line = |n: u64, text: String| LogLine {
        offset: offset - 2 * 300 + n * 300,
        text,
        here: n == 2,
    };
    let request = |n: u64| {
        format!(
            r#"{{"id":"log_{n}","timestamp":1773129602{n}23,"source":"lambda","proxy":{{"method":"GET","path":"/api/customers/{n}","statusCode":200,"clientIp":"203.0.113.9"}},"message":"user=u_4711 mail=.."}}"#
        )
    };
    let mut lines: Vec<LogLine> = (0..9).map(|n| line(n, request(n))).collect();
    lines[4].text = format!("{} ", "long".repeat(9)).repeat(40);
    LogLines {
        place: LogPlace::new("/srv/logs/vercel.ndjson", offset),
        lines,
        notes: vec![
            "The file was written to at 2026-11-23 05:12:00 UTC, after this was found.".into(),
        ],
    }
}

fn gone() -> Failure {
    Failure::new(
        "the lines at /srv/logs/vercel.ndjson:4096 can't be shown",
        "there is no such file where the logs are",
        "logs move on: look where the file was moved to, such as a name ending in .1 or .gz, and \
         scan that again",
    )
}

fn trails() -> Vec<Finding> {
    let person = left(
        finding(
            "logs.R1",
            "u_4711",
            Severity::Critical,
            Confidence::Confirmed,
        ),
        (
            "user",
            "user u_4711 read 1,203 objects of 41 foreign tenants",
        ),
        (41, 1_203, 33_012, 41_200_000),
        (3, 239),
    );
    let route = left(
        finding(
            "logs.R4",
            "GET /api/customers",
            Severity::High,
            Confidence::Suspected,
        ),
        (
            "nobody",
            "3 principals got far more from this route than before",
        ),
        (0, 0, 90_000, 0),
        (4, 60),
    );
    // As grave as its story, and yet after all that lead one.
    let mut part = left(
        finding(
            "logs.R2",
            "u_4711",
            Severity::Critical,
            Confidence::Confirmed,
        ),
        (
            "user",
            "user u_4711 reads 41 tenants not its own since the release",
        ),
        (41, 1_203, 33_012, 41_200_000),
        (3, 239),
    );
    part.evidence.push(Evidence::new(PART, "R1 user u_4711"));
    vec![person, part, route]
}

fn left(
    mut finding: Finding,
    (kind, title): (&str, &str),
    (tenants, objects, rows, bytes): (u64, u64, u64, u64),
    (first, last): (i64, i64),
) -> Finding {
    let person = kind == "user";
    let at = |minutes| Some(start() - Duration::hours(4) + Duration::minutes(minutes));
    let subject = if person {
        SubjectKind::Principal
    } else {
        SubjectKind::Route
    };
    finding.subject = Subject::new(subject, &finding.subject.name);
    finding.principal = person.then(|| finding.subject.name.clone());
    finding.title = title.into();
    finding.causes = vec![RootCause::R4];
    finding.hint = "End this person's sessions, then close the route.".into();
    finding.trail = Some(Box::new(Trail {
        rule: finding.check.replace("logs.", ""),
        principal_kind: kind.into(),
        tenants,
        objects,
        exact: true,
        rows,
        bytes,
        first: at(first),
        last: at(last),
        release: at(0),
        read_to: at(240),
        places: (0..8)
            .map(|n| LogPlace::new("/srv/logs/vercel.ndjson", 4_096 * n))
            .collect(),
    }));
    finding
}

fn picture(over: bool) -> LogPicture {
    let bar = |kind, name: &str, rows, objects, requests| Bar {
        kind,
        name: name.into(),
        rows,
        objects,
        requests,
    };
    let mut picture = LogPicture {
        bytes: if over { 5_000_000_000 } else { 1_200_000_000 },
        total: 5_000_000_000,
        millis: if over { 9_400 } else { 2_250 },
        first: Some(start() - Duration::hours(8)),
        last: Some(start()),
        top: vec![
            bar("user", "u_4711", 33_012, 1_203, 1_411),
            bar("api key", "sk_live_12..", 12_000, 0, 40),
            bar("database role", "authenticator", 2_500, 310, 2_500),
            bar("address", "203.0.113.9", 0, 12, 90),
        ],
        found: 2,
        over,
        ..LogPicture::default()
    };
    let refused: Vec<(i64, u64)> = (0..480)
        .map(|minute| {
            (
                minute,
                if minute < 240 {
                    1
                } else {
                    u64::from(minute % 7 == 0) * 9
                },
            )
        })
        .collect();
    picture.slices(&refused, Some(240));
    picture
}
