//! Where a reader of JSON stands, and how it finds its feet again. A leaf.

use crate::investigate::logs::split::taker::Taker;
use crate::investigate::logs::split::window::Window;
use memchr::{memchr, memmem};

/// Where a reader stands between two records.
pub struct Reader<'a, 'w> {
    pub window: &'a mut Window<'w>,
    pub taker: &'a mut dyn Taker,
    /// Open objects that only hold a list: how many of them in one another.
    pub holders: Vec<u8>,
    /// Lists open within the innermost holder.
    pub lists: u32,
    /// Only blanks stand before on this line.
    pub at_line: bool,
    /// Lines of an object that was torn may follow.
    pub debris: bool,
    /// Lines in a row that held one whole object.
    pub proved: u32,
    /// The last object proves its line when nothing follows on it.
    pub proves: bool,
}

impl Reader<'_, '_> {
    /// Passes over a long line to where an element may begin, or to its end.
    pub fn resume(&mut self) {
        const BORDER: &[u8] = b"},{";
        self.at_line = false;
        loop {
            let rest = self.window.rest();
            let border = memmem::find(rest, BORDER);
            let end = memchr(b'\n', &rest[..border.unwrap_or(rest.len())]);
            if let Some(end) = end {
                return self.window.take(end);
            }
            if let Some(border) = border {
                return self.window.take(border + BORDER.len() - 1);
            }
            self.window
                .take(rest.len().saturating_sub(BORDER.len() - 1));
            if !self.window.more(self.taker) {
                return self.window.take(usize::MAX);
            }
        }
    }
}
