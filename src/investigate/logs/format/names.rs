//! The names formats give to what an event holds: each format is a table of
//! names, and a name leads to its [`Slot`]. A leaf.

/// What a field of a log can be. A log may fill any of them; what they mean
/// together is up to its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Slot {
    Time,
    /// A second time, where the log has two.
    Begun,
    Date,
    User,
    Email,
    /// What else may name the subject.
    Subject,
    Key,
    KeyRole,
    DbRole,
    Role,
    ActorTenant,
    Tenant,
    Client,
    Forwarded,
    Agent,
    Method,
    /// A path with its query, or a whole address.
    Target,
    /// `GET /path HTTP/1.1`.
    Line,
    Path,
    Query,
    Route,
    Status,
    Bytes,
    /// Bytes counted in another way.
    Size,
    Range,
    Duration,
    Cache,
    Keeping,
    Age,
    Bypass,
    Kind,
    Bucket,
    Object,
    Request,
    Trace,
    Session,
    Deployment,
    Id,
    Statement,
    Parameters,
    SqlState,
    Tag,
    Message,
    Source,
    Event,
    Error,
    Marker,
    Sampled,
    /// Names and values by turns, as headers are sometimes written.
    Pairs,
    /// The text of an object within the object.
    Inner,
}

/// How many [`Slot`]s there are.
pub const SLOTS: usize = Slot::Inner as usize + 1;

/// A format's table.
pub type Table = &'static [(&'static str, Slot)];

const BUCKETS: usize = 128;

/// A table made quick to look up.
#[derive(Debug)]
pub struct Names {
    buckets: Vec<Vec<(&'static str, Slot)>>,
    /// What may stand before a name.
    prefixes: &'static [&'static str],
}

impl Names {
    /// Names of a table; each may also follow one of the prefixes.
    pub fn new(table: Table, prefixes: &'static [&'static str]) -> Self {
        let mut buckets = vec![Vec::new(); BUCKETS];
        for (name, slot) in table {
            buckets[bucket(name)].push((*name, *slot));
        }
        Self { buckets, prefixes }
    }

    /// What the field of that name is.
    #[inline]
    pub fn get(&self, name: &str) -> Option<Slot> {
        let bare = self
            .prefixes
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))
            .unwrap_or(name);
        self.buckets[bucket(bare)]
            .iter()
            .find(|(known, _)| *known == bare)
            .map(|(_, slot)| *slot)
    }
}

fn bucket(name: &str) -> usize {
    let bytes = name.as_bytes();
    let byte = |at: usize| usize::from(bytes.get(at).copied().unwrap_or(0));
    let last = byte(bytes.len().wrapping_sub(1));
    (bytes.len() * 5 + byte(0) * 3 + byte(bytes.len() / 2) * 7 + last * 11) % BUCKETS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_with_and_without_their_prefix() {
        let table: Table = &[("request.path", Slot::Path), ("id", Slot::Id)];
        let names = Names::new(table, &["metadata.", "log_attributes."]);
        assert_eq!(names.get("request.path"), Some(Slot::Path));
        assert_eq!(names.get("metadata.request.path"), Some(Slot::Path));
        assert_eq!(names.get("log_attributes.id"), Some(Slot::Id));
        assert_eq!(names.get("request.pat"), None);
        assert_eq!(names.get(""), None);
    }
}
