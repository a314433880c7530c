//! What a key means. A leaf but for the slots.

use super::super::facts::Slot;

/// A table of names.
pub type Names = fn(&str) -> Means;

/// What a key means.
#[derive(Debug, Clone, Copy)]
pub struct Means {
    /// Where a plain value goes.
    pub slot: Option<Slot>,
    pub rank: u8,
    /// The kind of object it names, for [`Slot::Object`].
    pub kind: &'static str,
    /// The table for an object below it.
    pub inside: Option<Names>,
    /// Whether every object of a list below it speaks; otherwise none does,
    /// since such lists hold what was read.
    pub each: bool,
}

impl Means {
    /// Nothing of interest.
    pub const SKIP: Self = Self {
        slot: None,
        rank: 0,
        kind: "",
        inside: None,
        each: false,
    };

    /// A plain value.
    pub const fn at(slot: Slot, rank: u8) -> Self {
        Self {
            slot: Some(slot),
            rank,
            ..Self::SKIP
        }
    }

    /// An object with names of its own.
    pub const fn within(names: Names) -> Self {
        Self {
            inside: Some(names),
            ..Self::SKIP
        }
    }

    /// A list of objects, all with names of their own.
    pub const fn each(names: Names) -> Self {
        Self {
            each: true,
            ..Self::within(names)
        }
    }

    /// Whether the value may be passed over.
    pub const fn is_skip(&self) -> bool {
        self.slot.is_none() && self.inside.is_none()
    }
}
