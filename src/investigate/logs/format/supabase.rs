//! Supabase's logs as exported or drained: of the gateway, the database, the
//! sign-in service, storage and functions. One record is
//! `metadata:[{request:[{..}]}]` (old), the same flattened to
//! `metadata.request.x`, or a map `log_attributes` with dotted keys (new).
//!
//! Names are in `supabase/names.rs`. A time without a zone is UTC.

mod names;

use super::facts::{Facts, Slot};
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::request::number;
use super::walk::{Memo, mended, object};
use crate::investigate::logs::event::{Event, Layer, Place};
use memchr::memmem;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "supabase",
    title: "Supabase logs",
    framing: Framing::Json,
    joins: false,
    claim,
    open: |_, _: &Setting| {
        Box::new(Supabase {
            copied: String::new(),
            memo: Memo::default(),
        })
    },
};

fn claim(sample: &[u8]) -> usize {
    let has = |key: &str| memmem::find(sample, key.as_bytes()).is_some();
    let shaped = ["\"metadata\"", "\"log_attributes\"", "\"metadata."];
    if shaped.iter().any(|key| has(key)) {
        memmem::find_iter(sample, b"\"event_message\"").count()
    } else {
        0
    }
}

#[derive(Debug)]
struct Supabase {
    copied: String,
    memo: Memo,
}

impl Parser for Supabase {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = mended(record);
        let mut facts = Facts::new(&mut self.copied);
        let whole = object(
            text.trim().trim_end_matches(','),
            names::row,
            &mut self.memo,
            &mut facts,
        );
        if !whole || !(facts.has(Slot::Id) || facts.has(Slot::Message)) {
            return out.unparsed(place);
        }
        let event = match service(&facts) {
            Service::Database => statement(&facts),
            Service::SignIn => Event {
                layer: Layer::Auth,
                deployment: "",
                ..facts.event()
            },
            Service::Gateway => call(&facts),
        };
        // A browser asks first with OPTIONS, always without a person.
        if event.method == "OPTIONS" {
            return;
        }
        out.event(&Event { place, ..event });
    }
}

enum Service {
    Gateway,
    Database,
    SignIn,
}

/// Which service wrote a record: old exports do not say.
fn service(facts: &Facts<'_, '_>) -> Service {
    match facts.text(Slot::Kind) {
        "postgres_logs" | "postgres" => Service::Database,
        "auth_logs" | "auth" => Service::SignIn,
        "" if facts.has(Slot::DbRole) || facts.has(Slot::Sqlstate) => Service::Database,
        "" if facts.rank(Slot::Deployment) == names::SIGN_IN => Service::SignIn,
        _ => Service::Gateway,
    }
}

/// A call of the gateway, storage or a function.
fn call<'s>(facts: &'s Facts<'_, '_>) -> Event<'s> {
    let mut event = facts.event();
    // The range of rows waits where an object's id stands.
    event.rows = rows(event.object);
    (event.object_kind, event.object) = row_of(event.path, event.query);
    if facts.rank(Slot::Deployment) == names::SIGN_IN {
        event.deployment = "";
    }
    event
}

/// Rows in `0-24/3573`; `*/0` and `*/*` are none.
fn rows(range: &str) -> Option<u64> {
    let (rows, _total) = range.split_once('/')?;
    if rows == "*" {
        return Some(0);
    }
    let (first, last) = rows.split_once('-')?;
    number(last)?.checked_sub(number(first)?)?.checked_add(1)
}

/// Which row of which table a query asks for: `/rest/v1/customers?id=eq.5`,
/// or `customer_id=eq.5` on a table of what belongs to a customer.
fn row_of<'a>(path: &'a str, query: &'a str) -> (&'a str, &'a str) {
    const OWNERS: [&str; 8] = [
        "org",
        "organization",
        "tenant",
        "workspace",
        "team",
        "account",
        "user",
        "owner",
    ];
    let Some(table) = path.strip_prefix("/rest/v1/") else {
        return ("", "");
    };
    if table.contains('/') {
        return ("", "");
    }
    let equal = || {
        query.split('&').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name, value.strip_prefix("eq.")?))
        })
    };
    if let Some((_, id)) = equal().find(|(name, _)| *name == "id") {
        return (table, id);
    }
    let other = equal().find_map(|(name, id)| {
        let kind = name.strip_suffix("_id")?;
        (!OWNERS.contains(&kind)).then_some((kind, id))
    });
    other.unwrap_or(("", ""))
}

/// A record of the database.
fn statement<'s>(facts: &'s Facts<'_, '_>) -> Event<'s> {
    let mut event = facts.event();
    let logged = ran(event.message);
    let failed = !matches!(event.sqlstate, "" | "00000");
    if event.statement.is_empty() || !failed {
        event.statement = logged.unwrap_or_default();
    }
    (event.object, event.object_kind) = ("", "");
    if event.statement.is_empty() {
        event.layer = Layer::Console;
        return event;
    }
    event.layer = Layer::Sql;
    event.status = match event.sqlstate {
        "" | "00000" => 200,
        "42501" => 403,
        state if state.starts_with("28") => 403,
        _ => 500,
    };
    if !failed {
        event.sqlstate = "";
    }
    event.message = "";
    event
}

/// The statement in `duration: 0.7 ms  execute s1: select ..`; parsing and
/// binding one does not run it.
fn ran(message: &str) -> Option<&str> {
    let rest = match message.strip_prefix("duration: ") {
        Some(after) => after.split_once(" ms").map(|(_, rest)| rest.trim_start())?,
        None => message,
    };
    if let Some(statement) = rest.strip_prefix("statement: ") {
        return Some(statement);
    }
    let named = rest.strip_prefix("execute ")?;
    named.split_once(": ").map(|(_, statement)| statement)
}

#[cfg(test)]
mod tests;
