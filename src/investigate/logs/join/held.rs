//! A record that waits, with its texts owned: all in one buffer, which is
//! used again for the next record that waits in its place. A leaf.

use crate::investigate::logs::event::{CacheState, Event, Layer, Numbers, Place, Stamp, TEXTS};

/// Bytes of texts beyond which a buffer is not kept for the next record.
const LONG: usize = 1 << 10;

/// A record with its texts owned.
///
/// Left out are the message, which was read before, and the id, by which the
/// record was told from its repeats.
#[derive(Debug)]
pub struct Held {
    texts: String,
    /// Where each text begins in `texts`, and how long it is.
    spans: [(u32, u32); TEXTS],
    rest: Numbers,
    is_named: bool,
}

impl Default for Held {
    fn default() -> Self {
        Self {
            texts: String::new(),
            spans: [(0, 0); TEXTS],
            rest: Event::EMPTY.numbers(),
            is_named: false,
        }
    }
}

/// The texts that are kept, in the order of [`Event::texts`].
const fn kept<'a>(event: &Event<'a>) -> [&'a str; TEXTS] {
    Event {
        message: "",
        id: "",
        ..*event
    }
    .texts()
}

impl Held {
    /// Holds this record and nothing of the one before.
    pub fn put(&mut self, event: &Event<'_>) {
        self.texts.clear();
        // One allocation at most.
        let texts = kept(event);
        let length = texts.iter().map(|text| text.len()).sum::<usize>();
        if self.texts.capacity() > LONG.max(length) {
            // The room of a long record is given back.
            self.texts = String::new();
        }
        self.texts.reserve(length);
        for (span, text) in self.spans.iter_mut().zip(texts) {
            *span = added(&mut self.texts, text);
        }
        self.rest = event.numbers();
        self.is_named = event.is_named();
    }

    /// The record.
    pub fn event(&self) -> Event<'_> {
        let mut texts = [""; TEXTS];
        for (text, (from, length)) in texts.iter_mut().zip(self.spans) {
            if length > 0 {
                let from = from as usize;
                let text_of = self.texts.get(from..from + length as usize);
                *text = text_of.unwrap_or_default();
            }
        }
        Event::of(texts, self.rest)
    }

    /// Bytes of its texts.
    pub const fn size(&self) -> usize {
        self.texts.len()
    }

    /// Where its record stands.
    pub const fn place(&self) -> Place {
        self.rest.place
    }

    /// Where its record stands and when it was.
    pub const fn when(&self) -> (Place, Stamp) {
        (self.rest.place, self.rest.at)
    }

    /// Whether it is a request whose person is known.
    pub fn is_whole(&self) -> bool {
        self.rest.layer != Layer::Console && self.is_named
    }

    /// Takes in another record of the same request: the request's own leads,
    /// a console line fills in.
    pub fn take(&mut self, event: &Event<'_>) {
        let leads = self.rest.layer == Layer::Console && event.layer != Layer::Console;
        for (span, text) in self.spans.iter_mut().zip(kept(event)) {
            // A text that gives way stays in the buffer until the next record.
            if !text.is_empty() && (leads || span.1 == 0) {
                *span = added(&mut self.texts, text);
            }
        }
        self.is_named |= event.is_named();
        let mine = &mut self.rest;
        mine.rows = mine.rows.max(event.rows);
        mine.shared |= event.shared;
        mine.bypass_mark |= event.bypass_mark;
        if leads {
            mine.bytes = event.bytes.or(mine.bytes);
            mine.duration_ns = event.duration_ns.or(mine.duration_ns);
            (mine.at, mine.place, mine.layer) = (event.at, event.place, event.layer);
        } else {
            mine.bytes = mine.bytes.or(event.bytes);
            mine.duration_ns = mine.duration_ns.or(event.duration_ns);
        }
        if mine.status == 0 || (leads && event.status != 0) {
            mine.status = event.status;
        }
        if mine.cache == CacheState::Unsaid || (leads && event.cache != CacheState::Unsaid) {
            mine.cache = event.cache;
        }
    }
}

/// Adds a text; gives where it stands.
fn added(texts: &mut String, text: &str) -> (u32, u32) {
    if text.is_empty() {
        return (0, 0);
    }
    let (Ok(from), Ok(length)) = (u32::try_from(texts.len()), u32::try_from(text.len())) else {
        return (0, 0);
    };
    texts.push_str(text);
    (from, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_joins_as_events_do() {
        let request = Event {
            path: "/api/a",
            client: "10.0.0.1",
            rows: Some(3),
            status: 200,
            at: 7,
            ..Event::EMPTY
        };
        let console = Event {
            user: "u1",
            client: "other",
            rows: Some(7),
            shared: true,
            layer: Layer::Console,
            ..Event::EMPTY
        };
        for (first, second) in [(&request, &console), (&console, &request)] {
            let mut held = Held::default();
            held.put(first);
            held.take(second);
            assert_eq!(held.event(), request.joined(&console));
            assert!(held.is_whole());
        }
        let mut held = Held::default();
        held.put(&console);
        held.take(&console);
        assert_eq!(held.event(), console);
        held.put(&request);
        assert_eq!(held.event(), request);
    }
}
