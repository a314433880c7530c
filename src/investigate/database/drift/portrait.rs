//! A database's rights by name, as they can be kept in a file: what two
//! databases, or one at two times, are compared by. Pure; nothing is asked.
//!
//! A file is outside text: its size, version and shape are checked on
//! reading, and what it says is made printable where it is shown.

use crate::domain::check::Gap;
use crate::domain::failure::Failure;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the file's format.
const FORMAT: u32 = 1;

/// The largest file that is read, in bytes.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// What kind of thing is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Server,
    Table,
    View,
    Column,
    Policy,
    Function,
    Schema,
    Role,
    Membership,
    Pinned,
    Setting,
    Extension,
}

impl Kind {
    /// The word for it in a sentence.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Table => "table",
            Self::View => "view",
            Self::Column => "column",
            Self::Policy => "policy",
            Self::Function => "function",
            Self::Schema => "schema",
            Self::Role => "role",
            Self::Membership => "membership",
            Self::Pinned => "pinned setting",
            Self::Setting => "setting",
            Self::Extension => "extension",
        }
    }
}

/// One property, in the form that says how to weigh a change of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// On lets more through.
    Opens(bool),
    /// On lets less through.
    Closes(bool),
    /// The larger set lets more through; `public` stands for everybody.
    Set(BTreeSet<String>),
    /// The condition of a policy, and how wide the judge found it; 0 if it
    /// found no hole.
    Condition {
        text: String,
        width: u8,
        hole: Option<String>,
    },
    /// A change may mean anything.
    Word(String),
    /// A change moves no rights.
    Detail(String),
    /// It is there and was not shown.
    Hidden,
}

/// What having a thing means, against not having it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    Opens,
    Closes,
    Nothing,
    Unclear,
    /// It opens if rights on it were granted to anybody.
    IfGranted,
}

/// Something that takes part in who reads what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thing {
    pub kind: Kind,
    pub name: String,
    /// The relation a policy stands on.
    #[serde(default)]
    pub on: Option<String>,
    pub presence: Presence,
    #[serde(default)]
    pub facets: BTreeMap<String, Facet>,
}

/// Privileges on one object for one role, the owner's own aside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Granted {
    pub kind: Kind,
    pub object: String,
    /// The relation of a column.
    #[serde(default)]
    pub of: Option<String>,
    pub grantee: String,
    pub privileges: BTreeSet<String>,
}

/// A database's rights by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portrait {
    pub firsthour_portrait: u32,
    pub database: String,
    pub things: Vec<Thing>,
    pub grants: BTreeSet<Granted>,
    /// Members and the roles whose rights flow to them by themselves.
    pub inherits: BTreeSet<(String, String)>,
    /// Kinds that could not be read: nothing follows from their absence.
    pub missing: BTreeSet<Kind>,
    /// Whether the grants could not be read.
    #[serde(default)]
    pub without_grants: bool,
    pub gaps: Vec<Gap>,
}

impl Portrait {
    /// An empty portrait of a database.
    pub fn of(database: &str) -> Self {
        Self {
            firsthour_portrait: FORMAT,
            database: database.to_owned(),
            ..Self::default()
        }
    }

    /// The bytes of its file.
    ///
    /// # Errors
    /// When it cannot be put into JSON.
    pub fn bytes(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|error| {
            Failure::new(
                "the rights could not be saved",
                error.to_string(),
                "run again without --save",
            )
        })?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// When they are no portrait, or one of another version.
    pub fn read(bytes: &[u8]) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Version {
            firsthour_portrait: u32,
        }
        let refused = |why: String| {
            Failure::new(
                "the saved rights cannot be used",
                why,
                "give a file that check database --save wrote",
            )
        };
        let place = |error: serde_json::Error| {
            refused(format!(
                "line {}, column {} is not as expected",
                error.line(),
                error.column()
            ))
        };
        let version: Version = serde_json::from_slice(bytes).map_err(place)?;
        if version.firsthour_portrait != FORMAT {
            return Err(refused(format!(
                "it has format {}, and this version reads {FORMAT}",
                version.firsthour_portrait
            )));
        }
        serde_json::from_slice(bytes).map_err(place)
    }
}

/// `schema.name` with quotes where a part would not read back as it is.
pub fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", part(schema), part(name))
}

/// One part of a name, quoted where it would not read back as it is.
pub fn part(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-');
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portrait_reads_back_and_others_are_refused() {
        let mut portrait = Portrait::of("d");
        portrait.inherits.insert(("a".into(), "b".into()));
        let bytes = portrait.bytes().unwrap();
        assert_eq!(Portrait::read(&bytes).unwrap(), portrait);
        portrait.firsthour_portrait = 2;
        let newer = Portrait::read(&portrait.bytes().unwrap()).unwrap_err();
        assert!(newer.why.contains("format 2"), "{newer}");
        for text in [
            "",
            "{}",
            "[]",
            "\u{1b}]0;x\u{7}",
            r#"{"firsthour_portrait":1}"#,
        ] {
            let why = Portrait::read(text.as_bytes()).unwrap_err().why;
            assert!(!why.contains('\u{1b}'), "{why:?}");
        }
    }

    #[test]
    fn dots_in_names_do_not_make_two_names_one() {
        assert_ne!(qualified("a.b", "c"), qualified("a", "b.c"));
        assert_eq!(qualified("public", "t"), "public.t");
    }
}
