//! What a read-only transaction does not stop: messages, locks, files, other
//! servers, text that is run, a change of role.
//!
//! Says of a text or of a function which such effect it has; what it calls is
//! followed in `helpers.rs`. A function that is merely declared VOLATILE has
//! none: if its body can be read, the body decides.

use super::expression::Token;
use super::snapshot::Function;

/// Built-in functions with effects, and those of common extensions.
const CALLS: [&str; 33] = [
    "http",
    "lowrite",
    "lo_create",
    "lo_creat",
    "lo_put",
    "lo_unlink",
    "pg_notify",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "pg_terminate_backend",
    "pg_cancel_backend",
    "pg_reload_conf",
    "pg_rotate_logfile",
    "pg_promote",
    "pg_switch_wal",
    "pg_create_restore_point",
    "pg_export_snapshot",
    "pg_read_file",
    "pg_read_binary_file",
    "pg_ls_dir",
    "pg_stat_file",
    "pg_current_logfile",
    "pg_log_backend_memory_contexts",
    "pg_background",
    "query_to_xml",
    "query_to_xml_and_xmlschema",
    "query_to_xmlschema",
    "ts_stat",
    "ts_rewrite",
    "postgres_fdw_disconnect",
    "postgres_fdw_disconnect_all",
    "loread",
];

/// How the names of whole families begin.
const FAMILIES: [&str; 16] = [
    "dblink",
    "http_",
    "lo_from",
    "lo_import",
    "lo_export",
    "pg_advisory_",
    "pg_try_advisory_",
    "pg_logical_",
    "pg_replication_",
    "pg_create_logical",
    "pg_create_physical",
    "pg_drop_replication",
    "pg_wal_replay_",
    "pg_stat_reset",
    "pg_file_",
    "pg_background_",
];

/// Schemas of extensions whose functions reach outside.
const OUTSIDE: [&str; 4] = ["net", "aws_lambda", "aws_s3", "http"];

/// Statements with effects, where a body has them.
const STATEMENTS: [&str; 8] = [
    "copy", "lock", "notify", "listen", "unlisten", "reset", "discard", "load",
];

/// The name of the first effect in the text; `None` if none is known.
pub fn effect(text: &[Token]) -> Option<String> {
    text.iter().enumerate().find_map(|(i, token)| {
        let Token::Word(word) = token else {
            return None;
        };
        let next = text.get(i + 1);
        let called = next.is_some_and(|t| t.is_sign("("));
        let schema =
            next.is_some_and(|t| t.is_sign(".")) && text.get(i + 3).is_some_and(|t| t.is_sign("("));
        let begins = i == 0
            || text[i - 1].is_sign(";")
            || ["begin", "then", "else", "loop"]
                .iter()
                .any(|word| text[i - 1].is_word(word));
        let found = (called && has_effects(word))
            || (schema && OUTSIDE.contains(&word.as_str()))
            || (begins && STATEMENTS.contains(&word.as_str()))
            || word == "execute"
            || (begins && sets_role(&text[i..]))
            || configures_role(&text[i..]);
        found.then(|| word.clone())
    })
}

fn has_effects(name: &str) -> bool {
    CALLS.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}

/// `SET ROLE` or `SET SESSION AUTHORIZATION`: what follows would run with the
/// rights of this login.
fn sets_role(text: &[Token]) -> bool {
    let word = |i: usize, words: &[&str]| {
        text.get(i)
            .is_some_and(|t| words.iter().any(|w| t.is_word(w)))
    };
    let at = 1 + usize::from(word(1, &["local", "session"]));
    word(0, &["set"]) && word(at, &["role", "authorization"])
}

/// The same through a function.
fn configures_role(text: &[Token]) -> bool {
    text[0].is_word("set_config")
        && matches!(text.get(2), Some(Token::Text(name))
            if matches!(name.as_str(), "role" | "session_authorization"))
}

/// Why running this function has effects that nobody holds back, from its
/// declaration or its body; `readable` says whether there is a body to judge.
pub fn risk(function: &Function, body: &[Token], readable: bool) -> Option<String> {
    let built_in = matches!(function.language.as_str(), "internal" | "c");
    if !function.trusted && !built_in {
        return Some(format!(
            "it is written in {}, which can reach outside",
            function.language
        ));
    }
    if OUTSIDE.contains(&function.schema.as_str()) || has_effects(&function.name) && built_in {
        return Some("it can send data outside the database".to_owned());
    }
    if let Some(word) = effect(body) {
        return Some(format!(
            "its body uses {word}, which a read-only transaction does not stop"
        ));
    }
    (function.volatility == "v" && !function.extension && !readable)
        .then(|| "it is declared VOLATILE and its body cannot be read".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::expression::tokens;
    use super::*;

    #[test]
    fn effects_are_calls_and_statements_not_columns() {
        for text in [
            "SELECT dblink('a', 'b')",
            "begin perform pg_try_advisory_lock(1); end",
            "SELECT net.http_post('x')",
            "begin lock table t; return true; end",
            "begin execute 'select 1'; end",
            "begin set local role postgres; return true; end",
            "SELECT set_config('role', 'postgres', true)",
            "begin reset role; return true; end",
        ] {
            assert!(effect(&tokens(text)).is_some(), "{text}");
        }
        for text in [
            "SELECT lock, copy, net FROM t WHERE http = 1",
            "SELECT set_config('app.role', 'x', true)",
            "SELECT role FROM m WHERE m.id = auth.uid()",
            "UPDATE t SET role = 'x'",
        ] {
            assert_eq!(effect(&tokens(text)), None, "{text}");
        }
    }
}
