//! The lines a finding points at, read again where they are: the one at the
//! place and a few around it, with secrets and personal values covered.

use super::source::{Around, Piece, around, holds, namesake, stored};
use super::spill::Spills;
use super::veil::veiled;
use crate::domain::failure::Failure;
use crate::domain::lines::{LogLine, LogLines};
use crate::domain::trail::LogPlace;
use crate::domain::untrusted::Untrusted;
use chrono::{DateTime, Utc};
use memchr::{memchr, memchr_iter};
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::atomic::AtomicBool;

/// Lines shown before the place, and after its own.
const BEFORE: usize = 6;
const AFTER: usize = 20;
/// Bytes of a line that are looked over, and that are shown.
const LOOKED: usize = 64 << 10;
const SHOWN: usize = 4_000;

/// Reads the lines at a place that is written as on screens, `FILE:OFFSET`.
///
/// # Errors
/// When it is no place, or can't be read.
pub fn at(text: &str) -> Result<LogLines, Failure> {
    let place = text.rsplit_once(':').and_then(|(file, offset)| {
        let offset = offset.replace(',', "").parse().ok()?;
        (!file.is_empty()).then(|| LogPlace::new(file, offset))
    });
    let place = place.ok_or_else(|| {
        Failure::new(
            "no lines were read",
            format!("{text} is no place in a file"),
            "write it as findings show it: FILE:OFFSET, such as app.log:4096",
        )
    })?;
    let pieces: Vec<Piece> = stored(&place.file)
        .map(|path| Piece::File { path, size: 0 })
        .into_iter()
        .collect();
    read(&pieces, &place, None, &AtomicBool::new(false))
}

/// Reads the lines at a place of one of the pieces. `since` is when the place
/// was found: a file that was written to later may hold other lines there.
///
/// # Errors
/// When the place can't be read any more; it says why and where to look.
pub fn read(
    pieces: &[Piece],
    place: &LogPlace,
    since: Option<DateTime<Utc>>,
    stop: &AtomicBool,
) -> Result<LogLines, Failure> {
    let failed = |why: &str| {
        let hint = "logs move on: look where the file was moved to, such as a name ending in .1 or \
                    .gz, and scan that again";
        Failure::new(
            format!("the lines at {} can't be shown", written(place)),
            why,
            hint,
        )
    };
    if place.file == "-" {
        return Err(failed(
            "they came by standard input, which can't be read again",
        ));
    }
    let there = pieces.iter().find(|piece| holds(piece, &place.file));
    let there = there.map(|piece| (piece, place.file.clone()));
    let there = there.or_else(|| namesake(pieces, &place.file));
    let (piece, name) = there.ok_or_else(|| failed("there is no such file where the logs are"))?;
    let found = around(piece, &name, place.offset, stop);
    let found = found.map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => {
            failed("the file ends before that place: it was cut off or replaced since")
        }
        ErrorKind::NotFound => failed("the file is not there any more"),
        _ => failed(&error.to_string()),
    })?;
    let mut notes = Vec::new();
    if name != place.file {
        notes.push(format!(
            "That file is gone; these are the lines at the same place of {name}, which bears its name."
        ));
    }
    if !begins_record(&found) {
        notes.push(
            "No record begins at this place any more: the file has changed since it was scanned."
                .to_owned(),
        );
    }
    notes.extend(later(piece, since));
    Ok(LogLines {
        place: place.clone(),
        lines: lines(&found, place.offset),
        notes,
    })
}

/// The place as screens write it.
fn written(place: &LogPlace) -> String {
    format!("{}:{}", place.file, place.offset)
}

/// Records begin where lines do, and objects of JSON anywhere.
fn begins_record(found: &Around) -> bool {
    let begins = match found.before.last() {
        None => true,
        // Behind a byte order mark, or the hole of a rotated file.
        Some(last) => matches!(last, b'\n' | 0 | 0xbf),
    };
    begins || found.after.first() == Some(&b'{')
}

/// Says when the file was written to after the place was found in it.
fn later(piece: &Piece, since: Option<DateTime<Utc>>) -> Option<String> {
    let Piece::File { path, .. } = piece else {
        return None;
    };
    let written: DateTime<Utc> = std::fs::metadata(path).ok()?.modified().ok()?.into();
    (written > since?).then(|| {
        format!(
            "The file was written to at {}, after this was found.",
            written.format("%Y-%m-%d %H:%M:%S UTC")
        )
    })
}

fn lines(found: &Around, offset: u64) -> Vec<LogLine> {
    let spills = Spills::default();
    let mut lines = before(&spills, found, offset);
    let most = lines.len() + 1 + AFTER;
    let mut at = 0;
    while at < found.after.len() && lines.len() < most {
        let rest = &found.after[at..];
        let end = memchr(b'\n', rest);
        if end.is_none() && at > 0 && !found.to_end {
            // What was not read to its end might hide how a secret begins.
            break;
        }
        let line = &rest[..end.unwrap_or(rest.len())];
        lines.push(LogLine {
            offset: offset + at as u64,
            text: shown(&spills, line),
            here: at == 0,
        });
        at += line.len() + 1;
    }
    lines
}

/// The whole lines before the place; the beginning of the line that the place
/// lies in is left out.
fn before(spills: &Spills, found: &Around, offset: u64) -> Vec<LogLine> {
    let before = &found.before;
    let start = offset - before.len() as u64;
    let mut all = VecDeque::new();
    // Where the first whole line begins: what stands before may be cut.
    let mut begin = if found.from_start { Some(0) } else { None };
    for end in memchr_iter(b'\n', before) {
        if let Some(begin) = begin {
            all.push_back((begin, end));
            if all.len() > BEFORE {
                all.pop_front();
            }
        }
        begin = Some(end + 1);
    }
    let line = |(begin, end): (usize, usize)| LogLine {
        offset: start + begin as u64,
        text: shown(spills, &before[begin..end]),
        here: false,
    };
    all.into_iter().map(line).collect()
}

/// A line for people: covered, printable, cut.
fn shown(spills: &Spills, line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let looked = &line[..line.len().min(LOOKED)];
    let text = veiled(spills, looked, SHOWN);
    let mut text = Untrusted::from_bytes(&text).visible();
    if line.len() > SHOWN {
        text.push_str(&format!(" <{} more bytes>", line.len() - SHOWN));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn text(found: &LogLines) -> Vec<&str> {
        found.lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn a_place_opens_its_line_and_a_few_around_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let line = |n: usize| format!("line {n:05} of ada.byron@firm.org \u{1b}[2J\n");
        let length = line(0).len();
        let all: String = (0..9_000).map(line).collect();
        fs::write(&path, &all).unwrap();
        for n in [0, 3, 4_000, 8_999] {
            let found = at(&format!("{}:{}", path.display(), n * length)).unwrap();
            let here = found.lines.iter().position(|line| line.here).unwrap();
            assert_eq!(here, n.min(BEFORE));
            assert_eq!(
                found.lines[here].text,
                format!("line {n:05} of ada...rg ^[[2J")
            );
            assert_eq!(found.lines.len(), here + 1 + AFTER.min(8_999 - n));
            for (nth, line) in found.lines.iter().enumerate() {
                assert_eq!(line.offset, ((n - here + nth) * length) as u64);
            }
            assert!(found.notes.is_empty());
        }
    }

    #[test]
    fn a_file_that_is_gone_cut_or_changed_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let place = format!("{}:12", path.display());
        assert!(at(&place).unwrap_err().why.contains("no such file"));
        fs::write(&path, "short\n").unwrap();
        assert!(at(&place).unwrap_err().why.contains("cut off or replaced"));
        fs::write(&path, "one line that is longer now\n").unwrap();
        let found = at(&place).unwrap();
        assert_eq!(text(&found), ["t is longer now"]);
        assert!(found.notes[0].contains("has changed"));
        let pieces = [Piece::File { path, size: 0 }];
        let since = Some(DateTime::UNIX_EPOCH);
        let found = read(&pieces, &found.place, since, &AtomicBool::new(false)).unwrap();
        assert!(
            found.notes[1].contains("after this was found"),
            "{:?}",
            found.notes
        );
        for bad in ["", "a.log", ":5", "a.log:x"] {
            assert!(at(bad).unwrap_err().why.contains("is no place"), "{bad}");
        }
        assert!(at("-:0").unwrap_err().why.contains("standard input"));
    }

    #[test]
    fn a_file_that_moved_is_found_by_its_name_where_that_is_certain() {
        let folder = tempfile::tempdir().unwrap();
        let pieces: Vec<Piece> = ["a/logs/x.log", "b/logs/x.log", "b/logs/y.log"]
            .map(|name| folder.path().join(name))
            .into_iter()
            .map(|path| {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, "one\ntwo\n").unwrap();
                Piece::File { path, size: 0 }
            })
            .collect();
        let open = |file: &str| {
            let place = LogPlace::new(file, 4);
            read(&pieces, &place, None, &AtomicBool::new(false))
        };
        let found = open("/gone/b/logs/x.log").unwrap();
        assert!(text(&found).contains(&"two"));
        assert!(found.notes[0].contains("b/logs/x.log, which bears its name"));
        assert!(open("/gone/y.log").is_ok());
        // Two bear that name: none of them is taken.
        assert!(open("/gone/x.log").is_err());
        assert!(open("/gone/z.log").is_err());
    }

    #[test]
    fn objects_of_one_line_are_places_and_a_long_line_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let long = "x".repeat(100_000);
        fs::write(&path, format!("{{\"a\":1}}{{\"b\":\"{long}\"}}\n")).unwrap();
        let found = at(&format!("{}:7", path.display())).unwrap();
        assert!(found.notes.is_empty());
        assert!(found.lines[0].text.starts_with("{\"b\":\"xxx"));
        assert!(
            found.lines[0].text.ends_with("<96008 more bytes>"),
            "{}",
            found.lines[0].text
        );
    }
}
