//! One mistake at a time: each code, where it points and what it advises.

mod form;
mod meaning;

use super::{GOOD, mistakes, printed};
use firsthour::playbooks::{Code, Level};
use form::FORM;
use meaning::MEANING;
use std::collections::BTreeSet;

/// What to spoil: code, text to replace, its replacement, the marked text of
/// the diagnostic, and words of the advice.
type Spoiled = (Code, &'static str, &'static str, &'static str, &'static str);

#[test]
fn the_good_one_is_good() {
    assert_eq!(printed(&mistakes(GOOD)), "");
}

#[test]
fn each_mistake_is_told_at_its_place_with_advice() {
    for (code, from, to, marked, advice) in FORM.iter().chain(MEANING) {
        assert!(GOOD.contains(from), "{from}");
        let source = GOOD.replacen(from, to, 1);
        let found = mistakes(&source);
        let all = printed(&found);
        let hit = found.iter().find(|d| {
            let line = source.lines().nth(d.place.line - 1).unwrap_or_default();
            let width = d.place.end_column - d.place.column;
            let shown: String = line.chars().skip(d.place.column - 1).take(width).collect();
            d.code == *code && shown == *marked
        });
        let hit = hit.unwrap_or_else(|| panic!("{code:?} at `{marked}` not in:\n{all}"));
        let text = hit.text();
        assert!(text.contains(advice), "`{advice}` not in:\n{text}");
    }
}

#[test]
fn a_mistake_of_meaning_is_told_alone() {
    for (code, from, to, ..) in MEANING {
        let found = mistakes(&GOOD.replacen(from, to, 1));
        let codes: BTreeSet<_> = found.iter().map(|d| d.code).collect();
        // A name that leads nowhere rightly takes another step out of reach.
        let follow = [Code::Unreachable, Code::DuplicateId, Code::UnknownStep];
        let others: Vec<_> = codes
            .iter()
            .filter(|c| *c != code && !follow.contains(c))
            .collect();
        assert!(others.is_empty(), "{from} -> {to}:\n{}", printed(&found));
    }
}

#[test]
fn every_code_has_a_fixture() {
    let covered: BTreeSet<Code> = FORM.iter().chain(MEANING).map(|s| s.0).collect();
    let missing: Vec<_> = Code::ALL.iter().filter(|c| !covered.contains(c)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn only_dates_are_warnings() {
    for (code, from, to, ..) in FORM.iter().chain(MEANING) {
        for found in mistakes(&GOOD.replacen(from, to, 1)) {
            let warning = found.level == Level::Warning;
            assert_eq!(warning, found.code == Code::Stale, "{code:?}");
        }
    }
}

#[test]
fn many_mistakes_are_told_at_once() {
    let source = GOOD
        .replacen("gaol", "goal", 1)
        .replacen("goal: It was", "gaol: It was", 1)
        .replacen("text: Was it seen?", "txt: Was it seen?\nextra: 1", 1)
        .replacen("owner: commander", "owner: nobody", 1)
        .replacen("```action", "```acton", 1)
        .replacen("2026-11-02", "yesterday", 1)
        .replacen("- else: end", "- else: nowhere", 1);
    let found = mistakes(&source);
    let of = |code| found.iter().filter(|d| d.code == code).count();
    assert_eq!(of(Code::UnknownKey), 3, "{}", printed(&found));
    assert_eq!(of(Code::MissingKey), 0);
    assert_eq!(of(Code::BadValue), 2);
    assert_eq!(of(Code::UnknownFence), 1);
    assert_eq!(of(Code::UnknownStep), 1);
    let lines: Vec<_> = found.iter().map(|d| d.place.line).collect();
    assert!(lines.is_sorted());
}

#[test]
fn windows_line_ends_change_nothing() {
    let found = mistakes(&GOOD.replace('\n', "\r\n"));
    assert_eq!(printed(&found), "");
    let spoiled = GOOD.replacen("goal: It was", "gaol: It was", 1);
    let (unix, windows) = (mistakes(&spoiled), mistakes(&spoiled.replace('\n', "\r\n")));
    assert_eq!(printed(&unix), printed(&windows));
}

#[test]
fn a_mark_at_the_start_of_the_file_is_passed_over() {
    assert_eq!(printed(&mistakes(&format!("\u{feff}{GOOD}"))), "");
}
