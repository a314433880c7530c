//! Routes of paths that were seen before: what stands around the ids of a
//! path says its template and the kind of its object, so both are found out
//! once. A cache alone: forgetting it changes nothing.

use super::event::{Event, Layer};
use super::gather::Gather;
use super::route::{self, Cut};
use ahash::RandomState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// Paths kept; then all are forgotten.
const MOST: usize = 8_192;
/// Bytes of a path with its method and the log's own template, beyond which
/// it is found out anew each time.
const LONG: usize = 512;

/// What a path leads to.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    /// Numbers of the gathering.
    pub route: u32,
    pub kind: u32,
    /// The id in the path, or empty.
    pub id: &'a str,
    /// A file that holds nobody's data.
    pub is_static: bool,
}

/// What is told apart: layer, method, the log's own template, and the path
/// around its ids.
struct Key<'a> {
    texts: [&'a str; TEXTS],
    /// Layer, number of ids and the length of each text.
    about: u64,
}

const TEXTS: usize = 3 + route::IDS;
/// Bits of a length.
const LENGTH: u32 = LONG.trailing_zeros() + 1;

#[derive(Debug)]
struct Known {
    hash: u64,
    about: u64,
    is_static: bool,
    route: u32,
    kind: u32,
    /// Where its texts begin in the arena.
    from: u32,
}

/// The paths seen before.
#[derive(Debug, Default)]
pub struct Paths {
    table: HashTable<Known>,
    arena: String,
    seed: RandomState,
    template: String,
    route: String,
    bundle: Option<Bundle>,
}

/// The way to the parts of a bundle, which are half of all requests to some
/// apps and whose names tell nothing.
#[derive(Debug)]
struct Bundle {
    layer: Layer,
    method: String,
    route: u32,
}

impl Paths {
    /// Where an event's path leads; numbers are those of `gather`.
    #[inline]
    pub fn way<'a>(&mut self, gather: &mut Gather, event: &Event<'a>) -> Way<'a> {
        if event.path.starts_with(route::BUNDLE) && event.route.is_empty() {
            return self.bundle(gather, event);
        }
        let cut = route::cut(event.path);
        let Some((key, id)) = cut.and_then(|cut| Some((key(event, &cut)?, cut.id))) else {
            return self.found(gather, event);
        };
        let hash = self.hash(&key);
        let arena = self.arena.as_bytes();
        if let Some(known) = self.table.find(hash, |known| known.is(&key, arena)) {
            return Way {
                route: known.route,
                kind: known.kind,
                id,
                is_static: known.is_static,
            };
        }
        let way = self.found(gather, event);
        self.keep(hash, &key, way);
        way
    }

    fn bundle<'a>(&mut self, gather: &mut Gather, event: &Event<'a>) -> Way<'a> {
        let known = self.bundle.as_ref();
        let known = known.filter(|its| its.layer == event.layer && its.method == event.method);
        let route = if let Some(known) = known {
            known.route
        } else {
            let route = self.found(gather, event).route;
            self.bundle = Some(Bundle {
                layer: event.layer,
                method: event.method.to_owned(),
                route,
            });
            route
        };
        Way {
            route,
            kind: gather.word(""),
            id: "",
            is_static: true,
        }
    }

    fn hash(&self, key: &Key<'_>) -> u64 {
        let mut hasher = self.seed.build_hasher();
        hasher.write_u64(key.about);
        for text in key.texts {
            if !text.is_empty() {
                hasher.write(text.as_bytes());
            }
        }
        hasher.finish()
    }

    fn keep(&mut self, hash: u64, key: &Key<'_>, way: Way<'_>) {
        if self.table.len() >= MOST {
            self.table.clear();
            self.arena.clear();
        }
        let from = self.arena.len();
        self.arena.extend(key.texts);
        let known = Known {
            hash,
            about: key.about,
            is_static: way.is_static,
            route: way.route,
            kind: way.kind,
            from: u32::try_from(from).unwrap_or(u32::MAX),
        };
        self.table.insert_unique(hash, known, |known| known.hash);
    }

    /// Finds out where a path leads.
    fn found<'a>(&mut self, gather: &mut Gather, event: &Event<'a>) -> Way<'a> {
        let found = route::template(event.path, &mut self.template);
        if !event.route.is_empty() {
            route::canonical(event.route, &mut self.template);
        }
        let is_static = event.path.len() > 1 && self.template.ends_with('*')
            || self.template.ends_with("*.static");
        self.route.clear();
        if !event.method.is_empty() {
            self.route.push_str(event.method);
            self.route.push(' ');
        }
        self.route.push_str(&self.template);
        Way {
            route: gather.route(event.layer, &self.route),
            kind: gather.word(found.kind),
            id: found.id,
            is_static,
        }
    }
}

/// What is told apart of an event; `None` where it is too long to be kept.
#[inline]
fn key<'a>(event: &Event<'a>, cut: &Cut<'a>) -> Option<Key<'a>> {
    let [before, between, after] = cut.words;
    let texts = [event.method, event.route, before, between, after];
    let (mut about, mut length) = (event.layer as u64 * 4 + cut.ids as u64, 0);
    for text in texts {
        length += text.len();
        about = about << LENGTH | text.len() as u64;
    }
    (length <= LONG).then_some(Key { texts, about })
}

impl Known {
    #[inline]
    fn is(&self, key: &Key<'_>, arena: &[u8]) -> bool {
        let mut from = self.from as usize;
        self.about == key.about
            && key.texts.iter().all(|text| {
                let at = from;
                from += text.len();
                text.is_empty() || arena.get(at..from) == Some(text.as_bytes())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::logs::gather::timing::Timing;

    #[test]
    fn a_path_seen_before_leads_where_it_led() {
        let mut gather = Gather::new(Timing::default());
        let (mut warm, mut rng) = (Paths::default(), fastrand::Rng::with_seed(9));
        let words = ["a", "b", "12", "cus_9s6XKz", "x.js", "", "_next", "static"];
        for _ in 0..30_000 {
            let mut path = String::new();
            for _ in 0..rng.usize(..5) {
                path.push('/');
                path.push_str(words[rng.usize(..words.len())]);
            }
            let event = Event {
                method: ["GET", "PUT", ""][rng.usize(..3)],
                route: ["", "/api/[id]"][rng.usize(..2)],
                path: &path,
                ..Event::EMPTY
            };
            let want = Paths::default().found(&mut gather, &event);
            let way = warm.way(&mut gather, &event);
            assert_eq!((way.route, way.kind), (want.route, want.kind), "{path}");
            assert_eq!((way.id, way.is_static), (want.id, want.is_static), "{path}");
        }
    }
}
