//! The access log of AWS's application load balancer: fields between blanks,
//! some in quotes, more of them with every year; what stands behind the ones
//! known here is not looked at. It knows no person.

use super::parser::{Format, Framing, Out, Parser, Setting};
use super::request::{bare_address, number, said, seconds, split_request};
use crate::investigate::logs::event::{Event, Place, Stamp};
use crate::investigate::logs::time::iso;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "alb",
    title: "AWS load balancer access log",
    framing: Framing::Lines,
    joins: false,
    claim,
    open,
};

/// How many fields are looked at: up to the time the request came.
const FIELDS: usize = 22;
/// How many a line has at least: up to the trace.
const LEAST: usize = 18;

fn claim(sample: &[u8]) -> usize {
    sample
        .split(|byte| *byte == b'\n')
        .filter(|line| {
            let line = String::from_utf8_lossy(line);
            fields(&line).is_some_and(|fields| event(&fields).is_some())
        })
        .count()
}

fn open(_sample: &[u8], _setting: &Setting) -> Box<dyn Parser> {
    Box::new(Alb)
}

#[derive(Debug)]
struct Alb;

impl Parser for Alb {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let line = String::from_utf8_lossy(record);
        let fields = fields(&line);
        match fields.as_ref().and_then(event) {
            Some(event) => out.event(&Event { place, ..event }),
            None => out.unparsed(place),
        }
    }
}

/// The first fields of a line, without their quotes; `None` for a line that
/// is none of the balancer's, or torn.
fn fields(line: &str) -> Option<[&str; FIELDS]> {
    const TYPES: [&str; 6] = ["http", "https", "h2", "grpcs", "ws", "wss"];
    let mut fields = [""; FIELDS];
    let mut rest = line;
    let mut count = 0;
    for field in &mut fields {
        if rest.is_empty() {
            break;
        }
        let (found, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = closing(quoted)?;
                (quoted.get(..end)?, quoted.get(end + 1..)?)
            }
            None => rest.split_at(rest.find(' ').unwrap_or(rest.len())),
        };
        *field = found;
        rest = after.strip_prefix(' ').unwrap_or(after);
        count += 1;
    }
    (count >= LEAST && TYPES.contains(&fields[0])).then_some(fields)
}

/// Where a quoted field ends: a quote before a blank or the line's end, since
/// an agent may hold quotes.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'"', bytes).find(|at| {
        let escaped = *at > 0 && bytes[at - 1] == b'\\';
        !escaped && matches!(bytes.get(at + 1), None | Some(b' '))
    })
}

fn event<'a>(fields: &[&'a str; FIELDS]) -> Option<Event<'a>> {
    let ended = stamp(fields[1])?;
    // 460, 463 and 561 are the balancer's own.
    let status = match fields[8] {
        "-" => 0,
        text => u16::try_from(number(text)?).ok()?,
    };
    let (method, path, query) = split_request(fields[12]);
    // -1 stands for a request that never reached the app.
    let parts = [fields[5], fields[6], fields[7]].map(seconds);
    let took = parts.iter().try_fold(0_u64, |sum, part| {
        part.and_then(|part| sum.checked_add(part))
    });
    Some(Event {
        at: stamp(fields[21]).unwrap_or(ended),
        client: bare_address(said(fields[3])),
        status,
        bytes: number(fields[11]),
        method,
        path,
        query,
        agent: said(fields[13]),
        trace: root(fields[17]),
        duration_ns: took,
        ..Event::EMPTY
    })
}

fn stamp(text: &str) -> Option<Stamp> {
    iso(text.as_bytes()).map(|(at, _, _)| at)
}

/// The id in `Self=1-..;Root=1-..`.
fn root(text: &str) -> &str {
    let root = text.split(';').find_map(|part| part.strip_prefix("Root="));
    root.unwrap_or(said(text))
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    const LINE: &str = r#"h2 2026-03-10T08:00:02.623000Z app/web/50dc6c495c0c9188 [2001:db8::7]:51000 10.0.1.4:3000 0.001 0.034 0.000 200 200 345 2048 "GET https://app.example.com:443/api/customers/417?x=1 HTTP/2.0" "Mozilla/5.0 ("odd") \"q\"" TLS_AES_128_GCM_SHA256 TLSv1.3 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/73e2d6bc24d8a067 "Root=1-69afd002-000000000000000000000001" "app.example.com" "arn:aws:acm:us-east-1:111122223333:certificate/aa" 0 2026-03-10T08:00:02.589000Z "forward" "-" "-" "10.0.1.4:3000" "200" "-" "-" TID_1 "-" "-" "-""#;

    fn read(line: &str) -> Kept {
        Kept::of(open, [line])
    }

    #[test]
    fn a_line_has_its_parts() {
        read(LINE).one(|event| {
            assert_eq!((event.method, event.path), ("GET", "/api/customers/417"));
            assert_eq!((event.query, event.client), ("x=1", "2001:db8::7"));
            assert_eq!((event.status, event.bytes), (200, Some(2048)));
            assert_eq!(event.trace, "1-69afd002-000000000000000000000001");
            assert_eq!(event.duration_ns, Some(35_000_000));
            assert_eq!(event.at, 1_773_129_602_589_000_000);
            assert_eq!(event.agent, r#"Mozilla/5.0 ("odd") \"q\""#);
        });
    }

    #[test]
    fn short_lines_and_own_statuses_are_read() {
        let end = LINE.find(" \"app.example.com\" ").unwrap();
        let old = LINE[..end].replace(" 200 200 ", " 460 - ");
        let old = old
            .replace("[2001:db8::7]:51000", "203.0.113.9:51000")
            .replace("0.001 0.034 0.000", "-1 -1 -1");
        read(&old).one(|event| {
            assert_eq!((event.status, event.client), (460, "203.0.113.9"));
            assert_eq!(event.at, 1_773_129_602_623_000_000);
            assert_eq!(event.duration_ns, None);
        });
        let garbage = LINE.replace(
            "GET https://app.example.com:443/api/customers/417?x=1 HTTP/2.0",
            "- http://app.example.com:80- -",
        );
        read(&garbage).one(|event| assert_eq!((event.method, event.path), ("", "")));
    }

    #[test]
    fn torn_and_foreign_lines_are_told() {
        for line in [&LINE[..300], "h2 now app", "", &LINE.replace("h2 ", "ftp ")] {
            let kept = read(line);
            assert_eq!((kept.events.len(), kept.unparsed), (0, 1), "{line}");
        }
        assert_eq!(claim(format!("{LINE}\n{LINE}\nh2 cut").as_bytes()), 2);
    }
}
