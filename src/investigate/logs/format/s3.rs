//! The server access log of S3: fields between blanks, some in quotes, the
//! time in brackets; what stands behind the ones known here is not looked at.
//! A key is URL-encoded twice, an agent may hold quotes, and a request's
//! address is left out, since it may be signed.

use super::aws::caller;
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::request::{number, percent, said};
use crate::investigate::logs::event::{Event, Layer, NO_TIME, Place};
use crate::investigate::logs::route::is_id;
use crate::investigate::logs::time::access_log;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "s3",
    title: "S3 server access log",
    framing: Framing::Lines,
    joins: false,
    claim,
    open: |_, _: &Setting| Box::<S3>::default(),
};

/// Fields up to the agent.
const FIELDS: usize = 17;
/// The fewest a line has: up to the bytes that went out.
const LEAST: usize = 12;

fn claim(sample: &[u8]) -> usize {
    sample
        .split(|byte| *byte == b'\n')
        .filter(|line| {
            let line = String::from_utf8_lossy(line);
            fields(&line).is_some_and(|fields| access_log(fields[2].as_bytes()) != NO_TIME)
        })
        .count()
}

#[derive(Debug, Default)]
struct S3 {
    path: String,
    route: String,
    id: String,
    key: String,
}

impl Parser for S3 {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let line = String::from_utf8_lossy(record);
        let read = fields(&line).and_then(|fields| self.event(&fields));
        match read {
            Some(event) => out.event(&Event { place, ..event }),
            None => out.unparsed(place),
        }
    }
}

impl S3 {
    fn event<'s>(&'s mut self, fields: &[&'s str; FIELDS]) -> Option<Event<'s>> {
        let at = access_log(fields[2].as_bytes());
        let status = match fields[9] {
            "-" => 0,
            text => u16::try_from(number(text)?).ok()?,
        };
        if at == NO_TIME {
            return None;
        }
        let (bucket, operation) = (fields[1], fields[6]);
        self.key.clear();
        self.key.push_str(&percent(&percent(said(fields[7]))));
        named(bucket, &self.key, &mut self.path, &mut self.route);
        // Copying reads and writes under one request.
        self.id.clear();
        self.id.push_str(said(fields[5]));
        if operation.starts_with("REST.COPY") {
            self.id.push_str(operation);
        }
        let who = caller(said(fields[4]));
        let (object_kind, object) = object_of(&self.key);
        Some(Event {
            at,
            status,
            layer: Layer::Cloud,
            user: if is_nobody(who.user) { "" } else { who.user },
            email: who.email,
            role: who.role,
            client: said(fields[3]),
            agent: said(fields[16]),
            method: method(operation),
            path: &self.path,
            route: &self.route,
            object_kind,
            object,
            // Of what was written, the size that went out is its own answer.
            bytes: number(fields[11]),
            duration_ns: number(fields[13]).and_then(|millis| millis.checked_mul(1_000_000)),
            request: said(fields[5]),
            id: &self.id,
            ..Event::EMPTY
        })
    }
}

/// The path of an object, and the route of all objects of its bucket.
pub fn named(bucket: &str, key: &str, path: &mut String, route: &mut String) {
    path.clear();
    route.clear();
    for text in [&mut *path, &mut *route] {
        text.push('/');
        text.push_str(bucket);
    }
    if !key.is_empty() {
        path.push('/');
        path.push_str(key.trim_start_matches('/'));
        route.push_str("/{key}");
    }
}

/// What an object of a store is about: `customers/417/card.pdf` and
/// `customers/417.json` are of customer 417; parts of a date are no ids. Where
/// no id is told, the file is the object.
pub fn object_of(key: &str) -> (&str, &str) {
    let (mut kind, mut id, mut before, mut dated) = ("", "", "", false);
    for segment in key.split('/') {
        let stem = segment.split('.').next().unwrap_or(segment);
        let is_number = stem.bytes().all(|byte| byte.is_ascii_digit());
        let is_year = is_number
            && matches!(stem.len(), 4 | 8)
            && (stem.starts_with("20") || stem.starts_with("19"));
        let is_date = is_year || dated && is_number && stem.len() <= 2;
        dated |= is_year;
        if is_date {
            continue;
        }
        if is_id(stem) {
            (kind, id) = (before, stem);
        } else {
            before = stem;
        }
    }
    match (id, key) {
        ("", "") => ("", ""),
        ("", key) => ("file", key),
        (id, _) => (kind, id),
    }
}

fn is_nobody(name: &str) -> bool {
    matches!(name, "Anonymous" | "anonymous")
}

/// `REST.GET.OBJECT` is a GET; what S3 does by itself has no method.
fn method(operation: &str) -> &str {
    let mut parts = operation.split('.');
    match (parts.next(), parts.next()) {
        (Some("REST" | "WEBSITE" | "SOAP"), Some(method)) => method,
        _ => "",
    }
}

/// The first fields of a line, without quotes and brackets.
fn fields(line: &str) -> Option<[&str; FIELDS]> {
    let mut fields = [""; FIELDS];
    let mut rest = line;
    let mut count = 0;
    for (at, field) in fields.iter_mut().enumerate() {
        if rest.is_empty() {
            break;
        }
        let (found, after) = match (at, rest.as_bytes().first()) {
            (2, Some(b'[')) => {
                let end = rest.find(']')?;
                (rest.get(1..end)?, rest.get(end + 1..)?)
            }
            (8 | 15 | 16, Some(b'"')) => {
                let end = closing(rest.get(1..)?)?;
                (rest.get(1..=end)?, rest.get(end + 2..)?)
            }
            _ => rest.split_at(rest.find(' ').unwrap_or(rest.len())),
        };
        *field = found;
        rest = after.strip_prefix(' ').unwrap_or(after);
        count += 1;
    }
    let is_operation = fields[6].split('.').count() >= 2
        && fields[6].bytes().all(|byte| {
            byte.is_ascii_uppercase() || byte == b'.' || byte == b'_' || byte.is_ascii_digit()
        });
    (count >= LEAST && is_operation && !fields[5].is_empty()).then_some(fields)
}

/// Where a quoted field ends: a quote before a blank and a number, a dash, a
/// quote or the like, or before the line's end, since an agent may hold quotes.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'"', bytes).find(|at| match bytes.get(at + 1) {
        None => true,
        Some(b' ') => bytes
            .get(at + 2)
            .is_none_or(|next| matches!(next, b'-' | b'"') || next.is_ascii_alphanumeric()),
        Some(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    const LINE: &str = r#"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be exports [10/Mar/2026:08:00:02 +0000] 203.0.113.9 arn:aws:iam::111122223333:user/ops 3E57427F3EXAMPLE REST.GET.OBJECT customers/2026%252Bmarch.csv "GET /exports/customers/2026%2Bmarch.csv?X-Amz-Signature=abc HTTP/1.1" 200 - 2048 4096 70 10 "-" "aws-cli/2.0 ("odd") x" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader exports.s3.us-west-1.amazonaws.com TLSV1.2 - Yes"#;

    fn read(line: &str) -> Kept {
        Kept::of(FORMAT.open, [line])
    }

    #[test]
    fn a_line_tells_who_got_which_file() {
        read(LINE).one(|event| {
            assert_eq!((event.layer, event.status), (Layer::Cloud, 200));
            assert_eq!(event.at, 1_773_129_602_000_000_000);
            assert_eq!(event.user, "arn:aws:iam::111122223333:user/ops");
            assert_eq!((event.method, event.route), ("GET", "/exports/{key}"));
            let file = "customers/2026+march.csv";
            assert_eq!((event.object_kind, event.object), ("file", file));
            assert_eq!((event.bytes, event.client), (Some(2048), "203.0.113.9"));
            assert_eq!((event.request, event.query), ("3E57427F3EXAMPLE", ""));
            assert_eq!(event.agent, "aws-cli/2.0 (\"odd\") x");
            assert_eq!(event.duration_ns, Some(70_000_000));
        });
        let id = LINE.replace("customers/2026%252Bmarch.csv", "customers/417/card.pdf");
        read(&id).one(|event| {
            assert_eq!((event.object_kind, event.object), ("customers", "417"));
            assert_eq!(event.path, "/exports/customers/417/card.pdf");
        });
    }

    #[test]
    fn refusals_strangers_and_lists_are_read() {
        let refused = LINE
            .replace("arn:aws:iam::111122223333:user/ops", "-")
            .replace(" 200 - 2048 4096 ", " 403 AccessDenied 243 - ");
        read(&refused).one(|event| {
            assert_eq!((event.user, event.status), ("", 403));
        });
        let list = LINE.replace(
            "REST.GET.OBJECT customers/2026%252Bmarch.csv",
            "REST.GET.BUCKET -",
        );
        read(&list).one(|event| assert_eq!((event.route, event.object), ("/exports", "")));
        let expired = LINE.replace("REST.GET.OBJECT", "S3.EXPIRE.OBJECT");
        read(&expired).one(|event| assert_eq!(event.method, ""));
        let copied = LINE.replace("REST.GET.OBJECT", "REST.COPY.OBJECT_GET");
        read(&copied).one(|event| {
            assert_eq!(
                (event.id, event.method),
                ("3E57427F3EXAMPLEREST.COPY.OBJECT_GET", "COPY")
            );
        });
    }

    #[test]
    fn an_object_is_what_its_key_is_about() {
        for (key, want) in [
            ("customers/417.json", ("customers", "417")),
            ("org/o_7a1/customers/42/card.pdf", ("customers", "42")),
            ("2026/03/10/all.csv.gz", ("file", "2026/03/10/all.csv.gz")),
            ("backup/20260310.dump", ("file", "backup/20260310.dump")),
            ("", ("", "")),
        ] {
            assert_eq!(object_of(key), want, "{key}");
        }
    }

    #[test]
    fn torn_and_foreign_lines_are_told() {
        for line in [&LINE[..180], "a b [10/Mar/2026:08:00:02 +0000] x", ""] {
            let kept = read(line);
            assert_eq!((kept.events.len(), kept.unparsed), (0, 1), "{line}");
        }
        assert_eq!(claim(format!("{LINE}\n{LINE}\ncut").as_bytes()), 2);
        let other = r#"203.0.113.9 - u7 [10/Mar/2026:08:00:02 +0000] "GET /a HTTP/1.1" 200 512 "-" "a b c d e""#;
        assert_eq!(claim(other.as_bytes()), 0);
    }
}
