//! The recorded lines as one file: nothing added, nothing left out.
//!
//! Each writer's lines keep their order, so every chain in the file verifies
//! as it does in the folder.

/// Joins lines (without their newline) in the order given; each line ends in
/// one newline.
pub fn jsonl<'a, I: IntoIterator<Item = &'a [u8]>>(lines: I) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_byte_for_byte() {
        let lines: [&[u8]; 3] = [b"{\"a\":1}", b"", b"\xff not even text"];
        assert_eq!(jsonl(lines), b"{\"a\":1}\n\n\xff not even text\n");
        assert!(jsonl([]).is_empty());
    }
}
