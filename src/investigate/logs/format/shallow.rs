//! How deep brackets nest: hostile lines would exhaust the stack of readers
//! that recurse. A leaf.

/// Brackets within brackets up to which a text is given to readers that
/// recurse.
pub const SHALLOW: usize = 64;

/// Whether brackets nest no deeper than readers that recurse may go. Brackets
/// in texts count too, so a few sound lines are called deep.
pub fn is_shallow(json: &[u8]) -> bool {
    if opened(json) <= SHALLOW {
        return true;
    }
    let mut depth = 0_usize;
    for byte in json {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > SHALLOW {
            return false;
        }
    }
    true
}

/// How many brackets open, in texts or not.
fn opened(json: &[u8]) -> usize {
    // Both brackets are one but for this bit; small counts in parts of one
    // size, so that many bytes are looked at at once.
    let in_part = |part: &[u8]| {
        part.iter()
            .fold(0_u8, |count, byte| count + u8::from(byte | 0x20 == b'{'))
    };
    let (parts, rest) = json.as_chunks::<128>();
    let counts = parts.iter().map(|part| usize::from(in_part(part)));
    counts.sum::<usize>() + usize::from(in_part(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_counted_in_texts_of_any_length() {
        for length in [0, 1, 254, 255, 256, 1_000] {
            let open: Vec<u8> = b"{[".iter().copied().cycle().take(length).collect();
            assert_eq!(opened(&open), length);
            assert_eq!(is_shallow(&open), length <= SHALLOW);
        }
        assert_eq!(opened(b"}]()<>;:zZ\x1b\xdb\xfb"), 0);
        assert!(is_shallow(&b"[]{}".repeat(1_000)));
    }
}
