//! An object that only holds the list of the records, such as
//! `{"Records":[..]}`: told by the names of its first keys, so that a record
//! that happens to hold a list is left whole.

use memchr::memchr2;

/// Keys whose list of objects are records.
fn holds_records(key: &[u8]) -> bool {
    matches!(
        key,
        b"Records"
            | b"records"
            | b"logs"
            | b"result"
            | b"results"
            | b"data"
            | b"events"
            | b"Events"
            | b"logEvents"
            | b"items"
            | b"entries"
            | b"rows"
            | b"hits"
            | b"value"
            | b"values"
            | b"messages"
            | b"lines"
    )
}

/// Keys that say something about the list, before or behind it.
pub fn describes(key: &[u8]) -> bool {
    matches!(
        key,
        b"object"
            | b"url"
            | b"has_more"
            | b"hasMore"
            | b"total"
            | b"total_count"
            | b"count"
            | b"took"
            | b"timed_out"
            | b"_shards"
            | b"max_score"
            | b"status"
            | b"success"
            | b"ok"
            | b"page"
            | b"next"
            | b"next_page"
            | b"nextToken"
            | b"nextForwardToken"
            | b"nextBackwardToken"
            | b"cursor"
            | b"pagination"
            | b"start"
            | b"limit"
            | b"length"
            | b"error"
            | b"errors"
            | b"messageType"
            | b"owner"
            | b"logGroup"
            | b"logStream"
            | b"subscriptionFilters"
            | b"searchedLogStreams"
            | b"resultType"
            | b"stats"
            | b"meta"
            | b"version"
            | b"schema"
    )
}

/// Whether an object with this first key may hold a list of records.
pub fn may_lead(key: &[u8]) -> bool {
    holds_records(key) || describes(key)
}

/// What the beginning of an object tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// A list of records begins behind that many bytes, that many objects deep.
    List(usize, u8),
    /// A record, or too odd to be told.
    Record,
}

/// Looks at the beginning of an object.
pub fn head(bytes: &[u8]) -> Head {
    let Some(mut at) = after(bytes, 0, b'{') else {
        return Head::Record;
    };
    let mut depth = 1;
    loop {
        let Some((key, value)) = key(bytes, at) else {
            return Head::Record;
        };
        if holds_records(key) {
            if let Some(inside) = list(bytes, value) {
                return Head::List(inside, depth);
            }
            if depth > 1 {
                return Head::Record;
            }
            let Some(inside) = after(bytes, value, b'{') else {
                return Head::Record;
            };
            depth += 1;
            at = inside;
            continue;
        }
        if !describes(key) {
            return Head::Record;
        }
        match passed(bytes, value).and_then(|end| after(bytes, end, b',')) {
            Some(next) => at = next,
            None => return Head::Record,
        }
    }
}

/// The first place at or after `at` that is no blank.
pub fn unblank(bytes: &[u8], at: usize) -> usize {
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(blank).count()
}

fn after(bytes: &[u8], at: usize, want: u8) -> Option<usize> {
    let at = unblank(bytes, at);
    (bytes.get(at) == Some(&want)).then_some(at + 1)
}

/// The key at `at`, and where its value begins.
pub fn key(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let from = after(bytes, at, b'"')?;
    let end = from + memchr2(b'"', b'\\', bytes.get(from..)?)?;
    let value = after(bytes, end, b'"').and_then(|at| after(bytes, at, b':'))?;
    Some((&bytes[from..end], unblank(bytes, value)))
}

/// Whether a list of objects begins at `at`: where its inside begins.
fn list(bytes: &[u8], at: usize) -> Option<usize> {
    let inside = after(bytes, at, b'[')?;
    let mut next = unblank(bytes, inside);
    if bytes.get(next) == Some(&b'[') {
        next = unblank(bytes, next + 1);
    }
    matches!(bytes.get(next), Some(b'{' | b']')).then_some(inside)
}

/// Whether the key's value is a list of records: where its inside begins.
pub fn records(bytes: &[u8], key: &[u8], value: usize) -> Option<usize> {
    if holds_records(key) {
        list(bytes, value)
    } else {
        None
    }
}

/// Where the value at `at` ends, when it ends within the bytes.
fn passed(bytes: &[u8], at: usize) -> Option<usize> {
    use super::scanner::{Found, Scanner};
    match bytes.get(at)? {
        b'{' | b'[' | b'"' => match Scanner::new().look(&bytes[at..]) {
            Found::End(end) => Some(at + end),
            Found::More | Found::Torn(_) => None,
        },
        _ => Some(at + scalar(&bytes[at..])).filter(|end| *end > at),
    }
}

/// The length of a number or a bare word.
pub fn scalar(bytes: &[u8]) -> usize {
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    bytes.iter().take_while(part).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(text: &str) -> Option<(&str, u8)> {
        match head(text.as_bytes()) {
            Head::List(at, depth) => Some((&text[at..], depth)),
            Head::Record => None,
        }
    }

    #[test]
    fn lists_of_records_are_told() {
        assert_eq!(lists("{\"Records\":[{\"a\""), Some(("{\"a\"", 1)));
        assert_eq!(lists("{ \"logs\" : [\n {"), Some(("\n {", 1)));
        assert_eq!(lists("{\"result\":[]}"), Some(("]}", 1)));
        assert_eq!(lists("{\"data\":[[{}]]}"), Some(("[{}]]}", 1)));
        let stripe = "{\"object\":\"list\",\"url\":\"/v1/events\",\"has_more\":false,\"data\":[{";
        assert_eq!(lists(stripe), Some(("{", 1)));
        let engine =
            "{\"took\":3,\"_shards\":{\"total\":1},\"hits\":{\"total\":{\"value\":2},\"hits\":[{";
        assert_eq!(lists(engine), Some(("{", 2)));
        let loki = "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[{";
        assert_eq!(lists(loki), Some(("{", 2)));
    }

    #[test]
    fn a_record_that_holds_a_list_stays_whole() {
        for text in [
            "{\"requestId\":\"r\",\"logs\":[{\"level\":\"info\"}]}",
            "{\"resourceLogs\":[{\"scopeLogs\":[]}]}",
            "{\"id\":\"x\",\"metadata\":[{\"request\":[{}]}]}",
            "{\"metadata\":[{\"request\":[{}]}]}",
            "{\"data\":{\"id\":\"u1\",\"events\":[{}]},\"object\":\"event\"}",
            "{\"object\":\"event\",\"data\":{\"object\":{}}}",
            "{\"data\":[\"a\",\"b\"]}",
            "{\"values\":[[1,2]]}",
            "{}",
            "{",
        ] {
            assert_eq!(lists(text), None, "{text}");
        }
    }
}
