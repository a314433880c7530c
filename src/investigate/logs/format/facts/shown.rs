//! Addresses and keys as they are shown. A leaf.

use super::super::request::forwarded;

/// The client of a list of forwarding.
pub fn client(text: &str) -> &str {
    if memchr::memchr3(b',', b':', b'-', text.as_bytes()).is_some() {
        forwarded(text)
    } else {
        text
    }
}

/// Bytes shown of an API key that was logged whole: its public prefix.
const PREFIX: usize = 12;

/// An API key's name or prefix; what looks like the key itself is cut.
pub fn shown_key(text: &str) -> &str {
    const SECRETS: [&str; 7] = ["sk_", "rk_", "pk_", "sb_", "whsec_", "eyJ", "key_"];
    if text.is_empty() {
        return text;
    }
    let whole = text.len() > 32 || SECRETS.iter().any(|start| text.starts_with(start));
    if whole && text.len() > PREFIX {
        let end = (0..=PREFIX).rev().find(|at| text.is_char_boundary(*at));
        return text.get(..end.unwrap_or(0)).unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_key_is_cut_to_its_prefix() {
        assert_eq!(shown_key("sk_live_4eC39HqLyjWDarjt"), "sk_live_4eC3");
        assert_eq!(shown_key("partner-sync"), "partner-sync");
        assert_eq!(client("198.51.100.7, 203.0.113.9, 10.0.0.1"), "203.0.113.9");
    }
}
