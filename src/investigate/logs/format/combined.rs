//! The combined log of nginx and Apache:
//! `ip ident user [time] "request" status bytes "referer" "agent" ..`.
//!
//! The common log, without referer and agent, is read too, and lines that
//! begin with the virtual host or a chain of forwarding. The request may be
//! garbage; nginx writes foreign bytes as `\xHH`. Fields after the agent are
//! told by their content, in `combined/trail.rs`.

pub mod head;
pub mod trail;

use super::parser::{Format, Framing, NO_ZONE, Out, Parser, Setting};
use super::request::{is_inner, number, said, split_request};
use crate::domain::zone::{Doubt, Zone};
use crate::investigate::logs::event::{Event, NO_TIME, Place, Stamp};
use crate::investigate::logs::time::{access_log, iso};
use memchr::memchr;
use trail::Trail;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "combined",
    title: "nginx or Apache access log",
    framing: Framing::Lines,
    // The request's id, where it is logged, leads to what the app wrote of it.
    joins: true,
    claim,
    open,
};

fn claim(sample: &[u8]) -> usize {
    let mut clock = Clock::default();
    sample
        .split(|byte| *byte == b'\n')
        .filter(|line| {
            let line = String::from_utf8_lossy(line);
            head::parts(&line).is_some_and(|parts| clock.read(parts.time) != NO_TIME)
        })
        .count()
}

fn open(_sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(Combined {
        clock: Clock {
            zone: setting.zone,
            ..Clock::default()
        },
        with_agent: false,
        request: String::new(),
        user: String::new(),
    })
}

#[derive(Debug)]
struct Combined {
    clock: Clock,
    /// Lines before this one had an agent: one that ends before it is torn.
    with_agent: bool,
    request: String,
    user: String,
}

impl Parser for Combined {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        match std::str::from_utf8(record) {
            Ok(line) => self.read(line, place, out),
            Err(_) => self.read(&String::from_utf8_lossy(record), place, out),
        }
    }

    fn line(&mut self, line: &str, place: Place, out: &mut dyn Out) {
        if !self.usual(line, place, out) {
            self.read(line, place, out);
        }
    }
}

impl Combined {
    /// Reads a line as most are; `false` for another.
    #[inline]
    fn usual(&mut self, line: &str, place: Place, out: &mut dyn Out) -> bool {
        let Some(parts) = head::usual(line) else {
            return false;
        };
        let at = self.clock.read(parts.time);
        if at == NO_TIME || self.clock.doubt.is_some() {
            return false;
        }
        self.with_agent |= !parts.agent.is_empty();
        let mut event = Event {
            at,
            place,
            status: parts.status,
            method: parts.method,
            path: parts.path,
            query: parts.query,
            bytes: parts.bytes,
            client: said(parts.client),
            user: said(parts.user),
            agent: said(parts.agent),
            ..Event::EMPTY
        };
        if !parts.after.is_empty() {
            fill(&mut event, &trail::read(parts.after));
        }
        out.event(&event);
        true
    }

    fn read(&mut self, line: &str, place: Place, out: &mut dyn Out) {
        let Some(parts) = head::parts(line) else {
            return out.unparsed(place);
        };
        let at = self.clock.read(parts.time);
        let torn = self.with_agent && parts.rest.is_empty();
        let Some(status) = status(parts.status).filter(|_| at != NO_TIME && !torn) else {
            return out.unparsed(place);
        };
        if let Some(doubt) = self.clock.doubt {
            out.remark(doubt);
        }
        let (agent, after) = head::agent(parts.rest);
        self.with_agent |= !agent.is_empty();
        let (method, path, query) = if memchr(b'\\', parts.request.as_bytes()).is_some() {
            head::unescape(parts.request, &mut self.request);
            split_request(&self.request)
        } else {
            split_request(parts.request)
        };
        let user = if memchr(b'\\', parts.user.as_bytes()).is_some() {
            head::unescape(parts.user, &mut self.user);
            self.user.as_str()
        } else {
            parts.user
        };
        let mut event = Event {
            at,
            place,
            status,
            method,
            path,
            query,
            bytes: number(parts.bytes),
            client: said(parts.client),
            user: said(user),
            agent: said(agent),
            ..Event::EMPTY
        };
        if !after.is_empty() {
            fill(&mut event, &trail::read(after));
        }
        out.event(&event);
    }
}

/// Puts what stood after the agent in its place.
fn fill<'a>(event: &mut Event<'a>, trail: &Trail<'a>) {
    event.cache = trail.cache;
    event.request = trail.request;
    event.trace = trail.trace;
    event.duration_ns = trail.duration_ns;
    event.role = trail.role;
    event.actor_tenant = trail.tenant;
    event.bypass_mark = trail.bypass_mark;
    if event.user.is_empty() {
        event.user = trail.user;
    }
    // Anybody can send the header; an inner proxy's word counts.
    if !trail.forwarded.is_empty() && is_inner(event.client) {
        event.client = trail.forwarded;
    }
}

/// Three digits; nginx writes 000 where no answer was given, Apache `-`.
fn status(text: &str) -> Option<u16> {
    match text.as_bytes() {
        [b'-'] => Some(0),
        [a, b, c] if [a, b, c].iter().all(|digit| digit.is_ascii_digit()) => {
            Some(u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0'))
        }
        _ => None,
    }
}

/// Reads times; most lines have the second of the line before.
#[derive(Debug, Default)]
pub struct Clock {
    last: [u8; 26],
    at: Stamp,
    /// What a time without a zone is taken as.
    zone: Option<Zone>,
    /// What is not sure of times that had no zone.
    pub doubt: Option<&'static str>,
}

impl Clock {
    /// The stamp of `10/Mar/2026:08:00:02 +0000`, also with a fraction of the
    /// second, or of an ISO time.
    pub fn read(&mut self, time: &str) -> Stamp {
        let text = time.as_bytes();
        let same = text.first_chunk().is_some_and(|known| *known == self.last);
        if same && text.len() == self.last.len() {
            return self.at;
        }
        let at = self.fresh(text);
        if let Ok(last) = <[u8; 26]>::try_from(text)
            && at != NO_TIME
        {
            self.last = last;
            self.at = at;
        }
        at
    }

    fn fresh(&mut self, text: &[u8]) -> Stamp {
        if let Some((at, zoned, _)) = iso(text) {
            return if zoned { at } else { self.local(at) };
        }
        let at = access_log(text);
        let zoned = text.last_chunk::<5>().is_some_and(|[sign, digits @ ..]| {
            matches!(sign, b'+' | b'-') && digits.iter().all(u8::is_ascii_digit)
        });
        if at == NO_TIME || zoned {
            return at;
        }
        self.local(at)
    }

    fn local(&mut self, at: Stamp) -> Stamp {
        let Some(zone) = self.zone else {
            self.doubt = Some(NO_ZONE);
            return at;
        };
        let (at, doubt) = zone.utc(at, "");
        self.doubt = doubt.map(Doubt::remark).or(self.doubt);
        at
    }
}

#[cfg(test)]
mod tests;
