//! The names of Supabase's records. Objects below each other and dotted keys
//! meet in the same tables: a dotted key is taken apart at its first part.

use super::super::facts::Slot;
use super::super::walk::{Means, Names};

/// The rank of what only the sign-in service writes.
pub const SIGN_IN: u8 = 9;
/// The rank of what only the database writes, where a cache's answer stands.
pub const SEVERITY: u8 = 9;

/// A line of the sign-in service as it writes it itself.
pub fn line(key: &str) -> Means {
    match key {
        "time" | "timestamp" => Means::at(Slot::Time, 0),
        "msg" => Means::at(Slot::Message, 0),
        "error" => Means::at(Slot::Message, 1),
        "referer" => Means::SKIP,
        _ => fields(key),
    }
}

/// A record's own names.
pub fn row(key: &str) -> Means {
    match key {
        "id" => Means::at(Slot::Id, 0),
        "timestamp" => Means::at(Slot::Time, 0),
        "event_message" => Means::at(Slot::Message, 0),
        "source" => Means::at(Slot::Kind, 0),
        "metadata" | "log_attributes" => Means::each(fields),
        // The dashboard's columns.
        "status_code" => Means::at(Slot::Status, 2),
        "search" => Means::at(Slot::Query, 2),
        "pathname" => Means::at(Slot::Target, 3),
        "auth_user" => Means::at(Slot::User, 2),
        "cf_connecting_ip" | "ip" | "client_ip" => Means::at(Slot::Client, 4),
        "cf_ray" => Means::at(Slot::Request, 3),
        "user_agent" => Means::at(Slot::Agent, 3),
        "content_range" => Means::at(Slot::Object, 2),
        _ => columns(key),
    }
}

fn columns(key: &str) -> Means {
    let found = fields(key.strip_prefix("metadata.").unwrap_or(key));
    if found.slot.is_some() || found.inside.is_some() {
        return found;
    }
    match parsed(key) {
        // Of tables that name no service: a few columns are the database's.
        Means {
            slot: Some(slot),
            rank,
            ..
        } => Means::at(slot, rank.max(3)),
        _ => Means::SKIP,
    }
}

fn below(key: &str, first: &str) -> bool {
    key.strip_prefix(first)
        .is_some_and(|rest| rest.starts_with('.'))
}

/// Looks a dotted key up in the table of its first part.
fn dotted(key: &str, tables: &[(&str, Names)]) -> Means {
    for (first, names) in tables {
        if key == *first {
            return Means::each(*names);
        }
        if below(key, first) {
            return key.get(first.len() + 1..).map_or(Means::SKIP, names);
        }
    }
    Means::SKIP
}

fn fields(key: &str) -> Means {
    match key {
        // The sign-in service.
        "path" => Means::at(Slot::Target, 2),
        "status" => Means::at(Slot::Status, 2),
        "method" => Means::at(Slot::Method, 2),
        "remote_addr" => Means::at(Slot::Client, 2),
        "duration" => Means::at(Slot::Nanos, 2),
        "user_id" => Means::at(Slot::User, 3),
        "request_id" => Means::at(Slot::Request, 2),
        "component" => Means::at(Slot::Deployment, SIGN_IN),
        // Functions.
        "execution_id" => Means::at(Slot::Request, 1),
        "deployment_id" => Means::at(Slot::Deployment, 1),
        "execution_time_ms" => Means::at(Slot::Millis, 1),
        // Storage.
        "responseTime" => Means::at(Slot::Millis, 2),
        "owner" => Means::at(Slot::User, 4),
        "role" => Means::at(Slot::Role, 4),
        _ => dotted(
            key,
            &[
                ("request", request),
                ("response", response),
                ("parsed", parsed),
                ("auth_event", auth_event),
                ("req", req),
                ("res", res),
            ],
        ),
    }
}

fn request(key: &str) -> Means {
    match key {
        "method" => Means::at(Slot::Method, 0),
        "path" | "pathname" => Means::at(Slot::Target, 0),
        "url" => Means::at(Slot::Target, 1),
        "search" => Means::at(Slot::Query, 0),
        _ => dotted(key, &[("headers", sent), ("sb", sb)]),
    }
}

fn sent(key: &str) -> Means {
    match key {
        "cf_connecting_ip" => Means::at(Slot::Client, 0),
        "x_real_ip" => Means::at(Slot::Client, 1),
        "x_forwarded_for" => Means::at(Slot::Client, 2),
        "cf_ray" => Means::at(Slot::Request, 0),
        "user_agent" => Means::at(Slot::Agent, 0),
        "x_middleware_subrequest" => Means::at(Slot::Bypass, 0),
        _ => Means::SKIP,
    }
}

/// What the gateway found out about the caller.
fn sb(key: &str) -> Means {
    match key {
        "auth_user" => Means::at(Slot::User, 0),
        _ => dotted(key, &[("jwt", jwt), ("apikey", keys)]),
    }
}

fn jwt(key: &str) -> Means {
    dotted(
        key,
        &[("authorization", authorization), ("apikey", key_token)],
    )
}

fn authorization(key: &str) -> Means {
    dotted(key, &[("payload", payload)])
}

fn payload(key: &str) -> Means {
    match key {
        "role" => Means::at(Slot::Role, 0),
        "subject" | "sub" => Means::at(Slot::User, 1),
        "session_id" => Means::at(Slot::Session, 0),
        _ => Means::SKIP,
    }
}

fn key_token(key: &str) -> Means {
    dotted(key, &[("payload", key_payload)])
}

/// The token that is the key: `anon` or `service_role`.
fn key_payload(key: &str) -> Means {
    match key {
        "role" => Means::at(Slot::Role, 1),
        _ => Means::SKIP,
    }
}

fn keys(key: &str) -> Means {
    dotted(key, &[("apikey", api_key), ("authorization", spare_key)])
}

fn api_key(key: &str) -> Means {
    match key {
        "prefix" => Means::at(Slot::Key, 0),
        _ => Means::SKIP,
    }
}

fn spare_key(key: &str) -> Means {
    match key {
        "prefix" => Means::at(Slot::Key, 1),
        _ => Means::SKIP,
    }
}

fn response(key: &str) -> Means {
    match key {
        "status_code" => Means::at(Slot::Status, 0),
        "origin_time" => Means::at(Slot::Millis, 0),
        _ => dotted(key, &[("headers", answered)]),
    }
}

fn answered(key: &str) -> Means {
    match key {
        "content_length" => Means::at(Slot::Bytes, 0),
        // Rows as `0-24/3573`, taken apart when the record is whole.
        "content_range" => Means::at(Slot::Object, 0),
        "cf_cache_status" => Means::at(Slot::Cache, 0),
        "cache_control" => Means::at(Slot::CacheControl, 0),
        "age" => Means::at(Slot::Age, 0),
        _ => Means::SKIP,
    }
}

/// The database's own record. What others do not have waits in places that
/// such a record does not use.
fn parsed(key: &str) -> Means {
    match key {
        "user_name" => Means::at(Slot::DbRole, 0),
        "query" => Means::at(Slot::Statement, 0),
        "sql_state_code" => Means::at(Slot::Sqlstate, 0),
        "error_severity" => Means::at(Slot::Cache, SEVERITY),
        "session_id" => Means::at(Slot::Session, 0),
        "session_line_num" => Means::at(Slot::Rows, 0),
        "virtual_transaction_id" => Means::at(Slot::Trace, 0),
        "detail" => Means::at(Slot::Route, 0),
        "application_name" => Means::at(Slot::Agent, 0),
        "connection_from" => Means::at(Slot::Client, 0),
        _ => Means::SKIP,
    }
}

fn auth_event(key: &str) -> Means {
    match key {
        "actor_id" => Means::at(Slot::User, 0),
        "actor_username" => Means::at(Slot::Email, 0),
        "action" => Means::at(Slot::Deployment, SIGN_IN),
        "ip_address" => Means::at(Slot::Client, 3),
        _ => dotted(key, &[("traits", traits)]),
    }
}

fn traits(key: &str) -> Means {
    match key {
        "user_id" => Means::at(Slot::User, 1),
        "user_email" => Means::at(Slot::Email, 1),
        _ => Means::SKIP,
    }
}

fn req(key: &str) -> Means {
    match key {
        "method" => Means::at(Slot::Method, 1),
        "url" => Means::at(Slot::Target, 1),
        "reqId" => Means::at(Slot::Request, 1),
        "remoteAddress" => Means::at(Slot::Client, 3),
        _ => dotted(key, &[("headers", sent)]),
    }
}

fn res(key: &str) -> Means {
    match key {
        "statusCode" => Means::at(Slot::Status, 1),
        _ => dotted(key, &[("headers", answered)]),
    }
}
