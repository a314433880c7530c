//! The bytes a program sends to a terminal, read by a list of what may be
//! among them. Everything else would be an attack or a mistake.

/// Checks every byte sent in a terminal: text, and the few sequences that
/// draw. No OSC, DCS, APC, bell or C1, and no bare line break while the
/// program's own screen is up.
///
/// # Panics
/// At the first thing that is not on the list, with what stands around it.
pub fn assert_draws_only(raw: &[u8]) {
    let text = std::str::from_utf8(raw).unwrap();
    let mut rest = text;
    let mut entered = false;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        let around = || text[floor(text, at.saturating_sub(60))..].chars().take(160);
        let around = || around().collect::<String>().escape_debug().to_string();
        if c == '\u{1b}' {
            let end = sequence(rest).unwrap_or_else(|| panic!("at {at}: {}", around()));
            match &rest[..end] {
                "\u{1b}[?1049h" => entered = true,
                "\u{1b}[?1049l" => entered = false,
                _ => {}
            }
            rest = &rest[end..];
            continue;
        }
        let line_break = matches!(c, '\r' | '\n') && !entered;
        assert!(line_break || !drives(c), "{c:?} at {at}: {}", around());
        rest = &rest[c.len_utf8()..];
    }
    assert!(!entered, "the screen was left");
}

/// The length of an allowed sequence at the beginning of `text`.
fn sequence(text: &str) -> Option<usize> {
    let body = text.strip_prefix("\u{1b}[")?;
    let last = body.find(|c: char| c.is_ascii_alphabetic())?;
    let (parameters, last_char) = (&body[..last], body[last..].chars().next()?);
    let numbers = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b';');
    let allowed = match last_char {
        // Where to write, in which style, and what to wipe.
        'H' | 'm' | 'J' | 'K' => numbers(parameters),
        // The cursor, the other screen, bracketed paste.
        'h' | 'l' => matches!(parameters, "?25" | "?1049" | "?2004"),
        _ => false,
    };
    allowed.then_some(2 + last + 1)
}

/// Checks text meant for a pipe, a file or a screen reader: lines, and
/// nothing that would drive a terminal it is shown on later.
///
/// # Panics
/// At the first character that would.
pub fn assert_plain(text: &str) {
    for line in text.split('\n') {
        if let Some(c) = line.chars().find(|c| drives(*c)) {
            panic!("{c:?} in {}", line.escape_debug());
        }
    }
}

/// Whether a character moves a cursor, reorders, or hides.
fn drives(c: char) -> bool {
    c.is_control()
        || matches!(c as u32,
            0x00ad | 0x061c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
            | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe0fff)
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}
