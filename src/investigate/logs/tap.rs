//! The events as lines of JSON, for an engine that is to count them too.
//!
//! Only what questions ask for: no statements, parameters or messages. Values
//! are the customer's all the same.

use super::event::{CacheState, Event, NO_TIME};
use serde::Serialize;
use std::io::Write;
use std::sync::Mutex;

#[derive(Serialize)]
struct Line<'a> {
    ts: Option<i64>,
    layer: &'static str,
    user: &'a str,
    email: &'a str,
    key: &'a str,
    db_role: &'a str,
    role: &'a str,
    actor_tenant: &'a str,
    tenant: &'a str,
    client: &'a str,
    agent: &'a str,
    method: &'a str,
    path: &'a str,
    query: &'a str,
    route: &'a str,
    object_kind: &'a str,
    object: &'a str,
    status: u16,
    rows: Option<u64>,
    bytes: Option<u64>,
    cache: &'static str,
    shared: u8,
    bypass_mark: u8,
    deployment: &'a str,
}

/// Where events go besides the counts; shared by all workers.
pub struct Tap {
    out: Mutex<Inner>,
}

struct Inner {
    writer: Box<dyn Write + Send>,
    fault: Option<std::io::Error>,
}

impl std::fmt::Debug for Tap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tap").finish_non_exhaustive()
    }
}

impl Tap {
    /// Writes to this.
    pub fn new(writer: Box<dyn Write + Send>) -> Self {
        Self {
            out: Mutex::new(Inner {
                writer,
                fault: None,
            }),
        }
    }

    /// Writes one event; after a fault no more are written.
    pub fn event(&self, event: &Event<'_>) {
        let line = Line {
            ts: (event.at != NO_TIME).then_some(event.at),
            layer: event.layer.word(),
            user: event.user,
            email: event.email,
            key: event.key,
            db_role: event.db_role,
            role: event.role,
            actor_tenant: event.actor_tenant,
            tenant: event.tenant,
            client: event.client,
            agent: event.agent,
            method: event.method,
            path: event.path,
            query: event.query,
            route: event.route,
            object_kind: event.object_kind,
            object: event.object,
            status: event.status,
            rows: event.rows,
            bytes: event.bytes,
            cache: match event.cache {
                CacheState::Unsaid => "",
                CacheState::Origin => "miss",
                CacheState::Stored => "hit",
            },
            shared: u8::from(event.shared),
            bypass_mark: u8::from(event.bypass_mark),
            deployment: event.deployment,
        };
        let Ok(mut text) = serde_json::to_vec(&line) else {
            return;
        };
        text.push(b'\n');
        let mut out = self
            .out
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if out.fault.is_none() {
            out.fault = out.writer.write_all(&text).err();
        }
    }

    /// Brings what is still held to where it goes.
    ///
    /// # Errors
    /// The first fault of all writing.
    pub fn close(&self) -> std::io::Result<()> {
        let mut out = self
            .out
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match out.fault.take() {
            Some(fault) => Err(fault),
            None => out.writer.flush(),
        }
    }
}
