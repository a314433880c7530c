//! JSON objects one a line, several a line, over several lines, in lists, or
//! in an object that only holds a list; and lines of plain text among them.
//!
//! Most lines hold one object from `{` to `}`. Once enough of them proved to
//! be so, such lines are handed over without a look at each byte: only their
//! closing braces are looked at, for a second object that begins behind one.
//! Everything else is followed byte by byte, in bounded memory however long
//! the line is. A torn object costs its own first line and no other.

mod reader;
mod scanner;
mod tail;
mod wrapper;

use super::lines::{drop_nuls, line};
use super::taker::{LONGEST, NEAR, Taker};
use super::window::{Window, hand};
use memchr::{memchr, memchr_iter, memchr2};
use reader::Reader;
use scanner::{Found, Scanner};
use wrapper::Head;

/// Lines with one whole object each before lines are trusted.
const PROOF: u32 = 16;
/// Holders of lists within each other that are followed.
const HOLDERS: usize = 64;

/// Hands over every object and every line of text.
pub fn json(window: &mut Window<'_>, taker: &mut dyn Taker) {
    let mut reader = Reader {
        window,
        taker,
        holders: Vec::new(),
        lists: 0,
        at_line: true,
        debris: false,
        proved: 0,
        proves: false,
    };
    while reader.next() {}
    if !reader.holders.is_empty() {
        // The list that holds the records was cut off.
        let offset = reader.window.offset();
        reader.taker.lost(offset);
    }
}

impl Reader<'_, '_> {
    /// Goes on to the next record; `false` at the end.
    fn next(&mut self) -> bool {
        let blanks = self.blanks();
        let Some(byte) = self.window.rest().get(blanks).copied() else {
            return false;
        };
        match byte {
            b'\n' => {
                self.window.take(blanks + 1);
                self.proved += u32::from(self.proves);
                self.proves = false;
                self.at_line = true;
                return true;
            }
            _ if blanks >= NEAR => self.window.take(blanks),
            b'{' => {
                self.window.take(blanks);
                self.object();
            }
            b',' | b'\x1e' | 0 => self.pass(blanks + 1),
            b'[' if self.is_list(blanks) => {
                self.pass(blanks + 1);
                self.lists += u32::from(!self.holders.is_empty());
            }
            b']' => {
                self.pass(blanks + 1);
                self.close_list();
            }
            _ => self.text(),
        }
        true
    }

    /// Goes on without a record; what came before proves nothing.
    fn pass(&mut self, bytes: usize) {
        self.window.take(bytes);
        self.unproved();
    }

    const fn unproved(&mut self) {
        if self.proves {
            self.proved = 0;
        }
        self.proves = false;
    }

    /// How many blanks come next, byte order marks among them.
    fn blanks(&mut self) -> usize {
        if self.at_line {
            drop_nuls(self.window, self.taker);
        }
        let mut at = 0;
        loop {
            let rest = self.window.rest();
            match rest.get(at).copied() {
                Some(b' ' | b'\t' | b'\r') if at < NEAR => at += 1,
                Some(0xef) if rest[at..].starts_with(b"\xef\xbb\xbf") => at += 3,
                Some(0xef) if rest.len() < at + 3 && self.window.more(self.taker) => {}
                None if self.window.more(self.taker) => {}
                _ => return at,
            }
        }
    }

    /// Whether the bracket there begins a list of objects or of lists.
    fn is_list(&mut self, at: usize) -> bool {
        self.window.ensure(at + NEAR, self.taker);
        let rest = &self.window.rest()[at..];
        let within = |byte: &&u8| matches!(byte, b'[' | b' ' | b'\t' | b'\r');
        let skipped = rest.iter().take(NEAR).take_while(within).count();
        !self.at_line || matches!(rest.get(skipped), None | Some(b'{' | b']' | b'\n'))
    }

    fn close_list(&mut self) {
        if !self.holders.is_empty() {
            self.lists = self.lists.saturating_sub(1);
            if self.lists == 0 {
                self.tail();
            }
        }
    }

    /// No JSON: at the beginning of a line all of it is a record, elsewhere
    /// it is passed over and counted.
    fn text(&mut self) {
        self.unproved();
        if self.at_line {
            if self.debris && self.is_debris() {
                self.window.skip_line(self.taker);
            } else {
                self.debris = false;
                line(self.window, self.taker);
            }
            return;
        }
        let offset = self.window.offset();
        self.taker.lost(offset);
        self.window.take(1);
        loop {
            if let Some(at) = memchr2(b'{', b'\n', self.window.rest()) {
                return self.window.take(at);
            }
            self.window.take(usize::MAX);
            if !self.window.more(self.taker) {
                return;
            }
        }
    }

    /// Whether the line looks like one of an object over several lines.
    fn is_debris(&self) -> bool {
        let rest = self.window.rest();
        let at = wrapper::unblank(rest, 0);
        matches!(rest.get(at), Some(b'"' | b'}' | b']'))
    }

    fn object(&mut self) {
        self.unproved();
        self.debris = false;
        if self.holds_list() {
            return;
        }
        if self.at_line && self.holders.is_empty() && self.proved >= PROOF && self.trusted() {
            return;
        }
        self.followed();
    }

    /// Enters an object that only holds a list.
    fn holds_list(&mut self) -> bool {
        if self.holders.len() >= HOLDERS {
            return false;
        }
        // Enough for the first key; only then is more waited for.
        self.window.ensure(32, self.taker);
        let rest = self.window.rest();
        let near = &rest[..rest.len().min(32)];
        let may = wrapper::key(near, 1).is_none_or(|(key, _)| wrapper::may_lead(key));
        if !may {
            return false;
        }
        self.window.ensure(NEAR, self.taker);
        let rest = self.window.rest();
        let Head::List(inside, depth) = wrapper::head(&rest[..rest.len().min(NEAR)]) else {
            return false;
        };
        self.window.take(inside);
        self.holders.push(depth);
        self.lists = 1;
        self.at_line = false;
        true
    }

    /// The short way: a line from `{` to `}` in which no second object begins.
    fn trusted(&mut self) -> bool {
        let Some(end) = self.window.line_end(0, NEAR, self.taker) else {
            return false;
        };
        let line = &self.window.rest()[..end];
        let line = line.trim_ascii_end();
        if line.last() != Some(&b'}') || is_crowded(line) {
            return false;
        }
        hand(line, self.window.offset(), self.taker);
        self.window.take(end + 1);
        true
    }

    /// The long way: follows the object to its end.
    fn followed(&mut self) {
        let offset = self.window.offset();
        let mut scanner = Scanner::new();
        let (mut seen, mut long) = (0, false);
        loop {
            let found = scanner.look(&self.window.rest()[seen..]);
            match found {
                Found::More => {}
                Found::End(end) => return self.ended(seen + end, long, offset),
                Found::Torn(at) => return self.torn(seen + at, long, offset),
            }
            seen = self.window.rest().len();
            long |= seen > LONGEST;
            if long {
                self.window.take(seen);
                seen = 0;
            }
            if !self.window.more(self.taker) {
                // The holder's end is torn off with it, told once.
                self.holders.clear();
                return self.torn(seen, long, offset);
            }
        }
    }

    fn ended(&mut self, end: usize, long: bool, offset: u64) {
        let record = &self.window.rest()[..end];
        self.proves = !long && self.at_line && memchr(b'\n', record).is_none();
        if !self.proves {
            self.proved = 0;
        }
        if long {
            self.taker.lost(offset);
        } else {
            hand(record, offset, self.taker);
        }
        self.window.take(end);
        self.at_line = false;
    }

    /// The object stops making sense at `at`. Where it began a line, that line
    /// is all that is given up: the next may be a record again.
    fn torn(&mut self, at: usize, long: bool, offset: u64) {
        self.proved = 0;
        if !long
            && self.at_line
            && let Some(end) = self.first_line()
        {
            hand(&self.window.rest()[..end], offset, self.taker);
            self.window.take(end + 1);
            self.at_line = true;
            self.debris = true;
            return;
        }
        self.taker.lost(offset);
        self.window.take(at);
        self.resume();
    }

    /// The end of a line that is not too long.
    fn first_line(&mut self) -> Option<usize> {
        let end = self.window.line_end(0, NEAR, self.taker);
        let rest = self.window.rest().len();
        end.or_else(|| (rest < NEAR).then_some(rest))
    }
}

/// Whether a second object may begin on the line.
fn is_crowded(line: &[u8]) -> bool {
    memchr_iter(b'}', line).any(|at| {
        let between = |byte: &&u8| !matches!(byte, b' ' | b'\t' | b'\r' | b',' | b'\x1e' | 0);
        line[at + 1..].iter().find(between) == Some(&b'{')
    })
}
