//! A portrait while it is drawn. A leaf: all who draw import it.

use crate::domain::check::Gap;
use crate::investigate::database::along::Along;
use crate::investigate::database::drift::portrait::{Facet, Kind, Portrait, Presence, Thing};
use crate::investigate::database::look::Look;
use serde::de::DeserializeOwned;

/// A portrait in the making.
#[derive(Debug)]
pub struct Drawing<'a> {
    pub look: &'a Look,
    /// What was read besides the survey.
    pub along: Along,
    pub portrait: Portrait,
}

impl Drawing<'_> {
    /// Takes a part; what is refused leaves a gap and the kind is missing.
    pub fn read<T: DeserializeOwned>(&mut self, sql: &str, kind: Kind, what: &str) -> Vec<T> {
        match self.along.take(sql) {
            Ok(rows) => rows,
            Err(failure) => {
                self.portrait.gaps.push(Gap::new(what, &failure.why));
                self.portrait.missing.insert(kind);
                Vec::new()
            }
        }
    }

    /// Adds a thing.
    pub fn add(&mut self, thing: Thing) {
        self.portrait.things.push(thing);
    }
}

/// A thing with its facets.
pub fn thing<const N: usize>(
    kind: Kind,
    name: &str,
    presence: Presence,
    facets: [(&str, Facet); N],
) -> Thing {
    let facets = facets.map(|(name, facet)| (name.to_owned(), facet));
    Thing {
        kind,
        name: name.to_owned(),
        on: None,
        presence,
        facets: facets.into_iter().collect(),
    }
}
