//! How much of what a file holds up to now is whole records: the rest waits
//! for its writer. A leaf.

use crate::investigate::logs::format::parser::Framing;
use memchr::{memchr_iter, memrchr};

/// Bytes from the front that are whole records. `patient`: the writer is at
/// work, so that a record over several lines is waited for; otherwise a line's
/// end is enough.
pub fn whole(bytes: &[u8], framing: Framing, patient: bool) -> usize {
    match framing {
        Framing::Csv if patient => csv(bytes),
        Framing::Json if patient => json(bytes),
        _ => memrchr(b'\n', bytes).map_or(0, |end| end + 1),
    }
}

/// Behind the last line's end outside of quotes.
fn csv(bytes: &[u8]) -> usize {
    let (mut whole, mut from, mut quoted) = (0, 0, false);
    for end in memchr_iter(b'\n', bytes) {
        let marks = memchr_iter(b'"', &bytes[from..end]).count();
        quoted ^= marks % 2 == 1;
        from = end + 1;
        if !quoted {
            whole = from;
        }
    }
    whole
}

/// Behind the last line's end outside of objects.
fn json(bytes: &[u8]) -> usize {
    let (mut whole, mut depth, mut text, mut escaped) = (0, 0_u32, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            _ if text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'\n' if depth == 0 => whole = at + 1,
            _ => {}
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_waited_for_until_it_is_whole() {
        let cases: [(Framing, &str, usize, usize); 6] = [
            (Framing::Lines, "a\nb", 2, 2),
            (Framing::Lines, "a", 0, 0),
            (Framing::Csv, "1,\"x\n", 0, 5),
            (Framing::Csv, "1,\"x\n\"\"y\"\n2", 10, 10),
            (Framing::Json, "{\"a\":{\n\"b\":\"}\\\"\"\n", 0, 17),
            (Framing::Json, "{\"a\":\"{\"}\n{", 10, 10),
        ];
        for (framing, text, patient, not) in cases {
            assert_eq!(whole(text.as_bytes(), framing, true), patient, "{text}");
            assert_eq!(whole(text.as_bytes(), framing, false), not, "{text}");
        }
    }
}
