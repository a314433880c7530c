//! What follows the list in an object that only holds a list: passed over,
//! unless it holds records too.

use super::reader::Reader;
use super::scanner::{Found, Scanner};
use super::wrapper::{self, describes, key, scalar};
use crate::investigate::logs::split::taker::NEAR;

impl Reader<'_, '_> {
    /// The list of records is closed; goes on to the end of its holder or to
    /// the next list in it.
    pub(super) fn tail(&mut self) {
        loop {
            self.unblank();
            let Some(byte) = self.window.rest().first().copied() else {
                return;
            };
            match byte {
                b',' => self.window.take(1),
                b'}' => {
                    self.window.take(1);
                    if self.close_holder() {
                        return;
                    }
                }
                b'"' => {
                    if self.member() {
                        return;
                    }
                }
                _ => return self.give_up(),
            }
        }
    }

    /// Closes one object; `true` when the reader is among records again.
    fn close_holder(&mut self) -> bool {
        let Some(depth) = self.holders.last_mut() else {
            return true;
        };
        *depth -= 1;
        if *depth > 0 {
            return false;
        }
        self.holders.pop();
        self.lists = u32::from(!self.holders.is_empty());
        true
    }

    /// One key and its value; `true` when the value is a list of records,
    /// whose inside comes next, or when nothing makes sense any more.
    fn member(&mut self) -> bool {
        self.window.ensure(NEAR, self.taker);
        let rest = self.window.rest();
        let near = &rest[..rest.len().min(NEAR)];
        let Some((name, value)) = key(near, 0) else {
            self.give_up();
            return true;
        };
        if let Some(inside) = wrapper::records(near, name, value) {
            self.window.take(inside);
            self.lists = 1;
            return true;
        }
        let described = describes(name);
        let length = scalar(&near[value.min(near.len())..]);
        let first = near.get(value).copied();
        self.window.take(value);
        match first {
            Some(b'"' | b'{') => self.pass_value(),
            Some(b'[') => {
                if !described {
                    self.count_list();
                }
                self.pass_value()
            }
            _ if length > 0 => {
                self.window.take(length);
                false
            }
            _ => {
                self.give_up();
                true
            }
        }
    }

    /// A list of objects that is not read is told.
    fn count_list(&mut self) {
        self.window.ensure(NEAR, self.taker);
        let rest = self.window.rest();
        let inside = wrapper::unblank(&rest[..rest.len().min(NEAR)], 1);
        if rest.get(inside) == Some(&b'{') {
            let offset = self.window.offset();
            self.taker.lost(offset);
        }
    }

    /// Passes over a value of any length; `true` when it is torn.
    fn pass_value(&mut self) -> bool {
        let mut scanner = Scanner::new();
        loop {
            let rest = self.window.rest();
            match scanner.look(rest) {
                Found::More => {}
                Found::End(end) => {
                    self.window.take(end);
                    return false;
                }
                Found::Torn(at) => {
                    self.window.take(at);
                    self.give_up();
                    return true;
                }
            }
            self.window.take(usize::MAX);
            if !self.window.more(self.taker) {
                return true;
            }
        }
    }

    /// The holder was torn: what follows is looked at as if nothing held it.
    fn give_up(&mut self) {
        let offset = self.window.offset();
        self.taker.lost(offset);
        self.holders.clear();
        self.lists = 0;
        self.resume();
    }

    fn unblank(&mut self) {
        loop {
            let blanks = wrapper::unblank(self.window.rest(), 0);
            self.window.take(blanks);
            if !self.window.rest().is_empty() || !self.window.more(self.taker) {
                return;
            }
        }
    }
}
