//! Supabase's logs as exported or drained: of the gateway, the database, the
//! sign-in service, storage and functions. One record is
//! `metadata:[{request:[{..}]}]` (old), the same flattened to
//! `metadata.request.x`, a map `log_attributes` with dotted keys (new), or a
//! row of a table that the dashboard saved. And the lines the sign-in service
//! writes itself.
//!
//! Names are in `supabase/names.rs`, records of calls in `supabase/call.rs`. A
//! time without a zone is UTC.

mod call;
mod names;

use super::facts::{Facts, Slot};
use super::keyed::{Keyed, Made};
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::postgres::loose::{Given, Loose};
use super::table::{Rows, rows_below};
use super::walk::{Memo, mended, object, once};
use crate::investigate::logs::event::{Event, Layer, Place};
use memchr::memmem;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "supabase",
    title: "Supabase logs",
    framing: Framing::Json,
    joins: false,
    claim,
    open: |_, _: &Setting| Box::new(Supabase::default()),
};

/// What the dashboard saves.
pub const CSV: Format = Format {
    name: "supabase-csv",
    title: "Supabase logs as CSV",
    framing: Framing::Csv,
    joins: false,
    claim: |sample| rows_below(sample, &["event_message", "timestamp"]),
    open: |_, _: &Setting| Box::new(Dashboard::default()),
};

/// Lines of the sign-in service.
pub const SIGN_IN: Format = Format {
    name: "gotrue",
    title: "Supabase Auth (GoTrue)",
    framing: Framing::Json,
    joins: false,
    claim: claim_sign_in,
    open: |_, setting| Keyed::boxed(names::line, signed_in, setting),
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

fn claim_sign_in(sample: &[u8]) -> usize {
    let is_ours = |line: &&[u8]| {
        let has = |key: &str| memmem::find(line, key.as_bytes()).is_some();
        let told = has("\"component\":\"api\"") && has("\"remote_addr\"") && has("\"path\"");
        line.starts_with(b"{") && has("\"time\"") && (told || has("\"auth_event\":{"))
    };
    sample.split(|byte| *byte == b'\n').filter(is_ours).count()
}

#[derive(Debug, Default)]
struct Supabase {
    copied: String,
    memo: Memo,
    services: Services,
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
        if !whole || !self.services.take(&facts, place, out) {
            out.unparsed(place);
        }
    }

    fn end(&mut self, out: &mut dyn Out) {
        self.services.database.end(out);
    }
}

#[derive(Debug, Default)]
struct Dashboard {
    rows: Rows,
    services: Services,
}

impl Parser for Dashboard {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let services = &mut self.services;
        let read = self.rows.read(record, names::row, &mut |facts| {
            services.take(facts, place, &mut *out)
        });
        if !read {
            out.unparsed(place);
        }
    }

    fn end(&mut self, out: &mut dyn Out) {
        self.services.database.end(out);
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
        "" if facts.rank(Slot::Cache) == names::SEVERITY => Service::Database,
        "" if facts.rank(Slot::Deployment) == names::SIGN_IN => Service::SignIn,
        _ => Service::Gateway,
    }
}

/// What records of one piece need of each other.
#[derive(Debug, Default)]
struct Services {
    database: Loose,
    copied: String,
    route: String,
}

impl Services {
    /// Takes a record; `false` when it is none.
    fn take(&mut self, facts: &Facts<'_, '_>, place: Place, out: &mut dyn Out) -> bool {
        if !(facts.has(Slot::Id) || facts.has(Slot::Message)) {
            return false;
        }
        let message = facts.text(Slot::Message);
        let event = match service(facts) {
            Service::Database => {
                self.statement(facts, place, out);
                return true;
            }
            // A line of the sign-in service, with nothing taken out of it.
            _ if !facts.has(Slot::Target) && message.starts_with('{') => {
                let mut inner = Facts::new(&mut self.copied);
                if !once(message, names::line, &mut inner) {
                    return false;
                }
                let inner = sign_in(&inner);
                out.event(&Event {
                    at: facts.at,
                    place,
                    id: facts.text(Slot::Id),
                    message: "",
                    ..inner
                });
                return true;
            }
            Service::SignIn => sign_in(facts),
            Service::Gateway => call::call(facts, &mut self.route),
        };
        // A browser asks first with OPTIONS, always without a person.
        if event.method != "OPTIONS" {
            out.event(&Event { place, ..event });
        }
        true
    }

    /// A record of the database.
    fn statement(&mut self, facts: &Facts<'_, '_>, place: Place, out: &mut dyn Out) {
        self.database.take(
            &Given {
                at: facts.at,
                place,
                number: facts.rows.unwrap_or(0),
                severity: if facts.rank(Slot::Cache) == names::SEVERITY {
                    facts.text(Slot::Cache)
                } else {
                    ""
                },
                session: facts.text(Slot::Session),
                user: facts.text(Slot::DbRole),
                client: facts.text(Slot::Client),
                app: facts.text(Slot::Agent),
                sqlstate: facts.text(Slot::Sqlstate),
                vxid: facts.text(Slot::Trace),
                id: facts.text(Slot::Id),
                message: facts.text(Slot::Message),
                detail: facts.text(Slot::Route),
                statement: facts.text(Slot::Statement),
            },
            out,
        );
    }
}

fn sign_in<'s>(facts: &'s Facts<'_, '_>) -> Event<'s> {
    Event {
        layer: Layer::Auth,
        deployment: "",
        ..facts.event()
    }
}

fn signed_in<'s>(facts: &'s Facts<'_, '_>, _room: &'s mut String) -> Made<'s> {
    let event = sign_in(facts);
    if event.path.is_empty() && !event.is_named() && !facts.has(Slot::Message) {
        return Made::Foreign;
    }
    if event.path.is_empty() && !event.is_named() {
        // What it says while it starts.
        return Made::Quiet;
    }
    Made::Event(Event {
        message: "",
        ..event
    })
}

#[cfg(test)]
mod tests;
