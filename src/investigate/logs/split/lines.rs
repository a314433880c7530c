//! A record is a line.

use super::taker::{LONGEST, Taker};
use super::window::{Window, hand};
use memchr::memrchr;

/// Hands over every line.
pub fn lines(window: &mut Window<'_>, taker: &mut dyn Taker) {
    loop {
        let rest = window.rest();
        if let Some(last) = memrchr(b'\n', rest).filter(|last| *last < LONGEST) {
            taker.lines(&rest[..=last], window.offset());
            window.take(last + 1);
        }
        line(window, taker);
        if window.rest().is_empty() && !window.more(taker) {
            return;
        }
    }
}

/// Hands over one line, which may still have to be read.
pub fn line(window: &mut Window<'_>, taker: &mut dyn Taker) {
    drop_nuls(window, taker);
    let offset = window.offset();
    match window.line_end(0, LONGEST + 1, taker) {
        Some(end) => {
            hand(&window.rest()[..end], offset, taker);
            window.take(end + 1);
        }
        None if window.rest().len() > LONGEST => {
            window.skip_line(taker);
            taker.lost(offset);
        }
        None => {
            hand(window.rest(), offset, taker);
            window.take(usize::MAX);
        }
    }
}

/// A file that was cut to nothing while its writer went on begins with a hole
/// of NULs, perhaps a large one: no record is lost to it.
pub fn drop_nuls(window: &mut Window<'_>, taker: &mut dyn Taker) {
    loop {
        let nuls = window.rest().iter().take_while(|byte| **byte == 0).count();
        window.take(nuls);
        if !window.rest().is_empty() || !window.more(taker) {
            return;
        }
    }
}
