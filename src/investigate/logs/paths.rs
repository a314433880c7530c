//! Routes of paths that were seen before: what stands around the ids of a
//! path says its template and the kind of its object, so both are found out
//! once. A cache alone: forgetting it changes nothing.

use super::event::{Event, Layer};
use super::gather::Gather;
use super::route::{self, Cut};
use super::templates::{Templates, held};
use ahash::RandomState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

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
    /// An id that looks like a word: how far from the path's end it begins,
    /// and how long it is.
    word: Option<(u32, u32)>,
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
    declared: Arc<Templates>,
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
    /// No path seen yet; routes that the app declares tell which words are ids.
    pub fn with(declared: Arc<Templates>) -> Self {
        Self {
            declared,
            ..Self::default()
        }
    }

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
                id: known.word.map_or(id, |word| from_end(event.path, word)),
                is_static: known.is_static,
            };
        }
        let way = self.found(gather, event);
        let word = (way.id != id).then(|| place(event.path, way.id));
        self.keep(hash, &key, way, word);
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

    fn keep(&mut self, hash: u64, key: &Key<'_>, way: Way<'_>, word: Option<(u32, u32)>) {
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
            word,
        };
        self.table.insert_unique(hash, known, |known| known.hash);
    }

    /// Finds out where a path leads.
    fn found<'a>(&mut self, gather: &mut Gather, event: &Event<'a>) -> Way<'a> {
        let is_file = route::bundle(event.path).is_some();
        let mut found = route::template(event.path, &mut self.template);
        if !event.route.is_empty() {
            route::canonical(event.route, &mut self.template);
            if !is_file && let Some(by_route) = held(&self.template, event.path) {
                found = by_route;
            }
        } else if !is_file && let Some((template, by_route)) = self.declared.find(event.path) {
            self.template.clear();
            self.template.push_str(template);
            found = by_route;
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

/// Where a part of a path stands, counted from the path's end: what stands
/// before it may be of another length next time.
fn place(path: &str, part: &str) -> (u32, u32) {
    let whole = path.strip_suffix('/').unwrap_or(path);
    let before = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    let back = whole.len().saturating_sub(before);
    let number = |size: usize| u32::try_from(size).unwrap_or(0);
    if part.is_empty() {
        (0, 0)
    } else {
        (number(back), number(part.len()))
    }
}

/// The part at that place.
fn from_end(path: &str, (back, length): (u32, u32)) -> &str {
    let whole = path.strip_suffix('/').unwrap_or(path);
    let part = whole.len().checked_sub(back as usize);
    part.and_then(|from| whole.get(from..from + length as usize))
        .unwrap_or("")
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
        let declared = Arc::new(Templates::of(["/a/:id", "/b/:id/x.js", "/:id/a/b"]));
        let mut warm = Paths::with(Arc::clone(&declared));
        let mut rng = fastrand::Rng::with_seed(9);
        let words = ["a", "b", "12", "cus_9s6XKz", "x.js", "", "_next", "static"];
        for _ in 0..30_000 {
            let mut path = String::new();
            for _ in 0..rng.usize(..5) {
                path.push('/');
                path.push_str(words[rng.usize(..words.len())]);
            }
            let event = Event {
                method: ["GET", "PUT", ""][rng.usize(..3)],
                route: ["", "/api/[id]", "/a/[id]", "/[x]/b/[y]"][rng.usize(..4)],
                path: &path,
                ..Event::EMPTY
            };
            let want = Paths::with(Arc::clone(&declared)).found(&mut gather, &event);
            let way = warm.way(&mut gather, &event);
            assert_eq!((way.route, way.kind), (want.route, want.kind), "{path}");
            assert_eq!((way.id, way.is_static), (want.id, want.is_static), "{path}");
        }
    }
}
