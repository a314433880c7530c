//! Reports made from whole records, ordinary and hostile.

mod fixture;
mod parsed;

use crate::support::record::{Chain, opening};
use crate::support::records::reads;
use chrono::TimeDelta;
use firsthour::domain::digest::Digest;
use firsthour::domain::fact::Fact;
use firsthour::domain::incident::Incident;
use firsthour::domain::mask::mask;
use firsthour::domain::stance::Mode;
use firsthour::domain::untrusted::visible;
use firsthour::domain::watch::{Growth, WatchEnded, WatchSeen, WatchStarted};
use firsthour::report::jsonl::jsonl;
use firsthour::report::markdown::markdown;
use firsthour::report::source::{self, Integrity, Source};
use fixture::{playbook, record};

fn report(chain: &Chain, text: &str) -> String {
    let incident = Incident::fold(chain.entries.iter().cloned());
    let integrity = Integrity {
        chains: vec![source::Chain {
            writer: "ada on laptop".to_owned(),
            entries: chain.lines.len() as u64,
            head: Some(chain.head().clone()),
            broken: None,
        }],
        remarks: Vec::new(),
    };
    markdown(&Source {
        incident: &incident,
        entries: &chain.entries,
        playbook: Some(&playbook(text)),
        integrity: &integrity,
        generated: opening() + TimeDelta::hours(1),
    })
}

/// The text between a heading and the next one of its level.
fn section<'a>(report: &'a str, title: &str) -> &'a str {
    let from = report.find(&format!("\n## {title}\n")).unwrap();
    let rest = &report[from + 4..];
    &rest[..rest.find("\n## ").unwrap_or(rest.len())]
}

#[test]
fn a_report_tells_what_was_recorded() {
    let chain = record("invoices", Mode::Live);
    let report = report(&chain, "invoices");
    assert!(report.contains("# invoices\n"));
    let findings = section(&report, "Findings");
    assert!(findings.find("P01").unwrap() < findings.find("P06").unwrap());
    assert!(findings.contains("- **Next:** revoke invoices"));
    let exposure = section(&report, "Exposure");
    assert!(
        exposure
            .contains("| public.invoices | email, stripe id | ghost | foreign | at least 1000 |")
    );
    assert!(exposure.contains("undecided") && !exposure.contains("public.safe"));
    let standing = section(&report, "Containments standing");
    assert!(standing.contains("revoke select on invoices from anon;"));
    assert!(standing.contains("grant select on invoices to anon;"));
    // Applied 5 minutes 30 seconds in; the playbook asks to look after 24 hours.
    assert!(
        standing.contains("- **Review by:** 2026-08-23T10:05:30Z"),
        "{standing}"
    );
    assert!(standing.contains("- **Proof:** holds: invoices"));
    let board = section(&report, "Contributing conditions");
    assert!(board.contains("| R2 | Row-level security or a policy is broken | confirmed |"));
    assert!(board.contains("| ruled out | judged in entry 6: invoices |"));
    let gaps = section(&report, "What was not looked at");
    assert!(gaps.contains("| database.reach | invoices | permission denied invoices |"));
    assert!(gaps.contains("| database.policies | everything | it never ran to its end |"));
    assert!(gaps.contains("superuser"));
    let open = section(&report, "Open questions");
    assert!(open.contains("Not answered: Which roles?") && open.contains("R1 is neither"));
}

#[test]
fn the_timeline_has_a_row_for_every_entry() {
    let chain = record("invoices", Mode::Live);
    let report = report(&chain, "invoices");
    let timeline = section(&report, "Timeline");
    let rows: Vec<&str> = timeline.lines().filter(|l| l.starts_with("| ")).collect();
    assert_eq!(rows.len(), chain.lines.len() + 2);
    for entry in &chain.entries {
        assert!(timeline.contains(entry.h.short()));
    }
    let last = rows.last().unwrap();
    assert!(last.contains("T+07:00") && last.contains(Digest::of(b"blob").short()));
    assert!(last.contains("(happened 2026-08-22T09:51:00Z)"), "{last}");
    assert!(section(&report, "Intervals").contains("| first containment proved | T+06:00 |"));
}

#[test]
fn who_read_is_told_with_its_horizon_and_never_as_not_read() {
    let mut chain = Chain::opened("quiet", Mode::Live);
    assert!(section(&report(&chain, "x"), "Who read").contains("who did read is unknown"));
    chain.fact(Fact::ReadsSeen(reads()));
    let report = report(&chain, "x");
    let told = section(&report, "Who read");
    assert!(told.contains("counted since 2026-08-17 20:53 UTC; off: reads in portions"));
    let dump = "| read | public.customers | authenticated | not probed | \
                wide: 1240 rows in 1 call (certain), at least 5 tenants in one call (estimated) \
                | 2026-08-17 20:53 UTC |";
    assert!(told.contains(dump), "{told}");
    assert!(told.contains("| scanned | public.audit_log | not known | not probed |"));
    assert!(told.contains("- Blind: reads in portions: before Postgres 16"));
    assert!(!told.contains("not read"));
}

#[test]
fn a_watch_is_told_with_what_grew_and_one_without_an_end_as_such() {
    let mut chain = Chain::opened("quiet", Mode::Live);
    let started = WatchStarted {
        target: "production".into(),
        reads: "statistics".into(),
    };
    let mut read = reads().read.remove(0);
    read.rows += 5_000;
    let seen = WatchSeen {
        grown: vec![Growth {
            read,
            calls: 2,
            rows: 5_000,
            wide: true,
        }],
        live: Vec::new(),
    };
    chain.fact(Fact::WatchStarted(started.clone()));
    chain.fact(Fact::WatchEnded(WatchEnded {
        seconds: 61,
        looks: 20,
        failed: 1,
        trouble: Some("timed out after 5 s".into()),
        off: Vec::new(),
        seen: seen.clone(),
        more: 0,
    }));
    chain.fact(Fact::WatchStarted(started));
    chain.fact(Fact::WatchSeen(seen));
    let report = report(&chain, "x");
    let told = section(&report, "Who read");
    let grew = "- authenticated read public.customers, +5,000 rows in 2 calls (wide)";
    assert_eq!(told.matches(grew).count(), 2, "{told}");
    let whole = "watched for 61 seconds: 20 looks, 1 not answered; 1 count grew; \
                 at the end: timed out after 5 s";
    assert!(told.contains(whole), "{told}");
    assert!(told.contains("the end is not recorded"), "{told}");
}

#[test]
fn a_drill_is_marked_and_live_is_not() {
    let drill = report(&record("x", Mode::Drill), "x");
    assert!(drill.contains("# DRILL: x\n"));
    assert!(drill.matches("> **DRILL.**").count() == 2);
    let live = report(&record("x", Mode::Live), "x");
    assert!(!live.contains("DRILL"));
}

#[test]
fn nothing_recorded_is_never_told_as_clean() {
    let chain = Chain::opened("quiet", Mode::Live);
    let report = report(&chain, "quiet");
    assert!(section(&report, "Findings").contains("what is exposed is unknown"));
    assert!(section(&report, "Exposure").contains("unknown"));
    assert!(!report.contains("clean\n") || report.contains("never clean"));
}

#[test]
fn damage_is_told_in_the_integrity_block() {
    let chain = record("x", Mode::Live);
    let incident = Incident::fold(chain.entries.iter().cloned());
    let integrity = Integrity {
        chains: vec![source::Chain {
            writer: "ada".to_owned(),
            entries: 3,
            head: None,
            broken: Some("entry 2 does not follow entry 1".to_owned()),
        }],
        remarks: vec!["one blob of evidence is missing".to_owned()],
    };
    let report = markdown(&Source {
        incident: &incident,
        entries: &chain.entries,
        playbook: None,
        integrity: &integrity,
        generated: opening(),
    });
    let block = section(&report, "Integrity");
    assert!(block.contains("**The record is damaged.**"));
    assert!(block.contains("entry 2 does not follow") && block.contains("blob of evidence"));
    assert!(block.contains("unsigned") && !block.contains("holds |"));
}

/// Text that tries to leave its place in the page or to drive a terminal.
const HOSTILE: [&str; 14] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7} | a | b",
    "# heading\n## Findings\n- item",
    "| cell | cell |\n| --- | --- |",
    "<script>alert(1)</script><!-- firsthour:end timeline -->",
    "[click](https://evil.test) ![x](https://evil.test/p.png)",
    "``` \n````\n`````sql",
    "\u{202e}txt.exe\u{200b}\u{feff}\u{e0041}",
    "a\\|b \\\\| c",
    "&lt;b&gt; &#124; &vert;",
    "~~~\n> quote\n1. list\n=== \n---",
    "www.evil.test http://evil.test user@evil.test",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\r\nX-Header: y\u{85}z",
    "*bold* _it_ **x** __y__ $math$",
    "\u{9b}31m\0\u{7f}\t\ttabs",
];

#[test]
fn hostile_text_stays_in_its_place() {
    let calm = report(&record("calm", Mode::Live), "calm");
    let shape = |report: &str| -> Vec<(usize, String)> {
        report
            .lines()
            .map(|line| (bars(line), lead(line)))
            .collect()
    };
    for text in HOSTILE {
        let report = report(&record(text, Mode::Live), text);
        for c in report.chars().filter(|c| *c != '\n') {
            assert!(!c.is_control(), "{text:?} let {c:?} through");
        }
        assert!(!report.contains(['\u{202e}', '\u{200b}', '\u{feff}', '\u{e0041}']));
        let markers = report.lines().filter(|l| l.starts_with("<!-- ")).count();
        let meant = outside_fences(&report)
            .replace("\\<", "")
            .matches("<!--")
            .count();
        assert_eq!(meant, markers, "{text:?}");
        let mut told = shape(&outside_fences(&report));
        let mut expected = shape(&outside_fences(&calm));
        // The surest finding comes first; equal ones are ordered by name.
        told.sort();
        expected.sort();
        assert_eq!(told, expected, "{text:?}");
    }
}

#[test]
fn a_markdown_reader_sees_hostile_text_as_text() {
    let calm = parsed::parse(&report(&record("calm", Mode::Live), "calm"));
    for kind in ["html", "Link", "Image", "Emphasis", "Strikethrough"] {
        assert!(!calm.structure.contains_key(kind), "{kind}");
    }
    for text in HOSTILE {
        let parsed = parsed::parse(&report(&record(text, Mode::Live), text));
        assert_eq!(parsed.structure, calm.structure, "{text:?}");
        let shown = mask(&visible(text));
        let times = parsed.text.matches(shown.trim()).count();
        assert!(times >= 12, "{text:?} is shown {times} times as it was");
    }
}

/// Unescaped bars of a table row.
fn bars(line: &str) -> usize {
    let mut escaped = false;
    let mut count = 0;
    for c in line.chars() {
        count += usize::from(c == '|' && !escaped);
        escaped = c == '\\' && !escaped;
    }
    count
}

/// How a line begins, as far as Markdown cares.
fn lead(line: &str) -> String {
    line.chars()
        .take_while(|c| matches!(c, '#' | '-' | '|' | '>' | '<' | '`' | ' ' | '+' | '='))
        .collect()
}

/// The lines that are not inside a fence; each fence must close.
fn outside_fences(report: &str) -> String {
    let mut fence: Option<&str> = None;
    let mut out = Vec::new();
    for line in report.lines() {
        let run = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if run.len() >= 3 => fence = Some(run),
            None => out.push(line),
        }
    }
    assert_eq!(fence, None, "a fence never closed");
    out.join("\n")
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    let make = || report(&record("invoices", Mode::Drill), "invoices");
    assert_eq!(make(), make());
}

#[test]
fn exported_lines_still_hash() {
    let chain = record("invoices", Mode::Live);
    let bytes = jsonl(chain.lines.iter().map(String::as_bytes));
    let lines: Vec<&[u8]> = bytes
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
        .collect();
    assert_eq!(lines.len(), chain.entries.len());
    for (line, entry) in lines.iter().zip(&chain.entries) {
        let read = firsthour::domain::entry::Entry::read(line).unwrap();
        assert_eq!(&read, entry.as_ref());
    }
}
