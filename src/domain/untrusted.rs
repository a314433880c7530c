//! Text that came from outside and the one function that makes it printable.
//!
//! Log lines, database object names, branch names and headers may try to
//! drive the terminal. [`visible`] turns every control, bidirectional,
//! zero-width and tag character into something a person can see; the raw
//! bytes stay in evidence. Nothing here ever parses the text as markup.

use serde::{Deserialize, Serialize};

/// The longest text shown, in bytes of the original; the rest is counted.
const SHOWN_BYTES: usize = 4096;

/// Combining marks kept on one base character; more are spelled out.
const MARKS_KEPT: u8 = 2;

/// Text of outside origin. It has no `Display`: call [`Untrusted::visible`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Untrusted(String);

impl Untrusted {
    /// Marks text as coming from outside.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Marks bytes as coming from outside; invalid UTF-8 becomes `\xNN`.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                text.push_str(&format!("\\x{byte:02x}"));
            }
        }
        Self(text)
    }

    /// The text in printable form. See [`visible`].
    pub fn visible(&self) -> String {
        visible(&self.0)
    }

    /// The raw text, for comparing and for bound parameters; never for output.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Makes outside text printable on one line.
///
/// C0 controls become caret notation (`^[`), C1 controls `\x9b`, a tab
/// becomes spaces up to the next multiple of four, a newline `^J`, invisible
/// and bidirectional characters `<U+202E>`, and at most two combining marks
/// stay on one base. Text over 4 KiB is cut and the dropped size is told.
pub fn visible(text: &str) -> String {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~');
    if text.len() <= SHOWN_BYTES && text.as_bytes().iter().all(plain) {
        return text.to_owned();
    }
    let cut = floor_boundary(text, SHOWN_BYTES);
    let mut out = String::with_capacity(cut + 16);
    let mut column = 0_usize;
    let mut marks = 0_u8;
    for c in text[..cut].chars() {
        let before = out.len();
        push_visible(&mut out, c, column, &mut marks);
        column += out[before..].chars().count();
    }
    if cut < text.len() {
        out.push_str(&format!(" <{} more bytes>", text.len() - cut));
    }
    out
}

/// Makes outside text printable while keeping its line breaks: each line of
/// the input goes through [`visible`] by itself.
pub fn visible_lines(text: &str) -> Vec<String> {
    text.split('\n')
        .map(|line| visible(line.strip_suffix('\r').unwrap_or(line)))
        .collect()
}

/// Spells characters that could drive a terminal as `\u` escapes. The JSON
/// says the same as before, and can be shown as it is: such characters stand
/// in JSON only inside strings.
pub fn quiet_json(json: String) -> String {
    let drives = |c: char| c.is_control() || is_invisible(c);
    if !json.contains(drives) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if drives(c) {
            let mut units = [0_u16; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

fn push_visible(out: &mut String, c: char, column: usize, marks: &mut u8) {
    if is_combining(c) {
        *marks = marks.saturating_add(1);
        // A mark with no base before it would attach to our own text.
        if *marks > MARKS_KEPT || column == 0 {
            out.push_str(&format!("<U+{:04X}>", c as u32));
        } else {
            out.push(c);
        }
        return;
    }
    *marks = 0;
    match c {
        '\t' => out.push_str(&"    "[..4 - column % 4]),
        '\0'..='\u{1f}' => {
            out.push('^');
            out.push(char::from(c as u8 ^ 0x40));
        }
        '\u{7f}' => out.push_str("^?"),
        '\u{80}'..='\u{9f}' => out.push_str(&format!("\\x{:02x}", c as u32)),
        _ if is_invisible(c) => out.push_str(&format!("<U+{:04X}>", c as u32)),
        _ => out.push(c),
    }
}

/// Characters that change direction, join, select a glyph or show nothing.
fn is_invisible(c: char) -> bool {
    matches!(c as u32,
        0x00ad | 0x034f | 0x061c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f
        | 0xfeff | 0xffa0 | 0xfff0..=0xfffc | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
        | 0xe000..=0xf8ff | 0xe0000..=0xe0fff | 0xf0000..=0x0010_ffff)
}

/// Zero-width combining marks, by what a terminal cell would stack.
fn is_combining(c: char) -> bool {
    !is_invisible(c) && unicode_width::UnicodeWidthChar::width(c) == Some(0) && c > '\u{2ff}'
}

fn floor_boundary(text: &str, at: usize) -> usize {
    if text.len() <= at {
        return text.len();
    }
    (0..=at)
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_are_shown_not_sent() {
        assert_eq!(visible("\u{1b}[31mred"), "^[[31mred");
        assert_eq!(visible("\u{9b}2J"), "\\x9b2J");
        assert_eq!(visible("a\u{7f}b\0c"), "a^?b^@c");
        assert_eq!(visible("one\ntwo\r"), "one^Jtwo^M");
    }

    #[test]
    fn tabs_keep_columns_apart() {
        assert_eq!(visible("user\tadmin"), "user    admin");
        assert_eq!(visible("ab\tc"), "ab  c");
    }

    #[test]
    fn bidirectional_and_zero_width_characters_are_named() {
        assert_eq!(visible("a\u{202e}b\u{200d}c"), "a<U+202E>b<U+200D>c");
        assert_eq!(visible("\u{e0041}"), "<U+E0041>");
    }

    #[test]
    fn combining_marks_are_capped() {
        let text = "e\u{301}\u{301}\u{301}";
        assert_eq!(visible(text), "e\u{301}\u{301}<U+0301>");
        assert_eq!(visible("\u{301}x"), "<U+0301>x");
    }

    #[test]
    fn long_text_is_cut_and_the_rest_counted() {
        let shown = visible(&"é".repeat(4000));
        assert!(shown.ends_with("<3904 more bytes>"), "{shown}");
    }

    #[test]
    fn quiet_json_says_the_same() {
        let text = "plain é 漢 \u{9b}2J \u{7f} \u{202e} \u{e0041} \u{1b}";
        let json = serde_json::to_string(text).unwrap();
        let quiet = quiet_json(json);
        assert!(quiet.contains("\\u009b2J") && quiet.contains("\\udb40\\udc41"));
        assert!(!quiet.chars().any(|c| c.is_control() || is_invisible(c)));
        assert_eq!(serde_json::from_str::<String>(&quiet).unwrap(), text);
    }

    #[test]
    fn invalid_utf8_is_spelled_out() {
        assert_eq!(Untrusted::from_bytes(b"ok\xff\xfe").raw(), "ok\\xff\\xfe");
    }

    proptest! {
        #[test]
        fn nothing_that_moves_a_cursor_survives(text in ".*") {
            let shown = visible(&text);
            prop_assert!(shown.chars().all(|c| !c.is_control() && !is_invisible(c)));
        }
    }
}
