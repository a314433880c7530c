//! The words events and tables share: what a record tells about, whose power
//! was used, how it ended. A leaf.

use serde::{Deserialize, Serialize};

/// What a record tells about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Layer {
    /// A request and its answer.
    #[default]
    Http,
    /// A statement a database ran.
    Sql,
    /// Signing in, tokens, sessions.
    Auth,
    /// An object store or a cloud's own interface.
    Cloud,
    /// What a program printed about a request: no request by itself, joined
    /// to one by its id.
    Console,
}

impl Layer {
    /// The word in aggregates and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Sql => "sql",
            Self::Auth => "auth",
            Self::Cloud => "cloud",
            Self::Console => "console",
        }
    }

    /// Reads the word of [`Layer::word`].
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Http,
            Self::Sql,
            Self::Auth,
            Self::Cloud,
            Self::Console,
        ]
        .into_iter()
        .find(|layer| layer.word() == word)
    }
}

/// Whose power a request used, best known first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum WhoKind {
    /// A signed-in person or service, by the id the app or token gives.
    User,
    /// An API key, by its public prefix or name; never the key.
    Key,
    /// A database role: a role, not a person.
    Role,
    /// A network address: not a person.
    Address,
    /// Nothing is known.
    Nobody,
}

impl WhoKind {
    /// The word in aggregates and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Key => "api key",
            Self::Role => "database role",
            Self::Address => "address",
            Self::Nobody => "nobody",
        }
    }

    /// Reads the word of [`WhoKind::word`].
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::User,
            Self::Key,
            Self::Role,
            Self::Address,
            Self::Nobody,
        ]
        .into_iter()
        .find(|kind| kind.word() == word)
    }
}

/// How a cache answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum CacheState {
    /// The log does not say.
    #[default]
    Unsaid,
    /// The app answered: miss, bypass, dynamic.
    Origin,
    /// A stored answer: hit, stale, revalidated, prerendered.
    Stored,
}

impl CacheState {
    /// Reads the words of Vercel, Cloudflare, `CloudFront`, nginx and Next.js,
    /// whatever their case.
    pub fn parse(word: &str) -> Self {
        const STORED: [&str; 9] = [
            "hit",
            "stale",
            "revalidated",
            "prerender",
            "refreshhit",
            "updating",
            "redirect_hit",
            "originshieldhit",
            "cached",
        ];
        const UNSAID: [&str; 4] = ["", "-", "none", "unknown"];
        let is = |known: &&str| word.eq_ignore_ascii_case(known);
        if STORED.iter().any(is) {
            Self::Stored
        } else if UNSAID.iter().any(is) {
            Self::Unsaid
        } else {
            Self::Origin
        }
    }
}

/// How a request ended, folded to what rules ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    /// 2xx and 304: data went out, or a copy of it was valid.
    Ok,
    /// 401 and 403, SQLSTATE 42501 and 28xxx.
    Refused,
    /// 404 and 410.
    Missing,
    /// Everything else: redirects, other faults, crashes.
    Other,
}

/// How many [`Class`]es there are.
pub const CLASSES: usize = 4;

impl Class {
    /// The class of an HTTP status.
    pub const fn of_status(status: u16) -> Self {
        match status {
            200..=299 | 304 => Self::Ok,
            401 | 403 => Self::Refused,
            404 | 410 => Self::Missing,
            _ => Self::Other,
        }
    }
}

/// Where a record stands: the piece of input and the byte its line begins at
/// (after decompression).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Place {
    pub piece: u32,
    pub offset: u64,
}

/// A time in nanoseconds since 1970 UTC; [`NO_TIME`] where a log gives none.
pub type Stamp = i64;

/// The stamp of a record without a time.
pub const NO_TIME: Stamp = i64::MIN;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_speak_many_words() {
        assert_eq!(CacheState::parse("HIT"), CacheState::Stored);
        assert_eq!(CacheState::parse("RefreshHit"), CacheState::Stored);
        assert_eq!(CacheState::parse("dynamic"), CacheState::Origin);
        assert_eq!(CacheState::parse("-"), CacheState::Unsaid);
    }
}
