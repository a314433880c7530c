//! What one record of an application's log says, gathered under whatever
//! names it uses. A leaf; names are in `appkeys.rs`, reading JSON into it is
//! in `walk.rs`.
//!
//! Texts are borrowed from the record; only what had to be unescaped is
//! copied, into a buffer that the parser keeps between records.

mod shown;
mod value;

use super::request::split_target;
use crate::investigate::logs::event::{CacheState, Event, Layer, NO_TIME};
use shown::{client, shown_key};
pub use value::{Value, nanos};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Slot {
    User,
    Email,
    Key,
    DbRole,
    Role,
    ActorTenant,
    Tenant,
    Client,
    Agent,
    Method,
    /// A path, a path with a query, or a whole address.
    Target,
    Query,
    Route,
    Kind,
    Object,
    Request,
    Trace,
    Session,
    Deployment,
    Id,
    Message,
    Cache,
    /// `GET /path HTTP/1.1`.
    RequestLine,
    Statement,
    Sqlstate,
    // The rest are numbers.
    Time,
    Status,
    Rows,
    Bytes,
    Seconds,
    Millis,
    Micros,
    Nanos,
    CacheControl,
    Age,
    Bypass,
}

const TEXTS: usize = Slot::Sqlstate as usize + 1;
const SLOTS: usize = Slot::Bypass as usize + 1;

/// The slots of texts, in their order.
const TEXT_SLOTS: [Slot; TEXTS] = [
    Slot::User,
    Slot::Email,
    Slot::Key,
    Slot::DbRole,
    Slot::Role,
    Slot::ActorTenant,
    Slot::Tenant,
    Slot::Client,
    Slot::Agent,
    Slot::Method,
    Slot::Target,
    Slot::Query,
    Slot::Route,
    Slot::Kind,
    Slot::Object,
    Slot::Request,
    Slot::Trace,
    Slot::Session,
    Slot::Deployment,
    Slot::Id,
    Slot::Message,
    Slot::Cache,
    Slot::RequestLine,
    Slot::Statement,
    Slot::Sqlstate,
];

#[derive(Debug, Clone, Copy)]
enum Text<'a> {
    Borrowed(&'a str),
    Copied(u32, u32),
}

/// How much one record may copy.
const MOST: usize = 1 << 20;

/// The facts of one record.
#[derive(Debug)]
pub struct Facts<'a, 'b> {
    texts: [Text<'a>; TEXTS],
    /// How good a name gave each; a better or equal one takes its place.
    ranks: [u8; SLOTS],
    copied: &'b mut String,
    kind: &'static str,
    pub at: i64,
    /// Whether that time was written without a zone.
    pub unzoned: bool,
    pub status: i64,
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
    pub duration_ns: Option<u64>,
    shared: bool,
    bypass_mark: bool,
}

impl<'a, 'b> Facts<'a, 'b> {
    /// Nothing yet; `copied` is cleared and keeps its room.
    pub fn new(copied: &'b mut String) -> Self {
        copied.clear();
        Self {
            texts: [Text::Borrowed(""); TEXTS],
            ranks: [u8::MAX; SLOTS],
            copied,
            kind: "",
            at: NO_TIME,
            unzoned: false,
            status: 0,
            rows: None,
            bytes: None,
            duration_ns: None,
            shared: false,
            bypass_mark: false,
        }
    }

    /// Nothing again.
    pub fn clear(&mut self) {
        self.copied.clear();
        self.texts = [Text::Borrowed(""); TEXTS];
        self.ranks = [u8::MAX; SLOTS];
        self.kind = "";
        (self.at, self.unzoned, self.status) = (NO_TIME, false, 0);
        (self.rows, self.bytes, self.duration_ns) = (None, None, None);
        (self.shared, self.bypass_mark) = (false, false);
    }

    /// Takes a value under a name of this rank, 0 the best.
    pub fn put(&mut self, slot: Slot, rank: u8, kind: &'static str, value: Value<'a, '_>) {
        let at = slot as usize;
        if rank > self.ranks[at] || value.is_nothing() {
            return;
        }
        if at < TEXTS {
            if slot == Slot::Message && rank == self.ranks[at] {
                self.further_message(value);
                return;
            }
            if let Some(text) = self.text_of(value) {
                self.texts[at] = text;
                self.ranks[at] = rank;
                if slot == Slot::Object {
                    self.kind = kind;
                }
            }
            return;
        }
        if self.number(slot, value) {
            self.ranks[at] = rank;
        }
    }

    /// A record may hold several messages: each is a line.
    fn further_message(&mut self, value: Value<'a, '_>) {
        let from = self.copied.len();
        let said = self.text(Slot::Message).to_owned();
        let more = value.text().unwrap_or_default();
        if from + said.len() + more.len() < MOST {
            let joined = format!("{said}\n{more}");
            if let Some(text) = self.text_of(Value::Copied(&joined)) {
                self.texts[Slot::Message as usize] = text;
            }
        }
    }

    fn text_of(&mut self, value: Value<'a, '_>) -> Option<Text<'a>> {
        let from = self.copied.len();
        match value {
            Value::Borrowed(text) => return Some(Text::Borrowed(text)),
            Value::Copied(text) => {
                if from + text.len() > MOST {
                    return None;
                }
                self.copied.push_str(text);
            }
            other => other.write(self.copied),
        }
        let end = u32::try_from(self.copied.len()).ok()?;
        Some(Text::Copied(u32::try_from(from).ok()?, end))
    }

    fn number(&mut self, slot: Slot, value: Value<'_, '_>) -> bool {
        match slot {
            Slot::Time => match value.stamp() {
                Some((at, unzoned)) => (self.at, self.unzoned) = (at, unzoned),
                None => return false,
            },
            Slot::Status => match value.whole() {
                Some(status) => self.status = status,
                None => return false,
            },
            Slot::Rows => match value.count() {
                // A record may count in steps: the most is what went out.
                Some(rows) => self.rows = self.rows.max(Some(rows)),
                None => return false,
            },
            Slot::Bytes => match value.count() {
                Some(bytes) => self.bytes = Some(bytes),
                None => return false,
            },
            Slot::Seconds | Slot::Millis | Slot::Micros | Slot::Nanos => {
                let unit = match slot {
                    Slot::Seconds => 1e9,
                    Slot::Millis => 1e6,
                    Slot::Micros => 1e3,
                    _ => 1.0,
                };
                match nanos(value, unit) {
                    Some(nanos) => self.duration_ns = Some(nanos),
                    None => return false,
                }
            }
            Slot::CacheControl => {
                let says = |text: &str| {
                    let small = text.to_ascii_lowercase();
                    small.contains("s-maxage") || small.contains("public")
                };
                self.shared |= value.text().is_some_and(says);
            }
            Slot::Age => self.shared |= value.count().is_some_and(|age| age > 0),
            Slot::Bypass => self.bypass_mark = true,
            _ => return false,
        }
        true
    }

    /// Takes what another record says, where it does not live as long.
    pub fn copy_from(&mut self, other: &Facts<'_, '_>) {
        for slot in TEXT_SLOTS {
            let rank = other.ranks[slot as usize];
            self.put(slot, rank, other.kind, Value::Copied(other.text(slot)));
        }
        if self.at == NO_TIME {
            (self.at, self.unzoned) = (other.at, other.unzoned);
        }
        if self.status == 0 {
            self.status = other.status;
        }
        self.rows = self.rows.max(other.rows);
        self.bytes = self.bytes.or(other.bytes);
        self.duration_ns = self.duration_ns.or(other.duration_ns);
        self.shared |= other.shared;
        self.bypass_mark |= other.bypass_mark;
    }

    /// Whether something stands there.
    pub const fn has(&self, slot: Slot) -> bool {
        self.ranks[slot as usize] != u8::MAX
    }

    /// How good the name was that gave a value, 0 the best.
    pub const fn rank(&self, slot: Slot) -> u8 {
        self.ranks[slot as usize]
    }

    /// Whether anything was said at all.
    pub fn is_empty(&self) -> bool {
        self.ranks.iter().all(|rank| *rank == u8::MAX)
    }

    /// The text that stands there, or nothing.
    pub fn text(&self, slot: Slot) -> &str {
        match self.texts.get(slot as usize) {
            Some(Text::Borrowed(text)) => text,
            Some(Text::Copied(from, end)) => self
                .copied
                .get(*from as usize..*end as usize)
                .unwrap_or_default(),
            None => "",
        }
    }

    /// The record as an event: a request where it has a path and a status,
    /// otherwise what a program printed.
    pub fn event(&self) -> Event<'_> {
        let mut method = self.text(Slot::Method);
        let (mut path, mut query) = split_target(self.text(Slot::Target));
        let line = self.text(Slot::RequestLine);
        if path.is_empty() && !line.is_empty() {
            (method, path, query) = super::request::split_request(line);
        }
        if query.is_empty() {
            let said = self.text(Slot::Query);
            query = said.strip_prefix('?').unwrap_or(said);
        }
        let route = self.route(&mut method, &mut path);
        let kind = self.text(Slot::Kind);
        let status = u16::try_from(self.status).unwrap_or(0);
        let named = !path.is_empty() || !route.is_empty();
        Event {
            at: self.at,
            layer: if named && status != 0 {
                Layer::Http
            } else {
                Layer::Console
            },
            status,
            cache: CacheState::parse(self.text(Slot::Cache)),
            rows: self.rows,
            bytes: self.bytes,
            duration_ns: self.duration_ns,
            shared: self.shared,
            bypass_mark: self.bypass_mark,
            user: self.text(Slot::User),
            email: self.text(Slot::Email),
            key: shown_key(self.text(Slot::Key)),
            db_role: self.text(Slot::DbRole),
            role: self.text(Slot::Role),
            actor_tenant: self.text(Slot::ActorTenant),
            tenant: self.text(Slot::Tenant),
            client: client(self.text(Slot::Client)),
            agent: self.text(Slot::Agent),
            method,
            path,
            query,
            route,
            object_kind: if kind.is_empty() { self.kind } else { kind },
            object: self.text(Slot::Object),
            request: self.text(Slot::Request),
            trace: self.text(Slot::Trace),
            session: self.text(Slot::Session),
            deployment: self.text(Slot::Deployment),
            id: self.text(Slot::Id),
            message: self.text(Slot::Message),
            statement: self.text(Slot::Statement),
            sqlstate: self.text(Slot::Sqlstate),
            ..Event::EMPTY
        }
    }

    /// A route's template. `GET /api/x` names the method too, and what is no
    /// path, such as the name of a handler, is none.
    fn route<'s>(&'s self, method: &mut &'s str, path: &mut &'s str) -> &'s str {
        let mut route = self.text(Slot::Route);
        let blank = memchr::memchr(b' ', route.as_bytes());
        if let Some((word, rest)) = blank.and_then(|_| route.split_once(' '))
            && rest.starts_with('/')
        {
            if method.is_empty() {
                *method = word;
            }
            route = rest;
        }
        if !route.starts_with('/') {
            return "";
        }
        let mark = |byte: u8| matches!(byte, b'[' | b'{' | b'<' | b':' | b'*');
        if path.is_empty() && !route.bytes().any(mark) {
            *path = split_target(route).0;
            return "";
        }
        route
    }
}

#[cfg(test)]
mod tests;
