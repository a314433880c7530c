//! An event as numbers: what of it is counted, without its texts. A leaf.

use super::aggregates::Period;
use super::distinct::hash;
use crate::investigate::logs::event::{CacheState, Class, Event, Place, Stamp, WhoKind};

/// A place in eight bytes: a million pieces of sixteen terabytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot(u64);

/// No place.
pub const NOWHERE: Spot = Spot(u64::MAX);
const OFFSET_BITS: u32 = 44;

impl Spot {
    /// The place of an event.
    pub fn new(place: Place) -> Self {
        let most = (1_u64 << OFFSET_BITS) - 1;
        let piece = u64::from(place.piece).min((1 << (64 - OFFSET_BITS)) - 2);
        Self((piece << OFFSET_BITS) | place.offset.min(most))
    }

    /// The place again.
    pub fn place(self) -> Option<Place> {
        (self != NOWHERE).then(|| Place {
            piece: u32::try_from(self.0 >> OFFSET_BITS).unwrap_or(u32::MAX),
            offset: self.0 & ((1 << OFFSET_BITS) - 1),
        })
    }
}

/// What of an event is counted. Rows wait for each other, so that looks into
/// memory for one do not wait for those of the one before.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked by name")]
pub struct Row {
    pub at: Stamp,
    pub spot: Spot,
    pub rows: u64,
    pub bytes: u64,
    /// Whose cell it is: who, route, role and period.
    pub cell: u64,
    pub route: u32,
    /// What was reached, where an object was.
    pub reached: Option<Reached>,
    /// The client's hash, where an answer was stored or shared.
    pub client: Option<u64>,
    pub class: Class,
    pub period: Period,
    pub kind: WhoKind,
    pub has_rows: bool,
    pub has_bytes: bool,
    pub stored: bool,
    pub shared: bool,
    pub marked: bool,
}

/// The object of an event.
#[derive(Debug, Clone, Copy)]
pub struct Reached {
    /// Whose row of Q2 it is: who, kind of object and period.
    pub key: u64,
    /// The object's hash.
    pub object: u64,
    /// The object as a number.
    pub number: Option<u64>,
    /// The tenant's number.
    pub tenant: Option<u32>,
}

/// From where somebody came: numbers of who it is, of its agent's family and
/// of its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin {
    pub who: u32,
    pub agent: u32,
    pub client: u32,
    pub period: Period,
}

impl Row {
    /// What an event has of its own, before it is known whose and what it is.
    #[inline]
    pub fn of(event: &Event<'_>, class: Class, period: Period, kind: WhoKind) -> Self {
        let stored = event.cache == CacheState::Stored;
        let client = (stored || event.shared) && !event.client.is_empty();
        Self {
            at: event.at,
            spot: Spot::new(event.place),
            rows: event.rows.unwrap_or(0),
            bytes: event.bytes.unwrap_or(0),
            cell: 0,
            route: 0,
            reached: None,
            client: client.then(|| hash(event.client.as_bytes())),
            class,
            period,
            kind,
            has_rows: event.rows.is_some(),
            has_bytes: event.bytes.is_some(),
            stored,
            shared: event.shared,
            marked: event.bypass_mark,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_eight_bytes() {
        let place = Place {
            piece: 70_000,
            offset: 3 << 40,
        };
        assert_eq!(Spot::new(place).place(), Some(place));
        assert_eq!(NOWHERE.place(), None);
    }
}
