//! What a program printed: JSON, text with JSON in it, pairs such as
//! `user=u1 rows=20`, or a printed object `{ userId: 'u1', rows: 20 }`. A leaf
//! but for the names.
//!
//! Most printed text says nothing of interest, so a look at the bytes comes
//! before any reading.

use super::appkeys::{ROOT, SIGNS};
use super::facts::{Facts, Value};
use super::parser::{Out, Setting, placed};
use super::walk::{Found, Memo, Names, Printed, is_shallow, object, printed};
use crate::domain::zone::Zone;
use crate::investigate::logs::event::{Event, Layer, NO_TIME, Place};
use aho_corasick::packed::Searcher;
use memchr::{memchr, memmem};
use std::sync::LazyLock;

/// Text after which no more is read of one message.
const LONGEST: usize = 256 << 10;

/// Reads what a program printed; says whether anything was found.
pub fn read<'a>(message: &'a str, memo: &mut Memo, facts: &mut Facts<'a, '_>) -> bool {
    let message = message.trim();
    let was_empty = facts.is_empty();
    if message.starts_with('{') && object(message, ROOT, memo, facts) {
        return true;
    }
    if message.starts_with(['[', '"']) && nested(message, memo, facts) {
        return true;
    }
    for line in head(message).lines() {
        one(line.trim(), memo, facts);
    }
    was_empty && !facts.is_empty()
}

/// Whether a text may hold facts and is worth a [`read`]: it names somebody
/// or something, and has a sign that ties a name to a value.
pub fn is_promising(message: &str) -> bool {
    static SEARCHER: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(SIGNS));
    let bytes = message.as_bytes();
    if memchr::memchr2(b'=', b':', bytes).is_none() {
        return false;
    }
    if matches!(bytes.first(), Some(b'{' | b'"')) {
        return true;
    }
    match &*SEARCHER {
        Some(searcher) => searcher.find(bytes).is_some(),
        // Where the processor lacks the instructions.
        None => SIGNS
            .iter()
            .any(|sign| memmem::find(bytes, sign.as_bytes()).is_some()),
    }
}

fn head(message: &str) -> &str {
    let end = (0..=LONGEST.min(message.len()))
        .rev()
        .find(|at| message.is_char_boundary(*at));
    message.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// A text of JSON within JSON, or a list whose first element speaks.
fn nested<'a>(message: &'a str, memo: &mut Memo, facts: &mut Facts<'a, '_>) -> bool {
    if !is_shallow(message.as_bytes()) {
        return false;
    }
    if message.starts_with('[') {
        let first = sonic_rs::to_array_iter(message).next();
        let Some(Ok(first)) = first else { return false };
        let at = message.len() - message.trim_start_matches(['[', ' ', '\n']).len();
        let length = first.as_raw_str().len();
        return message
            .get(at..at + length)
            .is_some_and(|first| first.starts_with('{') && object(first, ROOT, memo, facts));
    }
    let Ok(inner) = sonic_rs::from_str::<String>(message) else {
        return false;
    };
    // What is found does not live as long as the record: it is copied.
    let mut copied = String::new();
    let mut found = Facts::new(&mut copied);
    if !object(inner.trim(), ROOT, memo, &mut found) {
        return false;
    }
    facts.copy_from(&found);
    true
}

/// One line of text.
fn one<'a>(line: &'a str, memo: &mut Memo, facts: &mut Facts<'a, '_>) {
    let mut rest = line;
    if let Some(open) = memchr(b'{', line.as_bytes()) {
        let (before, json) = line.split_at(open);
        rest = before;
        let end = memchr::memrchr(b'}', json.as_bytes()).map_or(json.len(), |at| at + 1);
        if !object(json.get(..end).unwrap_or(json), ROOT, memo, facts) {
            pairs(json, ROOT, facts);
        }
    }
    pairs(rest, ROOT, facts);
}

/// Pairs `key=value`, and `key: value` within braces, quoted or not; objects below a key
/// have the names of that key.
pub fn pairs<'a>(text: &'a str, names: Names, facts: &mut Facts<'a, '_>) -> usize {
    let mut tables = [names; 8];
    let mut depth = 0_usize;
    let mut found = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'}' {
            depth = depth.saturating_sub(1);
        }
        if *byte == b'{' {
            depth += 1;
            if let Some(table) = tables.get_mut(depth) {
                *table = names;
            }
        }
        if !is_name(*byte) {
            at += 1;
            continue;
        }
        let start = at;
        at += bytes[at..]
            .iter()
            .take_while(|byte| is_name(**byte))
            .count();
        let key = text.get(start..at).unwrap_or_default();
        let after_quote = usize::from(matches!(bytes.get(at), Some(b'"' | b'\'')));
        let Some(sign @ (b'=' | b':')) = bytes.get(at + after_quote) else {
            continue;
        };
        at += after_quote + 1;
        if *sign == b':' {
            // Only within braces: `user: not found` is prose.
            let blank = bytes.get(at) == Some(&b' ');
            if depth == 0 || (!blank && after_quote == 0) {
                continue;
            }
            at += usize::from(blank);
        }
        let means = tables[depth.min(7)](key);
        if bytes.get(at) == Some(&b'{') {
            depth += 1;
            if let Some(table) = tables.get_mut(depth) {
                *table = means.inside.unwrap_or(nothing);
            }
            at += 1;
            continue;
        }
        let (value, next) = value(text, at);
        at = next;
        found += 1;
        if let Some(slot) = means.slot {
            facts.put(slot, means.rank, means.kind, Value::Borrowed(value));
        }
    }
    found
}

fn nothing(_key: &str) -> super::walk::Means {
    super::walk::Means::SKIP
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The value at a place and where the text goes on.
fn value(text: &str, at: usize) -> (&str, usize) {
    let bytes = text.as_bytes();
    if let Some(quote @ (b'"' | b'\'' | b'`')) = bytes.get(at) {
        let mut end = at + 1;
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'\\' => end += 1,
                byte if byte == quote => break,
                _ => {}
            }
            end += 1;
        }
        let end = end.min(bytes.len());
        return (text.get(at + 1..end).unwrap_or_default(), end + 1);
    }
    let length = bytes[at.min(bytes.len())..]
        .iter()
        .take_while(|byte| {
            !matches!(
                byte,
                b' ' | b',' | b';' | b'}' | b')' | b']' | b'\t' | b'\n'
            )
        })
        .count();
    (text.get(at..at + length).unwrap_or_default(), at + length)
}

/// Gives events on, each with what its message says.
#[derive(Debug)]
pub struct Speaker {
    copied: String,
    /// For what is printed, and for what is printed within a text.
    memos: [Memo; 2],
    zone: Option<Zone>,
}

impl Speaker {
    /// Nothing said yet.
    pub fn new(setting: &Setting) -> Self {
        Self {
            copied: String::new(),
            memos: <[Memo; 2]>::default(),
            zone: setting.zone,
        }
    }

    /// An event; `unzoned` when its time was written without a zone.
    pub fn emit(&mut self, mut event: Event<'_>, unzoned: bool, out: &mut dyn Out) {
        if unzoned {
            event.at = placed(event.at, self.zone, "", out);
        }
        if is_promising(event.message) {
            let mut found = Facts::new(&mut self.copied);
            if read(event.message, &mut self.memos[0], &mut found) {
                let mut both = event;
                fill(&mut both, &found.event());
                out.event(&both);
                return;
            }
        }
        out.event(&event);
    }

    /// Reads a record of JSON with what its message says, in one go, and gives
    /// the event that `made` makes of it. `false` when that can't be done: the
    /// record is broken, or has several messages.
    pub fn record<'a>(
        &mut self,
        (text, names, place): (&'a str, Names, Place),
        memo: &mut Memo,
        facts: &mut Facts<'a, '_>,
        made: for<'s> fn(&'s Facts<'_, '_>, Place) -> Event<'s>,
        out: &mut dyn Out,
    ) -> bool {
        let mut said = Facts::new(&mut self.copied);
        let message = Printed {
            names: ROOT,
            facts: &mut said,
            memo: &mut self.memos[1],
            promising: is_promising,
            found: Found::Unread,
        };
        let Some(found) = printed(text, names, memo, facts, message) else {
            return false;
        };
        if facts.is_empty() {
            return false;
        }
        let mut event = made(facts, place);
        if found == Found::Read {
            if facts.unzoned {
                event.at = placed(event.at, self.zone, "", out);
            }
            let mut both = event;
            fill(&mut both, &said.event());
            out.event(&both);
            return true;
        }
        if found == Found::Quiet {
            event.message = "";
        }
        self.emit(event, facts.unzoned, out);
        true
    }

    /// A line of text that a program printed.
    pub fn printed(&mut self, line: &str, place: Place, out: &mut dyn Out) {
        let event = Event {
            layer: Layer::Console,
            message: line,
            place,
            ..Event::EMPTY
        };
        self.emit(event, false, out);
    }
}

/// Adds to a record what its message says.
fn fill<'a>(outer: &mut Event<'a>, inner: &Event<'a>) {
    let says_nothing = outer.path.is_empty() && outer.route.is_empty() && outer.status == 0;
    outer.fill(inner);
    if outer.at == NO_TIME {
        outer.at = inner.at;
    }
    if says_nothing {
        outer.layer = inner.layer;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, test: impl FnOnce(&Event<'_>)) {
        let mut copied = String::new();
        let mut facts = Facts::new(&mut copied);
        read(message, &mut Memo::default(), &mut facts);
        test(&facts.event());
    }

    #[test]
    fn a_person_is_found_in_every_form() {
        for message in [
            r#"{"userId":"u1","orgId":7,"rows":20}"#,
            "{\"userId\":\"u1\",\"orgId\":7,\"rows\":20}\n",
            r#"[audit] customers.list {"userId":"u1","orgId":7,"rows":20}"#,
            r#""{\"userId\":\"u1\",\"orgId\":7,\"rows\":20}\n""#,
            r#"[{"userId":"u1","orgId":7,"rows":20},1]"#,
            "customers.list { userId: 'u1', org: { id: 7, x: [] }, rows: 20 }",
            "audit user=u1 org=7 rows=20 msg=\"a b\"",
            "START RequestId: r1 Version: $LATEST\n{\"userId\":\"u1\",\"orgId\":7}\n{\"rows\":20}\nEND RequestId: r1\n",
            "{\"userId\":\"u1\",\"orgId\":7,\"rows\":20,\"names\":[\"cut ab",
        ] {
            check(message, |event| {
                assert_eq!((event.user, event.actor_tenant), ("u1", "7"), "{message}");
                assert_eq!(event.rows, Some(20), "{message}");
            });
        }
    }

    #[test]
    fn plain_text_says_nothing() {
        for message in [
            "",
            "ready in 3s",
            "GET http://status.example:80/ at 12:30:01",
            "{",
            "user",
            "\"",
            "user: \\",
            "user: not found",
            "no such user: bob (status: 404)",
            "user='",
            "[[[",
        ] {
            check(message, |event| {
                assert!(!event.is_named(), "{message}");
            });
        }
        check(&"{\"user\":".repeat(100_000), |event| {
            assert!(!event.is_named());
        });
        check(&"[".repeat(1 << 20), |event| {
            assert!(!event.is_named());
        });
        check(&"user:{".repeat(100_000), |event| {
            assert!(!event.is_named());
        });
    }
}
