//! How deep brackets nest: hostile lines would exhaust the stack of readers
//! that recurse. A leaf.

/// Brackets within brackets up to which a text is given to readers that
/// recurse.
pub const SHALLOW: usize = 64;

/// Whether brackets nest no deeper than readers that recurse may go. Brackets
/// in texts count too, so a few sound lines are called deep.
pub fn is_shallow(json: &[u8]) -> bool {
    let mut depth = 0_usize;
    for at in memchr::memchr2_iter(b'[', b'{', json) {
        let _ = at;
        depth += 1;
        if depth > SHALLOW {
            break;
        }
    }
    if depth <= SHALLOW {
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
