//! The audit on every major version of Postgres that it is for: what the other
//! files of this folder hold on the server of this machine, on each.
//!
//! One server a version and one test a version, so that they run side by side.
//! A version that is missing is a loud skip, and a failure where `CI` is set;
//! see `support/shelf.rs`. To hold another test on every version, add it to
//! [`PARTS`].

mod logins;
mod together;

use super::{api_roles, drift, empty, foreign, nine, pooled, reads, settings, supabase};
use crate::support::lab::{block_on, lab_blocking, on};
use crate::support::shelf::Shelved;
use firsthour::cli::check::drift::Asked;
use serde_json::Value;
use std::panic::catch_unwind;

/// Tests that make their databases by `lab` and share the server.
const PARTS: &[(&str, fn())] = &[
    (
        "foreign",
        foreign::odd_leaks_are_named_and_odd_look_alikes_left_alone,
    ),
    (
        "supabase",
        supabase::every_leak_is_named_and_every_look_alike_left_alone,
    ),
    ("settings", settings::a_superuser_names_and_proves_the_leaks),
    (
        "settings of a bare login",
        settings::a_login_without_any_grant_still_names_them_and_says_what_it_could_not_do,
    ),
    (
        "nine",
        nine::each_is_absent_then_planted_and_proven_then_gone,
    ),
    (
        "logins",
        logins::each_login_names_them_and_accuses_nobody_else,
    ),
    (
        "refused",
        logins::what_is_refused_is_a_gap_and_nothing_else_changes,
    ),
    ("pooled", pooled::a_transaction_pooler_changes_nothing),
    (
        "reads",
        reads::a_wide_read_is_told_with_its_role_and_is_certain_after_one_call,
    ),
    ("doors of reads", reads::doors_are_followed_to_the_table),
    (
        "copies",
        reads::a_copy_a_cursor_and_a_scan_are_told_for_what_they_are,
    ),
    (
        "what is off",
        reads::what_was_off_is_said_and_never_called_clean,
    ),
    (
        "empty",
        empty::an_open_policy_would_let_strangers_in_and_that_stays_a_suspicion,
    ),
    ("drift", drift::each_difference_says_whether_it_opens),
    (
        "drift by meaning",
        drift::two_ways_to_write_one_thing_are_no_difference,
    ),
    (
        "drift against a file",
        drift::the_deploy_is_seen_against_the_saved_file,
    ),
    (
        "drift of a bare login",
        drift::a_file_of_another_kind_is_refused_and_a_bare_login_has_gaps,
    ),
];

fn held_on(major: u32) {
    let Some(shelved) = Shelved::start(major) else {
        return;
    };
    let mut wrong = on(&shelved.server, || {
        assert_eq!(lab_blocking().major(), major);
        let mut wrong = together::every_check(&shelved);
        for (name, part) in PARTS {
            if catch_unwind(part).is_err() {
                wrong.push(format!("{name}: does not hold, see above"));
            }
        }
        wrong
    });
    wrong.extend(shelved.errors());
    assert!(block_on(shelved.tells_errors()));
    assert!(
        wrong.is_empty(),
        "on Postgres {major}:\n{}",
        wrong.join("\n")
    );
}

/// What `--save` wrote on the oldest version is read on the newest: a server
/// was moved up, and nobody may read more than before.
#[test]
fn the_portrait_of_an_old_server_holds_on_a_new_one() {
    let (Some(old), Some(new)) = (Shelved::start(13), Shelved::start(18)) else {
        return;
    };
    let made = || {
        let lab = lab_blocking();
        api_roles(&lab);
        lab.exec_blocking(foreign::SCHEMA);
        lab
    };
    let (before, after) = (on(&old.server, made), on(&new.server, made));
    let folder = tempfile::tempdir().expect("a folder");
    let path = Some(folder.path().join("before.json"));
    let save = Asked {
        save: path.clone(),
        ..Asked::default()
    };
    let (code, _, err) = drift::asked(&before.url("postgres"), save, false);
    assert_eq!(code, 0, "{err}");
    let look = || {
        let against = Asked {
            against: path.clone(),
            ..Asked::default()
        };
        let (code, out, err) = drift::asked(&after.url("postgres"), against, true);
        assert_eq!(code, 1, "{out}{err}");
        assert!(out.contains("\"could_not\":[]"), "{out}");
        let lines = out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let facts = lines
            .filter(|line| line["kind"] == "difference")
            .map(|line| {
                ["name", "facet", "effect"]
                    .map(|key| line[key].as_str().unwrap_or_default().to_owned())
                    .join(" | ")
            });
        facts.collect::<Vec<String>>()
    };
    // The two views are written out otherwise from 16 on.
    let moved = [
        "postgres | major version | unclear",
        "createrole_self_grant | presence | unclear",
        "public.safe_directory | definition | unclear",
        "public.safe_mine | definition | unclear",
        "public | granted to public | closes",
        "log_connections | value | neutral",
    ];
    assert_eq!(look(), moved);
    after.exec_blocking("grant select on public.safe_todos to anon");
    let opened = look();
    assert_eq!(opened[0], "public.safe_todos | granted to anon | opens");
    assert_eq!(opened[1..], moved);
    assert_eq!(old.errors(), Vec::<String>::new());
    assert_eq!(new.errors(), Vec::<String>::new());
}

#[test]
fn postgres_13() {
    held_on(13);
}

#[test]
fn postgres_14() {
    held_on(14);
}

#[test]
fn postgres_15() {
    held_on(15);
}

#[test]
fn postgres_16() {
    held_on(16);
}

#[test]
fn postgres_17() {
    held_on(17);
}

#[test]
fn postgres_18() {
    held_on(18);
}
