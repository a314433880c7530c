//! syslog: RFC 5424, the older RFC 3164 that has neither year nor zone, and
//! the lines rsyslog writes to files. What the program said is read as the
//! format it is of, one reader for each program.

use super::appkeys::ROOT;
use super::facts::Facts;
use super::inner::{Inner, Within};
use super::parser::{Format, Framing, Out, Parser, Setting, placed};
use super::said::pairs;
use super::walk::text_of;
use crate::domain::zone::Zone;
use crate::investigate::logs::event::{Event, Layer, NO_TIME, Place};
use crate::investigate::logs::time::{SECOND, days, iso, month};
use chrono::{DateTime, Datelike, Utc};

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "syslog",
    title: "syslog",
    framing: Framing::Lines,
    joins: true,
    claim,
    open,
};

fn claim(sample: &[u8]) -> usize {
    let text = String::from_utf8_lossy(sample);
    // The year does not matter here.
    let now = DateTime::UNIX_EPOCH;
    text.lines()
        .filter(|line| header(line, now).is_some())
        .count()
}

fn open(_sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(Syslog {
        now: setting.now.unwrap_or(DateTime::UNIX_EPOCH),
        zone: setting.zone,
        copied: String::new(),
        unescaped: String::new(),
        inner: Inner::new(setting),
    })
}

/// What is said of the older form.
const NO_YEAR: &str =
    "Times have no year: each is taken as the latest such day that is not to come.";

struct Syslog {
    now: DateTime<Utc>,
    zone: Option<Zone>,
    copied: String,
    unescaped: String,
    inner: Inner,
}

/// What stands before a message.
#[derive(Debug, PartialEq)]
struct Header<'a> {
    at: i64,
    zoned: bool,
    yearless: bool,
    tag: &'a str,
    process: &'a str,
    data: &'a str,
    message: &'a str,
}

/// Reads any of the three forms.
fn header(line: &str, now: DateTime<Utc>) -> Option<Header<'_>> {
    // Some collectors write the length of a record before it.
    let counted = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let line = match counted.strip_prefix(' ') {
        Some(rest) if rest.starts_with('<') => rest,
        _ => line,
    };
    let (rest, has_priority) = match line.strip_prefix('<') {
        Some(rest) => {
            let (number, rest) = rest.split_once('>')?;
            let sound =
                (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
            (sound.then_some(rest)?, true)
        }
        None => (line, false),
    };
    if has_priority && let Some(modern) = rest.strip_prefix("1 ") {
        return modern_header(modern);
    }
    old_header(rest, now)
}

/// `TIME HOST APP PROCESS ID DATA MESSAGE`.
fn modern_header(text: &str) -> Option<Header<'_>> {
    let mut parts = text.splitn(6, ' ');
    let time = parts.next()?;
    let _host = parts.next()?;
    let tag = parts.next()?;
    let (process, _id, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (at, zoned) = match iso(time.as_bytes()) {
        Some((at, zoned, _)) => (at, zoned),
        None if time == "-" => (NO_TIME, true),
        None => return None,
    };
    let (data, message) = data(rest);
    let message = message.strip_prefix('\u{feff}').unwrap_or(message);
    Some(Header {
        at,
        zoned,
        yearless: false,
        tag,
        process: if process == "-" { "" } else { process },
        data,
        message,
    })
}

/// The structured data, `-` or `[..][..]`, and what follows. Some senders
/// leave it out.
fn data(rest: &str) -> (&str, &str) {
    if let Some(message) = rest.strip_prefix('-') {
        return ("", message.trim_start());
    }
    if !rest.starts_with('[') {
        return ("", rest);
    }
    let bytes = rest.as_bytes();
    let (mut at, mut quoted) = (0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b']' if !quoted && bytes.get(at + 1) != Some(&b'[') => {
                let (data, message) = rest.split_at(at + 1);
                return (data, message.trim_start());
            }
            _ => {}
        }
        at += 1;
    }
    ("", rest)
}

/// `Mar  9 08:00:00 HOST TAG[12]: message`, or the same with a full date.
fn old_header(text: &str, now: DateTime<Utc>) -> Option<Header<'_>> {
    // With a blank between date and time it is no form of syslog.
    let dated = iso(text.as_bytes()).filter(|_| text.as_bytes().get(10) == Some(&b'T'));
    let (at, zoned, yearless, rest) = if let Some((at, zoned, rest)) = dated {
        (at, zoned, false, text.get(text.len() - rest.len()..)?)
    } else {
        let (at, rest) = yearless(text, now)?;
        (at, false, true, rest)
    };
    let (_host, rest) = rest.strip_prefix(' ')?.split_once(' ')?;
    let (tag, message) = rest
        .split_once(": ")
        .or_else(|| Some((rest.strip_suffix(':')?, "")))?;
    let (name, process) = tag.split_once('[').unwrap_or((tag, ""));
    let sound = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    (!name.is_empty() && name.len() <= 64 && name.bytes().all(sound)).then_some(Header {
        at,
        zoned,
        yearless,
        tag: name,
        process: process.trim_end_matches(']'),
        data: "",
        message,
    })
}

/// `Mar  9 08:00:00`: within the year that ends tomorrow.
fn yearless(text: &str, now: DateTime<Utc>) -> Option<(i64, &str)> {
    let bytes = text.as_bytes();
    let number =
        |from: usize, to: usize| -> Option<i64> { text.get(from..to)?.trim_start().parse().ok() };
    let month = month(bytes.get(..3)?)?;
    let (day, hour, minute, second) = (
        number(4, 6)?,
        number(7, 9)?,
        number(10, 12)?,
        number(13, 15)?,
    );
    let sound = (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    if !sound
        || bytes.get(3) != Some(&b' ')
        || bytes.get(9) != Some(&b':')
        || bytes.get(12) != Some(&b':')
    {
        return None;
    }
    let in_year = |year: i64| days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let year = i64::from(now.year());
    let this = in_year(year);
    let seconds = if this > now.timestamp() + 86_400 {
        in_year(year - 1)
    } else {
        this
    };
    Some((seconds * SECOND, text.get(15..)?))
}

impl Parser for Syslog {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = text_of(record);
        let Some(header) = header(text.trim_start_matches('\u{feff}'), self.now) else {
            return out.unparsed(place);
        };
        let at = if header.zoned {
            header.at
        } else {
            if header.yearless {
                out.remark(NO_YEAR);
            }
            placed(header.at, self.zone, "", out)
        };
        let mut facts = Facts::new(&mut self.copied);
        pairs(header.data, ROOT, &mut facts);
        let around = Event {
            at,
            place,
            layer: Layer::Console,
            ..facts.event()
        };
        let message = plain(header.message, &mut self.unescaped);
        if message.is_empty() {
            out.event(&around);
        } else {
            let within = Within {
                source: header.tag,
                process: header.process,
                record: message,
            };
            self.inner.read(within, &around, out);
        }
    }

    fn end(&mut self, out: &mut dyn Out) {
        self.inner.end(out);
    }
}

/// A message without the number Postgres writes before it, and with the tabs
/// that rsyslog writes as `#011`. What goes on with a record begins with one.
fn plain<'a>(message: &'a str, unescaped: &'a mut String) -> &'a str {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = message
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
        .filter(|(number, _)| number.split('-').all(digits));
    let (bare, goes_on) = match numbered {
        // `[5-2]` is the second part of the fifth record.
        Some((number, rest)) => {
            let part = number.split_once('-').map_or("1", |(_, part)| part);
            let tabbed = rest.starts_with("#011") || rest.starts_with('\t');
            (rest, part != "1" && !tabbed)
        }
        None => (message, false),
    };
    if !goes_on && !bare.contains("#011") {
        return bare;
    }
    *unescaped = bare.replace("#011", "\t");
    if goes_on {
        unescaped.insert(0, '\t');
    }
    unescaped
}

#[cfg(test)]
mod tests;
