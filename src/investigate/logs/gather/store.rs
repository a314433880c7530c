//! [`Aggregates`] as a file: what one machine counted, for another to add to
//! its own.
//!
//! JSON lines. The first says what the file is: the version of the form, the
//! release its periods are told by, and how ids were hashed. Then one row of
//! one table a line, `{"q":"access","key":{..},"is":{..}}`, in the order of
//! the tables; the last line counts the rows, so that a torn file is seen.
//! A file comes from elsewhere: reading it is bounded in `ration`.
//! A new table needs a line in [`write()`] and one in `Reader::row`.

use super::aggregates::{Aggregates, Period, Piece, VERSION};
use super::ration::Ration;
use crate::domain::failure::Failure;
use crate::investigate::logs::event::Stamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read, Write};

/// How ids are hashed; sets of another hash can't be added to ours.
const IDS: &str = "xxh3-64";
/// The longest line that is read: the fullest row of Q2 fits.
const LONGEST: u64 = 32 << 20;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    firsthour: String,
    version: u32,
    release: Option<Stamp>,
    tolerance: i64,
    ids: String,
}

#[derive(Serialize)]
struct Put<'a, K, V> {
    q: &'static str,
    key: &'a K,
    is: &'a V,
}

#[derive(Deserialize)]
struct Row<'a> {
    q: String,
    #[serde(borrow)]
    key: &'a RawValue,
    #[serde(borrow)]
    is: &'a RawValue,
}

/// Writes the tables.
///
/// # Errors
/// What the writer gives.
pub fn write(tables: &Aggregates, out: &mut dyn Write) -> std::io::Result<()> {
    // Taken apart, so that a new table can't be left out unseen.
    let Aggregates {
        release,
        tolerance,
        pieces,
        access,
        reach,
        routes,
        minutes,
        statements,
        origins,
        deployments,
        spills,
        homes,
        cut,
    } = tables;
    let head = Head {
        firsthour: "aggregates".to_owned(),
        version: VERSION,
        release: *release,
        tolerance: *tolerance,
        ids: IDS.to_owned(),
    };
    line(out, &head)?;
    let mut count = 0;
    let pieces = pieces.iter().enumerate();
    put(out, "piece", pieces, &mut count)?;
    put(out, "access", access, &mut count)?;
    put(out, "reach", reach, &mut count)?;
    put(out, "route", routes, &mut count)?;
    put(out, "minute", minutes, &mut count)?;
    put(out, "statement", statements, &mut count)?;
    put(out, "origin", origins, &mut count)?;
    put(out, "deployment", deployments, &mut count)?;
    put(out, "spill", spills, &mut count)?;
    put(out, "home", homes, &mut count)?;
    put(out, "cut", cut.iter().map(|cut| (cut, ())), &mut count)?;
    let end = Put {
        q: "end",
        key: &(),
        is: &count,
    };
    line(out, &end)
}

fn put<K: Serialize, V: Serialize>(
    out: &mut dyn Write,
    q: &'static str,
    rows: impl IntoIterator<Item = (K, V)>,
    count: &mut u64,
) -> std::io::Result<()> {
    for (key, is) in rows {
        *count += 1;
        let row = Put {
            q,
            key: &key,
            is: &is,
        };
        line(out, &row)?;
    }
    Ok(())
}

fn line(out: &mut dyn Write, row: &impl Serialize) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(row)?;
    text.push(b'\n');
    out.write_all(&text)
}

/// Reads files one after the other into one set of tables.
#[derive(Debug, Default)]
pub struct Reader {
    tables: Option<Aggregates>,
    ration: Ration,
    /// Files that hold nothing on one side of the release.
    sides: Vec<(String, &'static str)>,
    /// How many hold something on both.
    two_sided: usize,
}

impl Reader {
    /// Adds a file; the pieces of a later file come after those of an earlier.
    ///
    /// # Errors
    /// When it is no such file, is of another version or release, is torn, or
    /// is larger than is read.
    pub fn add(&mut self, name: &str, input: &mut dyn BufRead) -> Result<(), Failure> {
        let refuse = |why: String| {
            Failure::new(
                format!("the aggregates of {name} can't be used"),
                why,
                "give whole files that --emit-aggregates of the same firsthour wrote, with the same --release-at",
            )
        };
        self.ration.next_file().map_err(refuse)?;
        let mut part = Aggregates::default();
        self.file(input, &mut part).map_err(refuse)?;
        match sides(&part) {
            [true, true] => self.two_sided += 1,
            [false, true] => self.sides.push((name.to_owned(), "before")),
            [true, false] => self.sides.push((name.to_owned(), "after")),
            [false, false] => {}
        }
        match &mut self.tables {
            None => self.tables = Some(part),
            Some(tables) => {
                agree(tables, &part).map_err(refuse)?;
                if let Some(piece) = again(tables, &part) {
                    return Err(Failure::new(
                        format!("the aggregates of {name} can't be added"),
                        format!(
                            "{piece} is counted in a file before it: its requests would count twice"
                        ),
                        "leave one of the two files out, or scan again so that each log is in one of them",
                    ));
                }
                tables.append(part);
            }
        }
        if let Some(tables) = &mut self.tables {
            self.ration.tighten(tables);
        }
        Ok(())
    }

    /// Files that hold nothing before the release, or nothing after it, beside
    /// one that has both: what began at the release may be what they leave
    /// out. Where no file has both, each is a span of time of the same whole.
    pub fn windows(&self) -> Vec<(String, String)> {
        let odd = self.sides.iter().filter(|_| self.two_sided > 0);
        odd.map(|(name, side)| {
            let why = format!(
                "it holds nothing {side} the release, and other files do: what seems to change at the release may be the windows of the machines"
            );
            (name.clone(), why)
        })
        .collect()
    }

    /// What all files together say.
    pub fn tables(self) -> Aggregates {
        self.tables.unwrap_or_default()
    }

    fn file(&mut self, input: &mut dyn BufRead, part: &mut Aggregates) -> Result<(), String> {
        let mut text = Vec::new();
        if !next(input, &mut text)? {
            return Err("it is empty".to_owned());
        }
        head(&text, part)?;
        let mut rows = 0_u64;
        while next(input, &mut text)? {
            let at = rows + 2;
            let row: Row<'_> =
                serde_json::from_slice(&text).map_err(|error| format!("line {at}: {error}"))?;
            if row.q == "end" {
                let count: u64 = of(row.is).map_err(|error| format!("line {at}: {error}"))?;
                if count != rows {
                    return Err(format!("it says it has {count} rows and has {rows}"));
                }
                if next(input, &mut text)? {
                    return Err("lines follow its last one".to_owned());
                }
                return Ok(());
            }
            rows += 1;
            self.ration.row(text.len())?;
            self.row(&row, part)
                .map_err(|error| format!("line {at}: {error}"))?;
        }
        Err("its end is missing: it is torn or still being written".to_owned())
    }

    fn row(&mut self, row: &Row<'_>, part: &mut Aggregates) -> Result<(), String> {
        let ration = &mut self.ration;
        match row.q.as_str() {
            "piece" => {
                let (at, piece) = (of::<usize>(row.key)?, of(row.is)?);
                if at != part.pieces.len() {
                    return Err("pieces out of order".to_owned());
                }
                ration.piece(&piece)?;
                part.pieces.push(piece);
                Ok(())
            }
            "access" => fill(&mut part.access, row, |_, is| ration.access(is)),
            "reach" => {
                fill(&mut part.reach, row, |_, is| ration.reach(is))?;
                ration.tighten(part);
                Ok(())
            }
            "route" => {
                fill(&mut part.routes, row, |_, is| ration.route(is))?;
                ration.tighten(part);
                Ok(())
            }
            "minute" => fill(&mut part.minutes, row, |key, is| ration.minute(key, is)),
            "statement" => fill(&mut part.statements, row, |_, is| ration.statement(is)),
            "origin" => fill(&mut part.origins, row, |_, is| ration.seen(is)),
            "deployment" => fill(&mut part.deployments, row, |_, is| ration.seen(is)),
            "spill" => fill(&mut part.spills, row, |_, is| ration.spill(is)),
            "home" => fill(&mut part.homes, row, |_, _| Ok(())),
            "cut" => {
                part.cut.insert(of(row.key)?);
                Ok(())
            }
            other => Err(format!("no table is called {other}")),
        }
    }
}

/// Parts of one whole are told by the same release.
fn agree(one: &Aggregates, other: &Aggregates) -> Result<(), String> {
    if (one.release, one.tolerance) == (other.release, other.tolerance) {
        return Ok(());
    }
    let told = |release: Option<Stamp>| match release {
        None => "no release".to_owned(),
        Some(at) => format!(
            "the release at {}",
            chrono::DateTime::from_timestamp_nanos(at)
                .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
        ),
    };
    Err(format!(
        "it counts before and after by {} (give or take {} ms), the files before it by {} (give or take {} ms)",
        told(other.release),
        other.tolerance / 1_000_000,
        told(one.release),
        one.tolerance / 1_000_000,
    ))
}

/// A piece with events that both have, to the byte and the nanosecond.
fn again(one: &Aggregates, other: &Aggregates) -> Option<String> {
    fn same(piece: &Piece) -> (&str, u64, u64, u64, Option<Stamp>, Option<Stamp>) {
        let Piece {
            name,
            bytes,
            records,
            events,
            first,
            last,
            ..
        } = piece;
        (name, *bytes, *records, *events, *first, *last)
    }
    let known: BTreeSet<_> = one.pieces.iter().map(same).collect();
    let mut again = other.pieces.iter();
    let again = again.find(|piece| piece.events > 0 && known.contains(&same(piece)));
    again.map(|piece| piece.name.clone())
}

/// Whether a part holds something before the release, and after it.
fn sides(tables: &Aggregates) -> [bool; 2] {
    let mut sides = [tables.release.is_none(); 2];
    for key in tables.access.keys() {
        match key.period {
            Period::Before => sides[0] = true,
            Period::After => sides[1] = true,
            Period::Near => {}
        }
    }
    sides
}

fn head(text: &[u8], part: &mut Aggregates) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Which {
        firsthour: String,
        version: u32,
    }
    let is_ours = |which: &Which| which.firsthour == "aggregates";
    let Some(which) = serde_json::from_slice(text).ok().filter(is_ours) else {
        return Err("its first line does not say that it holds aggregates".to_owned());
    };
    if which.version != VERSION {
        return Err(format!(
            "it is of version {}, this firsthour reads version {VERSION}",
            which.version
        ));
    }
    let head: Head = serde_json::from_slice(text).map_err(|error| format!("line 1: {error}"))?;
    if head.ids != IDS {
        return Err(format!("its ids are hashed by {}, ours by {IDS}", head.ids));
    }
    if head.release.is_some_and(|at| at < 0) || !(0..=86_400_000_000_000).contains(&head.tolerance)
    {
        return Err("line 1: the release lies outside of time".to_owned());
    }
    part.release = head.release;
    part.tolerance = head.tolerance;
    Ok(())
}

fn fill<K: Ord + DeserializeOwned, V: DeserializeOwned>(
    table: &mut BTreeMap<K, V>,
    row: &Row<'_>,
    weigh: impl FnOnce(&K, &V) -> Result<(), String>,
) -> Result<(), String> {
    let (key, value) = (of(row.key)?, of(row.is)?);
    weigh(&key, &value)?;
    match table.insert(key, value) {
        None => Ok(()),
        Some(_) => Err("a row stands there twice".to_owned()),
    }
}

fn of<T: DeserializeOwned>(raw: &RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| error.to_string())
}

/// The next line without its end; `false` when there is none.
fn next(input: &mut dyn BufRead, text: &mut Vec<u8>) -> Result<bool, String> {
    text.clear();
    let read = input
        .take(LONGEST + 1)
        .read_until(b'\n', text)
        .map_err(|error| error.to_string())?;
    if read as u64 > LONGEST {
        return Err(format!("a line is longer than {} MiB", LONGEST >> 20));
    }
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    Ok(read > 0)
}

#[cfg(test)]
mod tests;
