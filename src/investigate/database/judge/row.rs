//! Which words of a condition mean a value of the row, told without copying a
//! name. A new source of such words is a variant here.

use crate::investigate::database::snapshot::Column;
use crate::investigate::database::token::speaks_of;
use std::collections::BTreeSet;

/// Words that mean a value of the row.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    Columns(&'a [Column]),
    /// All columns but one.
    Others(&'a [Column], Option<&'a str>),
    One(&'a str),
    /// The arguments of the helper whose body is judged, as tokens have them.
    Arguments(&'a BTreeSet<String>),
}

impl Row<'_> {
    /// Whether the word is one of them.
    pub fn has(self, word: &str) -> bool {
        let among = |columns: &[Column], but: Option<&str>| {
            let mut names = columns.iter().map(|column| column.name.as_str());
            names.any(|name| speaks_of(word, name) && Some(name) != but)
        };
        match self {
            Self::Columns(columns) => among(columns, None),
            Self::Others(columns, but) => among(columns, but),
            Self::One(name) => speaks_of(word, name),
            Self::Arguments(words) => words.contains(word),
        }
    }
}
