//! Whatever the bytes, the reader answers and never falls over.

use super::{GOOD, mistakes};
use firsthour::playbooks::shipped;
use proptest::prelude::*;

/// Every span of every diagnostic stands inside its line.
fn sound(source: &str) {
    for found in mistakes(source) {
        let line = source.split('\n').nth(found.place.line - 1);
        let length = line.map_or(0, |line| line.chars().count());
        assert!(found.place.column <= length + 1, "{}", found.text());
        assert!(!found.text().contains('\u{1b}'));
        let json: serde_json::Value = serde_json::from_str(&found.json()).unwrap();
        assert_eq!(json["code"], found.code.id());
    }
}

#[test]
fn every_beginning_of_a_playbook_is_answered() {
    for end in (0..GOOD.len()).filter(|end| GOOD.is_char_boundary(*end)) {
        sound(&GOOD[..end]);
    }
}

#[test]
fn every_line_may_be_missing_or_doubled() {
    let lines: Vec<&str> = GOOD.lines().collect();
    for at in 0..lines.len() {
        let mut less = lines.clone();
        less.remove(at);
        sound(&less.join("\n"));
        let mut more = lines.clone();
        more.insert(at, lines[at]);
        sound(&more.join("\n"));
    }
}

#[test]
fn yaml_bombs_and_deep_nests_are_refused() {
    let deep = format!("goal: {}", "[".repeat(20_000));
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]";
    for body in [
        deep.as_str(),
        bomb,
        "goal: !include /etc/passwd",
        "<<: {a: 1}",
        "? [a]\n: b",
    ] {
        let source = GOOD.replacen("goal: It was looked at.", body, 1);
        sound(&source);
        assert!(!mistakes(&source).is_empty(), "{body:.40}");
    }
    let quotes = format!("{GOOD}\n{}", "> ".repeat(5_000));
    sound(&quotes);
    sound(&format!("{GOOD}\n{}x", "- ".repeat(5_000)));
    sound(&format!("{GOOD}\n{}", "[".repeat(20_000)));
}

#[test]
fn large_files_of_mistakes_are_cut_short() {
    let fence = "```ask\nid: x\ntext: X\n```\n";
    let branch = "- when: answer(a) == b\n  to: c\n";
    for piece in [
        "### a b\n",
        "{{",
        "{{\n",
        "## T1 x\n",
        fence,
        "<b>",
        "> ",
        "| a ",
    ] {
        let source = format!("{GOOD}{}", piece.repeat((200 << 10) / piece.len()));
        sound(&source);
        assert!(mistakes(&source).len() <= 200);
    }
    let many = GOOD.replacen(
        "- unknown: close-it",
        &format!("{branch}- unknown: x").repeat(999),
        1,
    );
    sound(&many);
}

#[test]
fn what_is_not_listed_is_counted() {
    let found = mistakes(&format!("{GOOD}{}", "{{\n".repeat(300)));
    let last = found
        .iter()
        .filter(|d| d.help.contains("more mistakes"))
        .count();
    assert_eq!(last, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_answered(text in "(?s).{0,400}") {
        sound(&text);
    }

    #[test]
    fn any_text_in_a_fence_is_answered(
        text in "[-a-z:\\[\\]{}&*!|>'\"%@` \n\t#é\u{1b}\u{202e}]{0,120}",
        at in 0_usize..6,
    ) {
        let spots = ["goal: It was looked at.", "use: database.reach", "Look by hand.",
            "options: [clearly, barely]", "- else: end", "title: A small one"];
        sound(&GOOD.replacen(spots[at], &text, 1));
    }

    #[test]
    fn a_shipped_playbook_with_a_wound_is_answered(
        book in 0_usize..3, from in 0_usize..6000, cut in 0_usize..40, put in ".{0,8}",
    ) {
        let source = shipped()[book].source;
        let hold = |at: usize| (0..=at.min(source.len())).rev().find(|i| source.is_char_boundary(*i)).unwrap();
        let (start, end) = (hold(from), hold(from + cut));
        sound(&format!("{}{put}{}", &source[..start], &source[end..]));
    }
}
