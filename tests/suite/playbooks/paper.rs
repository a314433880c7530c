//! The printed forms, the template and the published schema.

use super::{GOOD, mistakes, printed, today};
use crate::support::abilities::abilities;
use firsthour::domain::playbook::{Destination, Owner, Playbook};
use firsthour::playbooks::{open, print, read, schema, shipped, show, show_step, template};

/// Lines that fit a sheet of A4 or letter at ordinary type.
const PAGE: usize = 66;

fn good() -> Playbook {
    read(GOOD, "test.md").playbook.unwrap()
}

#[test]
fn what_is_written_is_what_is_meant() {
    let book = good();
    assert_eq!((book.id.as_str(), book.max_age_days), ("small", 90));
    assert_eq!(book.drilled.unwrap().to_string(), "2026-11-02");
    let step = book.step("first-look").unwrap();
    assert_eq!(step.title, "Look at it");
    assert_eq!(step.goal, "It was looked at.");
    assert_eq!((step.owner, step.budget_minutes), (Owner::Operator, 4));
    assert_eq!(step.prose, ["Look at it now."]);
    assert_eq!(step.hand, ["Look by hand."]);
    assert_eq!(
        step.asks[0].answers(),
        ["clearly", "barely", "unknown", "not-applicable"]
    );
    assert_eq!(step.checks[0].with["schema"], "public");
    assert_eq!(
        step.next.unknown,
        Some(Destination::Step("close-it".into()))
    );
    assert_eq!(step.next.otherwise, Destination::End);
    assert_eq!(
        GOOD.lines().nth(step.line - 1),
        Some("### first-look Look at it")
    );
    let last = book.step("close-it").unwrap();
    assert_eq!(last.actions[0].review_by_hours, 24);
    assert_eq!(last.next.otherwise, Destination::End);
}

#[test]
fn a_step_without_next_leads_to_the_one_below() {
    let source = GOOD.replacen("```next\n", "```hand\n", 1);
    let (start, end) = (
        source.find("```hand\n- when").unwrap(),
        source.find("### close-it").unwrap(),
    );
    let source = format!("{}{}", &source[..start], &source[end..]);
    assert_eq!(printed(&mistakes(&source)), "");
    let book = read(&source, "test.md").playbook.unwrap();
    let next = &book.first().unwrap().next;
    assert_eq!(next.otherwise, Destination::Step("close-it".into()));
}

#[test]
fn prose_becomes_plain_lines() {
    let prose = "Look *now*, at `this`\nand [that](https://example.org).\n\n- One\n  more\n- Two\n\n1. First\n2. Second";
    let source = GOOD.replacen("Look at it now.", prose, 1);
    let book = read(&source, "test.md").playbook.unwrap();
    assert_eq!(
        book.first().unwrap().prose,
        [
            "Look now, at `this` and that (https://example.org).",
            "- One more",
            "- Two",
            "1. First",
            "2. Second",
        ]
    );
}

#[test]
fn each_shipped_playbook_prints_on_one_page() {
    for shipped in shipped() {
        let (book, _) = open(&shipped.into(), &abilities(), today()).unwrap();
        for width in [40, 80, 120] {
            let page = print(&book, width);
            assert!(page.lines().count() <= PAGE, "{}", shipped.name);
            let widest = page.lines().map(|l| l.chars().count()).max();
            assert!(widest <= Some(width), "{page}");
        }
        let page = print(&book, 80);
        for (_, step) in book.steps() {
            assert!(page.contains(&step.title), "{}: {}", book.id, step.title);
        }
    }
}

#[test]
fn the_checklist_reads_well() {
    let page = print(&good(), 60);
    let lines: Vec<&str> = page.lines().collect();
    assert!(lines[0].starts_with("A small one ............................. small "));
    assert!(lines[1].starts_with("reviewed 2026-11-01  started __:__"));
    let rest = [
        "T1 Look ........................................ T+0 to T+10",
        "[ ] Look at it (check) ......................... operator 4m",
        "[ ] Close it (action) ......................... commander 6m",
    ];
    assert_eq!(lines[2..], rest);
}

#[test]
fn a_step_is_shown_whole() {
    let text = show_step(good().first().unwrap());
    for part in [
        "first-look: Look at it",
        "who: operator, 4 minutes",
        "check: database.reach",
        "answers: clearly, barely, unknown, not-applicable",
        "    Look by hand.",
        "if check(database.reach).foreign > 0 and answer(seen) == clearly then close-it",
        "if not known then close-it",
        "otherwise end",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(show(&good()).contains(&text.lines().next().unwrap().to_owned()));
}

#[test]
fn the_template_is_clean() {
    let found = mistakes(&template("night-shift", today()));
    assert_eq!(printed(&found), "");
}

#[test]
fn the_published_schema_is_the_one_in_use() {
    let published = include_str!("../../../assets/playbook.schema.json");
    assert_eq!(
        published,
        schema(),
        "write it anew: firsthour playbook schema > assets/playbook.schema.json"
    );
}

#[test]
fn the_schema_knows_every_key() {
    let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
    let keys = |name: &str| -> Vec<String> {
        let of = &schema["$defs"][name];
        let of = if of["items"].is_object() {
            &of["items"]
        } else {
            of
        };
        assert_eq!(of["additionalProperties"], false, "{name}");
        of["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    let mut front = keys("front_matter");
    front.sort();
    assert_eq!(
        front,
        [
            "budget",
            "drilled",
            "format",
            "id",
            "max_age_days",
            "reviewed",
            "title"
        ]
    );
    assert_eq!(keys("step").len(), 3);
    assert!(keys("action").contains(&"use".to_owned()));
    assert!(keys("next").contains(&"else".to_owned()));
}
