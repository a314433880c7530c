//! One row of the tables of names. A leaf.

use super::super::facts::Slot;

/// Rows of one table: a name in its plain form and what it means.
pub type Table = &'static [(&'static str, Row)];

/// The tables by the object they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    Root,
    Person,
    Home,
    Thing,
    ThingHome,
    Request,
    Params,
    Response,
    Headers,
    Session,
    Trace,
    Http,
    Database,
}

/// What a name means.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub slot: Option<Slot>,
    pub rank: u8,
    pub kind: &'static str,
    pub below: Option<Below>,
}

/// A plain value.
pub const fn at(slot: Slot, rank: u8) -> Row {
    Row {
        slot: Some(slot),
        rank,
        kind: "",
        below: None,
    }
}

/// A plain value, or an object with names of its own.
pub const fn or(slot: Slot, rank: u8, below: Below) -> Row {
    Row {
        below: Some(below),
        ..at(slot, rank)
    }
}

/// An object with names of its own.
pub const fn within(below: Below) -> Row {
    Row {
        slot: None,
        rank: 0,
        kind: "",
        below: Some(below),
    }
}

/// The id of an object of a kind, or the object itself.
pub const fn of(kind: &'static str, rank: u8) -> Row {
    Row {
        kind,
        ..or(Slot::Object, rank, Below::Thing)
    }
}
