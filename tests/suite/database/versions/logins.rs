//! The same schemas looked at by logins of different power, and by one that
//! is refused some of the catalogs.

use crate::database::foreign::SCHEMA as FOREIGN;
use crate::database::supabase::SCHEMA as SUPABASE;
use crate::database::{Answer, api_roles, before_15, check, labelled};
use crate::support::lab::{Lab, lab_blocking};
use serde_json::Value;

/// A database with a schema, statement statistics, a member of `pg_monitor`
/// and a login without any right.
fn loaded(schema: &str) -> (Lab, [String; 2]) {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(&before_15(&lab, schema));
    let [watcher, bare] = ["watcher", "bare"].map(|role| format!("{}_{role}", lab.database));
    lab.exec_blocking(&format!(
        "create extension pg_stat_statements; create role {watcher} login; create role {bare} login; grant pg_monitor to {watcher}"
    ));
    (lab, [watcher, bare])
}

fn missed(lab: &Lab, answer: &Answer) -> Vec<String> {
    let mut leaks = labelled(lab, "leak");
    leaks.retain(|name| answer.about(name).is_empty());
    leaks
}

fn accused(lab: &Lab, answer: &Answer) -> Vec<String> {
    let safe = labelled(lab, "safe").into_iter();
    let of = safe.flat_map(|name| answer.about(&name));
    of.map(ToString::to_string).collect()
}

/// Gaps that a statement left which this version could not run, or whose
/// answer we did not understand.
fn faults(answer: &Answer) -> Vec<String> {
    let gaps = answer.coverage["could_not"].as_array().expect("gaps");
    let texts = gaps.iter().map(ToString::to_string);
    texts
        .filter(|text| {
            text.contains("another shape") || text.contains("SQLSTATE") && !text.contains("42501")
        })
        .collect()
}

/// Without a right to act as anybody the texts alone give every leak away.
pub fn each_login_names_them_and_accuses_nobody_else() {
    for schema in [FOREIGN, SUPABASE] {
        let (lab, [watcher, bare]) = loaded(schema);
        for login in ["postgres", &watcher, &bare] {
            let answer = check(&lab, login);
            let none: [String; 0] = [];
            assert_eq!(missed(&lab, &answer), none, "{login}");
            assert_eq!(accused(&lab, &answer), none, "{login}");
            assert_eq!(faults(&answer), none, "{login}");
            assert_eq!(answer.code, 1, "{login}");
            let proven = answer
                .findings
                .iter()
                .any(|f| f["confidence"] == "confirmed");
            assert_eq!(proven, login == "postgres", "{login}");
            let all = answer.coverage["could_not"] == serde_json::json!([]);
            assert_eq!(all, login == "postgres", "{login}: {:#}", answer.coverage);
        }
    }
}

/// Sources that the audit can do without, and what a gap calls them.
const SOURCES: [(&str, &str); 7] = [
    ("pg_catalog.pg_publication", "publications"),
    ("pg_catalog.pg_replication_slots", "replication slots"),
    ("pg_catalog.pg_user_mappings", "stored credentials"),
    ("pg_catalog.pg_default_acl", "default privileges"),
    ("pg_catalog.pg_stat_activity", "live activity"),
    ("pg_catalog.pg_stat_user_tables", "table counters"),
    ("public.pg_stat_statements", "statement statistics"),
];

/// Whether a gap says that this source was refused.
fn is_refused(answer: &Answer, name: &str) -> bool {
    let horizons = answer.reads.iter().map(|line| &line["off"]);
    let lists = horizons.chain([&answer.coverage["could_not"]]);
    let mut gaps = lists.filter_map(Value::as_array).flatten();
    gaps.any(|gap| gap["what"] == name && gap["why"].to_string().contains("permission denied"))
}

pub fn what_is_refused_is_a_gap_and_nothing_else_changes() {
    let (lab, [_, bare]) = loaded(SUPABASE);
    let whole = check(&lab, &bare);
    for (source, name) in SOURCES {
        assert!(!is_refused(&whole, name), "{name}");
        lab.exec_blocking(&format!("revoke select on {source} from public"));
    }
    let answer = check(&lab, &bare);
    for (_, name) in SOURCES {
        assert!(
            is_refused(&answer, name),
            "{name}: {:#} {:#?}",
            answer.coverage,
            answer.reads
        );
    }
    assert_eq!(missed(&lab, &answer), missed(&lab, &whole));
    assert_eq!(accused(&lab, &answer), Vec::<String>::new());
    assert_eq!(faults(&answer), Vec::<String>::new());
}
