//! Secrets and personal data that stand in the logs themselves: the bytes
//! ahead are looked over for a few needles at once, and each record that one
//! of them may stand in is looked at again by itself.
//!
//! The values go nowhere: what is told is the kind, the place and a sample of
//! which only the ends show. To add a kind: a row in `NEEDLES` and its proof
//! in `spill/proof.rs`.

mod marks;
mod personal;
mod proof;
mod spilled;

use aho_corasick::packed::{Config, MatchKind, Searcher};
use marks::Marks;
use memchr::memchr;
pub use personal::{BESIDE, card};
use proof::Proof;
pub use proof::sample;
pub use spilled::Spilled;

/// What is searched, and what proves a hit: from the needle's first byte on.
const NEEDLES: &[(&str, Proof)] = &[
    ("sk_live_", proof::stripe_secret),
    ("rk_live_", proof::stripe_secret),
    ("whsec_", proof::webhook_secret),
    ("sb_secret_", proof::supabase_secret),
    ("AKIA", proof::aws_key),
    ("-----BEGIN", proof::private_key),
    ("postgres://", proof::database_password),
    ("postgresql://", proof::database_password),
    ("Bearer ", proof::bearer),
    ("eyJ", proof::signed_token),
    ("token=", proof::token_in_address),
    ("password=", proof::password),
    ("\"password\":\"", proof::password),
    ("email=", proof::email_in_address),
    ("ghp_", proof::github_token),
];

/// Most hits told of one record.
const MOST: usize = 8;

/// Looks records over. Where the processor lacks the instructions the slower
/// search of the same library does the same.
pub struct Spills {
    fast: Option<Searcher>,
    slow: Option<aho_corasick::AhoCorasick>,
    needles: Marks,
    /// Where `@` stands.
    mails: Marks,
    /// Where so many digits stand that it may be a card.
    cards: Marks,
}

impl std::fmt::Debug for Spills {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spills").finish_non_exhaustive()
    }
}

impl Default for Spills {
    fn default() -> Self {
        let needles = NEEDLES.iter().map(|(needle, _)| needle);
        let fast = Config::new()
            .match_kind(MatchKind::LeftmostFirst)
            .builder()
            .extend(needles.clone())
            .build();
        let slow = match fast {
            Some(_) => None,
            None => aho_corasick::AhoCorasick::new(needles).ok(),
        };
        Self {
            fast,
            slow,
            needles: Marks::default(),
            mails: Marks::default(),
            cards: Marks::default(),
        }
    }
}

impl Spills {
    /// Looks over bytes that come next, from `offset` on. They have to overlap
    /// those before them as far as a needle and a card's number are long; no
    /// record before `open` is asked for any more.
    pub fn ahead(&mut self, bytes: &[u8], offset: u64, open: u64) {
        for marks in [&mut self.needles, &mut self.mails, &mut self.cards] {
            marks.forget(open);
        }
        let mut at = 0;
        while let Some((_, start)) = self.next(bytes, at) {
            at = behind(&mut self.needles, offset, start);
        }
        at = 0;
        while let Some(start) = bytes.get(at..).and_then(|rest| memchr(b'@', rest)) {
            at = behind(&mut self.mails, offset, at + start);
        }
        personal::runs(bytes, &mut |start| {
            self.cards.mark(offset + start as u64);
        });
    }

    /// Tells each kind found in a record, once. Its bytes were looked over
    /// by [`Spills::ahead`].
    #[inline]
    pub fn look(&self, record: &[u8], offset: u64, tell: &mut dyn FnMut(Spilled)) {
        if self.needles.touch(offset, record.len()) {
            self.secrets(record, tell);
        }
        let mail = self.mails.touch(offset, record.len());
        let card = self.cards.touch(offset, record.len());
        if (mail || card)
            && let Some(spilled) = personal::look(record, mail, card)
        {
            tell(spilled);
        }
    }

    /// Tells each kind found in a text that belongs to no stream, once.
    pub fn alone(&self, text: &[u8], tell: &mut dyn FnMut(Spilled)) {
        self.secrets(text, tell);
        if let Some(spilled) = personal::look(text, true, true) {
            tell(spilled);
        }
    }

    fn secrets(&self, record: &[u8], tell: &mut dyn FnMut(Spilled)) {
        let mut told: [Option<&'static str>; MOST] = [None; MOST];
        let mut at = 0;
        while let Some((needle, start)) = self.next(record, at) {
            let (_, proof) = NEEDLES[needle];
            at = start + 1;
            if let Some(spilled) = proof(record, start)
                && let Some(free) = free(&mut told, spilled.kind)
            {
                *free = Some(spilled.kind);
                tell(spilled);
            }
        }
    }

    /// Tells every secret found in a record, where it stands.
    pub fn each(&self, record: &[u8], tell: &mut dyn FnMut(Spilled)) {
        let mut at = 0;
        while let Some((needle, start)) = self.next(record, at) {
            at = start + 1;
            if let Some(spilled) = NEEDLES[needle].1(record, start) {
                tell(spilled);
            }
        }
    }

    fn next(&self, record: &[u8], from: usize) -> Option<(usize, usize)> {
        if from >= record.len() {
            return None;
        }
        if let Some(fast) = &self.fast {
            let found = fast.find_in(record, aho_corasick::Span::from(from..record.len()))?;
            return Some((found.pattern().as_usize(), found.start()));
        }
        let found = self.slow.as_ref()?.find(record.get(from..)?)?;
        Some((found.pattern().as_usize(), from + found.start()))
    }
}

/// Marks a hit; gives where the search goes on.
fn behind(marks: &mut Marks, offset: u64, start: usize) -> usize {
    let behind = marks.mark(offset + start as u64) - offset;
    usize::try_from(behind).unwrap_or(usize::MAX)
}

/// A free place, unless the kind was told already.
fn free<'a>(
    told: &'a mut [Option<&'static str>; MOST],
    kind: &str,
) -> Option<&'a mut Option<&'static str>> {
    if told.iter().flatten().any(|known| *known == kind) {
        return None;
    }
    told.iter_mut().find(|place| place.is_none())
}

/// Whether a kind gives power to whoever reads it, not only a person's data.
pub fn is_secret(kind: &str) -> bool {
    !matches!(
        kind,
        personal::CARD | personal::PERSON | proof::EMAIL_IN_ADDRESS
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        let (mut spills, text) = (Spills::default(), text.as_bytes());
        spills.ahead(text, 7, 7);
        spills.look(text, 7, &mut |spilled| {
            out.push((spilled.kind, spilled.sample));
        });
        out
    }

    /// As a splitter shows again.
    const OVERLAP: usize = crate::investigate::logs::split::OVERLAP;

    #[test]
    fn what_stands_across_two_reads_is_found() {
        let text = b"{\"n\":\"5425233430109903\"} password=hunter22 x ada@firm.org phone";
        let kinds = |cut: usize| {
            let mut spills = Spills::default();
            spills.ahead(&text[..cut], 0, 0);
            let from = cut.saturating_sub(OVERLAP);
            spills.ahead(&text[from..], from as u64, 0);
            let mut out = Vec::new();
            spills.look(text, 0, &mut |spilled| out.push(spilled.kind));
            out
        };
        for cut in 0..text.len() {
            assert_eq!(kinds(cut), ["password", personal::CARD], "{cut}");
        }
    }

    fn kinds(text: &str) -> Vec<&'static str> {
        found(text).into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn secrets_are_found_and_only_their_ends_show() {
        // Put together here, so that no scanner takes this file for a leak.
        let key = format!("sk_{}_{}", "live", "51HxQ2eJ0aBcDeFgHiJkLm");
        let out = found(&format!("{{\"msg\":\"using {key}\"}}"));
        assert_eq!(out, [("stripe secret", "sk_l..Lm".to_owned())]);
        assert_eq!(
            kinds("postgres://app:hunter22@db:5432/x"),
            ["database password"]
        );
        assert_eq!(
            kinds(&format!("key {}{}", "AKIA", "IOSFODNN7ABCDEFG")),
            ["aws access key"]
        );
        assert_eq!(
            kinds("GET /reset?token=8f14e45fceea167a HTTP/1.1"),
            ["token in an address"]
        );
    }

    #[test]
    fn look_alikes_are_left_alone() {
        for text in [
            "pk_live_51HxQ2eJ0aBcDeFgHiJkLm is public",
            "sk_live_ is how secrets begin",
            "postgres://db:5432/x without a password",
            "password=[redacted] and password=*** and password=",
            "csrftoken=x",
            "order 1234567890123456 and time 1773129602123456789",
            "test card 4242424242424242",
            "mail a@example.com phone +49 30 123456",
            "login of ada@firm.org",
        ] {
            assert_eq!(kinds(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_signed_token_is_told_by_its_role() {
        let token = |payload: &str| {
            let body = encoded(payload);
            format!("eyJhbGciOiJIUzI1NiJ9.{body}.c2lnbmF0dXJlLWhlcmU")
        };
        let service = token(r#"{"role":"service_role","iss":"supabase"}"#);
        assert_eq!(kinds(&service), ["service_role token"]);
        let person = token(r#"{"role":"authenticated","sub":"1"}"#);
        assert_eq!(kinds(&person), ["session token"]);
        let public = token(r#"{"role":"anon","iss":"supabase"}"#);
        assert_eq!(kinds(&public), [""; 0]);
    }

    #[test]
    fn personal_data_needs_more_than_an_address() {
        assert_eq!(
            kinds(r#"{"email":"ada@firm.org","phone":"+49301234567"}"#),
            [personal::PERSON]
        );
        assert_eq!(kinds("card 4111111111111111 paid"), [""; 0]);
        assert_eq!(kinds("card 5425233430109903 paid"), [personal::CARD]);
        assert_eq!(kinds(r#"{"number":"5425233430109903"}"#), [personal::CARD]);
        let told = r#"{"key":"card","value":{"stringValue":"5425233430109903"}}"#;
        assert_eq!(kinds(told), [personal::CARD]);
        for id in [
            r#""cf_ray":"5425233430109903""#,
            "request_id=5425233430109903",
            r#""requestId":"fra1::5425233430109903""#,
            r#"{"key":"http.request.id","value":{"stringValue":"5425233430109903"}}"#,
        ] {
            assert_eq!(kinds(id), [""; 0], "{id}");
        }
    }

    /// Base64 as tokens have it.
    fn encoded(text: &str) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut out = String::new();
        for chunk in text.as_bytes().chunks(3) {
            let mut three = [0_u8; 3];
            three[..chunk.len()].copy_from_slice(chunk);
            let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
            for at in 0..=chunk.len() {
                let six = (bits >> (18 - 6 * at)) & 63;
                out.push(char::from(LETTERS[six as usize]));
            }
        }
        out
    }

    #[test]
    fn base64_comes_back() {
        for text in ["a", "ab", "abc", "{\"role\":\"anon\"}"] {
            assert_eq!(
                proof::decoded(encoded(text).as_bytes()).unwrap(),
                text.as_bytes()
            );
        }
    }

    #[test]
    fn a_short_value_shows_nothing() {
        assert_eq!(proof::sample(b"short"), "..");
    }
}
