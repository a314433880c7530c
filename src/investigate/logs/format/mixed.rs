//! Lines of text and objects of JSON in one file, as when a proxy and an app
//! write into one output: each kind has a reader of its own.
//!
//! To let another format be found so: a row in `TEXT` or `OBJECTS`.

use super::parser::{Format, Framing, Out, Parser, Setting};
use super::{
    access_json, alb, app, cloudflare, combined, logfmt, postgres, supabase, syslog, vercel,
};
use crate::investigate::logs::event::Place;

/// The format of such a file; its claim counts what both readers claim.
pub const FORMAT: Format = Format {
    name: "mixed",
    title: "lines of text and JSON objects in one file",
    framing: Framing::Lines,
    joins: true,
    claim,
    open,
};

const TEXT: &[Format] = &[
    postgres::stderr::FORMAT,
    alb::FORMAT,
    combined::FORMAT,
    syslog::FORMAT,
    logfmt::FORMAT,
];

const OBJECTS: &[Format] = &[
    postgres::jsonlog::FORMAT,
    vercel::FORMAT,
    supabase::FORMAT,
    supabase::SIGN_IN,
    cloudflare::FORMAT,
    access_json::CADDY,
    access_json::TRAEFIK,
    access_json::FORMAT,
    app::PINO,
    app::WINSTON,
];

/// Lines of each kind below which a file is not mixed: a stray line is none.
const ENOUGH: usize = 3;

/// The lines of a sample by their kind, each with the format that reads them.
struct Halves {
    text: (Vec<u8>, Format),
    objects: (Vec<u8>, Format),
    claimed: usize,
}

fn is_object(line: &[u8]) -> bool {
    line.starts_with(b"{")
}

/// The two kinds of a sample, where both are of a format.
fn halves(sample: &[u8]) -> Option<Halves> {
    let (mut text, mut objects) = (Vec::new(), Vec::new());
    let mut counts = (0, 0);
    for line in sample.split_inclusive(|byte| *byte == b'\n') {
        if is_object(line) {
            objects.extend_from_slice(line);
            counts.0 += 1;
        } else if !line.trim_ascii().is_empty() {
            text.extend_from_slice(line);
            counts.1 += 1;
        }
    }
    if counts.0 < ENOUGH || counts.1 < ENOUGH {
        return None;
    }
    let (of_text, format) = best(TEXT, &text)?;
    let text = (text, format);
    // Objects that no format knows are some application's.
    let (of_objects, format) = best(OBJECTS, &objects).unwrap_or((counts.0, app::JSON));
    Some(Halves {
        text,
        objects: (objects, format),
        claimed: of_text + of_objects,
    })
}

fn best(formats: &[Format], sample: &[u8]) -> Option<(usize, Format)> {
    let claims = formats
        .iter()
        .map(|format| ((format.claim)(sample), *format));
    // Of several with as many, the more specific stands first.
    let best = claims.rev().max_by_key(|(claimed, _)| *claimed);
    best.filter(|(claimed, _)| *claimed >= ENOUGH)
}

fn claim(sample: &[u8]) -> usize {
    halves(sample).map_or(0, |halves| halves.claimed)
}

fn open(sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    let Some(halves) = halves(sample) else {
        return app::open(sample, setting);
    };
    let ((text, of_text), (objects, of_objects)) = (halves.text, halves.objects);
    Box::new(Mixed {
        text: (of_text.open)(&text, setting),
        objects: (of_objects.open)(&objects, setting),
        remark: Some(format!(
            "Lines of text are read as {}, objects as {}.",
            of_text.name, of_objects.name
        )),
    })
}

struct Mixed {
    text: Box<dyn Parser>,
    objects: Box<dyn Parser>,
    /// What is to be said with the first record.
    remark: Option<String>,
}

impl Mixed {
    fn of(&mut self, record: &[u8], out: &mut dyn Out) -> &mut dyn Parser {
        if let Some(remark) = self.remark.take() {
            out.remark(&remark);
        }
        if is_object(record) {
            &mut *self.objects
        } else {
            &mut *self.text
        }
    }
}

impl Parser for Mixed {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        self.of(record, out).record(record, place, out);
    }

    fn line(&mut self, line: &str, place: Place, out: &mut dyn Out) {
        self.of(line.as_bytes(), out).line(line, place, out);
    }

    fn end(&mut self, out: &mut dyn Out) {
        self.text.end(out);
        self.objects.end(out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::super::sniff;
    use super::*;

    const PROXY: &str = r#"203.0.113.9 - u7 [10/Mar/2026:08:00:02 +0000] "GET /api/customers/7 HTTP/1.1" 200 512 "-" "curl/8""#;
    const APP: &str = r#"{"level":30,"time":1773129602123,"pid":12,"req":{"method":"GET","url":"/api/customers/8"},"res":{"statusCode":200},"userId":"u8","msg":"done"}"#;

    fn file(lines: &[&str], times: usize) -> String {
        (lines.join("\n") + "\n").repeat(times)
    }

    fn name_of(sample: &str) -> &'static str {
        sniff(sample.as_bytes()).map_or("", |format| format.name)
    }

    #[test]
    fn both_kinds_are_read_each_as_what_it_is() {
        for lines in [
            &[PROXY, APP][..],
            &[APP, APP, APP, PROXY],
            &[PROXY, PROXY, PROXY, APP],
        ] {
            let sample = file(lines, 5);
            assert_eq!(name_of(&sample), "mixed");
            let mut kept = Kept::default();
            let mut parser = open(sample.as_bytes(), &Setting::default());
            for line in sample.lines() {
                parser.line(line, Place::default(), &mut kept);
            }
            parser.end(&mut kept);
            assert_eq!((kept.events.len(), kept.unparsed), (lines.len() * 5, 0));
            assert_eq!(
                kept.remarks,
                ["Lines of text are read as combined, objects as pino."]
            );
            for (line, kept) in sample.lines().zip(&kept.events) {
                let event = kept.event();
                let want = if line == PROXY {
                    ("u7", "/api/customers/7")
                } else {
                    ("u8", "/api/customers/8")
                };
                assert_eq!(
                    (event.user, event.path, event.status),
                    (want.0, want.1, 200)
                );
            }
        }
    }

    #[test]
    fn a_stray_line_and_what_one_reader_knows_are_not_mixed() {
        assert_eq!(name_of(&(file(&[PROXY], 9) + &file(&[APP], 2))), "combined");
        assert_eq!(
            name_of(&(file(&[APP], 9) + &file(&["at app.js:12"], 4))),
            "pino"
        );
        let boxed = |line: &str| format!("web-1  | {line}");
        let sample = file(&[&boxed(PROXY), &boxed(APP)], 5);
        assert_eq!(name_of(&sample), "container");
        let unknown = r#"{"who":"u8","what":"/x"}"#;
        assert_eq!(name_of(&file(&[PROXY, unknown], 5)), "mixed");
    }
}
