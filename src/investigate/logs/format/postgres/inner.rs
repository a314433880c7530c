//! Lines of a Postgres log, from a file or from within another format:
//! syslog, Cloud Logging and container engines carry the same lines and may
//! know the time or the process besides.

use super::prefix::{Prefix, Read};
use super::reader::Reader;
use super::record::{Level, Raw, host, named};
use super::templates::infer;
use super::words::Word;
use super::zone::{Clock, epoch};
use crate::investigate::logs::event::{NO_TIME, Place, Stamp};
use crate::investigate::logs::format::parser::{Out, Setting};
use crate::investigate::logs::time::{SECOND, iso};
use ahash::RandomState;
use hashbrown::HashMap;

/// Records that are open at once.
const MOST: usize = 2_048;
/// How often another prefix is looked for.
const LEARNT: usize = 16;
/// A longer part of a record is cut.
const LONGEST: usize = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Into {
    #[default]
    Message,
    Detail,
    Statement,
    Nothing,
}

/// A record whose further lines are still coming.
#[derive(Debug, Default)]
struct Open {
    session: String,
    begun: bool,
    at: Stamp,
    place: Place,
    level: Level,
    user: String,
    client: String,
    app: String,
    state: String,
    vxid: String,
    id: String,
    message: String,
    detail: String,
    statement: String,
    into: Into,
}

/// Reads the lines of one log.
#[derive(Debug)]
pub struct Lines {
    prefix: Prefix,
    clock: Clock,
    /// The zone's offset as session ids of the sample tell.
    offset: Option<i64>,
    reader: Reader,
    open: Vec<Open>,
    by_session: HashMap<String, u32, RandomState>,
    last: usize,
    learnt: usize,
}

impl Lines {
    /// A reader for lines like those of the sample.
    pub fn new(sample: &str, setting: &Setting) -> Self {
        let (prefix, _) = infer(sample);
        Self {
            offset: offset(&prefix, sample),
            prefix,
            clock: Clock::new(setting),
            reader: Reader::default(),
            open: Vec::new(),
            by_session: HashMap::default(),
            last: 0,
            learnt: 0,
        }
    }

    /// Whether a line begins a record or a part of one, such as its DETAIL.
    pub fn begins(&self, line: &str) -> bool {
        self.prefix.read(line).is_some()
    }

    /// Takes a line. `at` and `process` are what a wrapper knows, used where
    /// the line itself does not say.
    pub fn line(&mut self, line: &str, at: Stamp, process: &str, place: Place, out: &mut dyn Out) {
        if line.starts_with(['\t', ' ']) {
            if let Some(slot) = self.by_session.get(process) {
                self.last = *slot as usize;
            }
            self.goes_on(line.strip_prefix('\t').unwrap_or(line), place, out);
            return;
        }
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        if self.prefix.read(line).is_none() {
            self.learn(line);
        }
        let Some((read, word, text)) = self.prefix.read(line) else {
            out.unparsed(place);
            return;
        };
        let session = [read.session, read.process, process]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default();
        let slot = self.slot(session, out);
        self.last = slot;
        match word {
            Word::Head(level) => {
                let at = self.time(&read, at, out);
                self.close(slot, out);
                self.begin(slot, &read, level, text, (at, place));
            }
            Word::Detail => self.further(slot, Into::Detail, text),
            Word::Statement => self.further(slot, Into::Statement, text),
            Word::Aside => self.further(slot, Into::Nothing, ""),
        }
    }

    /// The sample may have held no line of a session: another prefix that
    /// reads this line is taken, a few times.
    fn learn(&mut self, line: &str) {
        if self.learnt >= LEARNT {
            return;
        }
        self.learnt += 1;
        let (prefix, count) = infer(line);
        if count > 0 && prefix.tells() > 0 {
            self.prefix = prefix;
        }
    }

    fn goes_on(&mut self, text: &str, place: Place, out: &mut dyn Out) {
        let Some(open) = self.open.get_mut(self.last).filter(|open| open.begun) else {
            out.unparsed(place);
            return;
        };
        let part = match open.into {
            Into::Message => &mut open.message,
            Into::Detail => &mut open.detail,
            Into::Statement => &mut open.statement,
            Into::Nothing => return,
        };
        if part.len() + text.len() < LONGEST {
            part.push('\n');
            part.push_str(text);
        }
    }

    fn further(&mut self, slot: usize, into: Into, text: &str) {
        let open = &mut self.open[slot];
        if !open.begun || open.level == Level::Other {
            return;
        }
        let is_step = open.into == Into::Nothing && open.message.is_empty();
        open.into = if is_step { Into::Nothing } else { into };
        match open.into {
            Into::Detail => open.detail.push_str(text),
            Into::Statement => open.statement.push_str(text),
            Into::Message | Into::Nothing => {}
        }
    }

    fn begin(
        &mut self,
        slot: usize,
        read: &Read<'_>,
        level: Level,
        text: &str,
        when: (Stamp, Place),
    ) {
        let open = &mut self.open[slot];
        open.begun = true;
        (open.at, open.place) = when;
        open.level = level;
        for (kept, now) in [
            (&mut open.user, named(read.user)),
            (&mut open.client, host(read.client)),
            (&mut open.app, named(read.app)),
            (&mut open.state, read.state),
            (&mut open.vxid, read.vxid),
        ] {
            kept.clear();
            kept.push_str(now);
        }
        open.detail.clear();
        open.statement.clear();
        open.message.clear();
        open.id.clear();
        if !read.session.is_empty() && !read.line.is_empty() {
            open.id.push_str(read.session);
            open.id.push('#');
            open.id.push_str(read.line);
        }
        // The steps before a statement runs are not even kept.
        if level == Level::Other || is_step(text) {
            open.into = Into::Nothing;
        } else {
            open.into = Into::Message;
            open.message.push_str(text);
        }
    }

    fn time(&mut self, read: &Read<'_>, at: Stamp, out: &mut dyn Out) -> Stamp {
        if !read.time.is_empty() {
            let offset = self.offset;
            return self
                .clock
                .read(read.time.as_bytes(), || offset, out)
                .map_or(at, |(at, _)| at);
        }
        decimal(read.epoch).unwrap_or(at)
    }

    /// The place of the session's record; all are closed when there are too
    /// many.
    fn slot(&mut self, session: &str, out: &mut dyn Out) -> usize {
        if let Some(open) = self.open.get(self.last)
            && open.session == session
        {
            return self.last;
        }
        if let Some(slot) = self.by_session.get(session) {
            return *slot as usize;
        }
        if self.open.len() >= MOST {
            for slot in 0..self.open.len() {
                self.close(slot, out);
            }
            self.open.clear();
            self.by_session.clear();
        }
        let slot = self.open.len();
        self.open.push(Open {
            session: session.to_owned(),
            ..Open::default()
        });
        self.by_session
            .insert(session.to_owned(), u32::try_from(slot).unwrap_or(0));
        slot
    }

    fn close(&mut self, slot: usize, out: &mut dyn Out) {
        let open = &mut self.open[slot];
        if !std::mem::take(&mut open.begun) || open.message.is_empty() {
            return;
        }
        self.reader.take(
            &Raw {
                at: open.at,
                place: open.place,
                level: open.level,
                session: &open.session,
                user: &open.user,
                client: &open.client,
                app: &open.app,
                sqlstate: if open.level == Level::Failed {
                    &open.state
                } else {
                    ""
                },
                vxid: &open.vxid,
                id: &open.id,
                message: &open.message,
                detail: &open.detail,
                statement: &open.statement,
            },
            out,
        );
    }

    /// No more lines come.
    pub fn end(&mut self, out: &mut dyn Out) {
        for slot in 0..self.open.len() {
            self.close(slot, out);
        }
        self.reader.end(out);
    }
}

/// Whether a message tells of a step before a statement runs; only in
/// English, for the speed of it.
fn is_step(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(rest) = bytes.strip_prefix(b"duration: ") else {
        return false;
    };
    let digits = rest
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count();
    let label = rest.get(digits..).unwrap_or_default();
    label.starts_with(b" ms  parse ") || label.starts_with(b" ms  bind ")
}

/// Seconds with decimals since 1970.
fn decimal(text: &str) -> Option<Stamp> {
    let (seconds, millis) = text.split_once('.').unwrap_or((text, "0"));
    let seconds: i64 = seconds.parse().ok()?;
    let millis: i64 = format!("{millis:0<3}").get(..3)?.parse().ok()?;
    let total = seconds
        .checked_mul(SECOND)?
        .checked_add(millis * 1_000_000)?;
    (total > 0).then_some(total)
}

/// The zone's offset: the local time of a line, less the moment its session
/// began, is the offset and the session's age; of the youngest session of the
/// sample the age is next to nothing.
fn offset(prefix: &Prefix, sample: &str) -> Option<i64> {
    const QUARTER: i64 = 900;
    let youngest = sample
        .lines()
        .filter_map(|line| {
            let (read, _, _) = prefix.read(line)?;
            let (local, zoned, _) = iso(read.time.as_bytes())?;
            let start = epoch(read.session)?;
            (!zoned && local != NO_TIME).then(|| local.div_euclid(SECOND) - start)
        })
        .min()?;
    let offset = youngest.div_euclid(QUARTER) * QUARTER;
    (youngest - offset <= 300 && offset.abs() <= 15 * 3_600).then_some(offset)
}
