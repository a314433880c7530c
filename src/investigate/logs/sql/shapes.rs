//! What was found out about statements, kept within bounds: a statement is
//! read once, a shape is parsed once.

use super::facts::{Facts, read};
use super::normal::{Marks, Normal, Slot};
use super::parameters::{literal, single, value};
use ahash::RandomState;
use hashbrown::HashMap;

/// Shapes kept; later ones are parsed anew each time.
const MOST: usize = 20_000;
/// Statements remembered by their text; a power of two.
const TEXTS: usize = 8_192;

/// One statement as it ran.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    pub facts: &'a Facts,
    /// The statement's shape is met for the first time.
    pub is_new: bool,
    /// The object's id, empty where it is not told.
    pub object: &'a str,
    pub tenant: &'a str,
    /// The limit of this run, where it is larger than all before.
    pub limit: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    hash: u64,
    shape: u32,
    object: Option<Slot>,
    tenant: Option<Slot>,
}

/// The shapes one worker met.
#[derive(Debug, Default)]
pub struct Shapes {
    hasher: RandomState,
    texts: Vec<Known>,
    by_print: HashMap<u64, u32, RandomState>,
    facts: Vec<Facts>,
    plain: Normal,
    object: String,
    tenant: String,
}

impl Shapes {
    /// Finds out about one statement and its parameters.
    pub fn run<'a>(&'a mut self, statement: &str, parameters: &str) -> Run<'a> {
        if self.texts.is_empty() {
            self.texts.resize(TEXTS, Known::default());
        }
        let hash = self.hasher.hash_one(statement) | 1;
        let place = usize::try_from(hash >> 32).unwrap_or(0) % TEXTS;
        let mut known = self.texts[place];
        let (mut is_new, mut limit) = (false, None);
        if known.hash != hash {
            (known, is_new, limit) = self.read(statement, hash);
            self.texts[place] = known;
        }
        fill(&mut self.object, known.object, statement, parameters);
        fill(&mut self.tenant, known.tenant, statement, parameters);
        Run {
            facts: &self.facts[known.shape as usize],
            is_new,
            object: &self.object,
            tenant: &self.tenant,
            limit,
        }
    }

    fn read(&mut self, statement: &str, hash: u64) -> (Known, bool, Option<u64>) {
        self.plain.read(statement, Marks::Plain);
        let print = self.hasher.hash_one(self.plain.text.as_str());
        let (shape, is_new) = match self.by_print.get(&print) {
            Some(shape) => (*shape, false),
            None => (self.add(statement, print), true),
        };
        let facts = &mut self.facts[shape as usize];
        let slot = |at: Option<usize>| at.and_then(|at| self.plain.slots.get(at).copied());
        let limit = match slot(facts.limit) {
            Some(Slot::Literal(from, to)) => statement
                .get(from as usize..to as usize)
                .and_then(|text| text.parse::<u64>().ok())
                .filter(|limit| facts.statement.limit.is_none_or(|known| *limit > known)),
            _ => None,
        };
        if limit.is_some() {
            facts.statement.limit = limit;
        }
        let known = Known {
            hash,
            shape,
            object: slot(facts.object.as_ref().map(|(_, at)| *at)),
            tenant: slot(facts.tenant),
        };
        (known, is_new, limit)
    }

    fn add(&mut self, statement: &str, print: u64) -> u32 {
        let mut numbered = Normal::default();
        numbered.read(statement, Marks::Numbered);
        let facts = read(&self.plain.text, &numbered.text, self.plain.tokens);
        if self.facts.len() > MOST {
            // The last place is used again and again, and remembered by no text.
            let last = self.facts.len() - 1;
            self.facts[last] = facts;
            for known in &mut self.texts {
                if known.shape as usize == last {
                    *known = Known::default();
                }
            }
            return u32::try_from(last).unwrap_or(u32::MAX);
        }
        let shape = u32::try_from(self.facts.len()).unwrap_or(u32::MAX);
        self.facts.push(facts);
        if self.facts.len() <= MOST {
            self.by_print.insert(print, shape);
        }
        shape
    }
}

/// Writes the value of a slot.
fn fill(text: &mut String, slot: Option<Slot>, statement: &str, parameters: &str) {
    text.clear();
    let found = match slot {
        Some(Slot::Parameter(number)) => value(parameters, number),
        Some(Slot::Literal(from, to)) => {
            statement.get(from as usize..to as usize).and_then(literal)
        }
        Some(Slot::List) | None => None,
    };
    if let Some(found) = found
        && let Some(one) = single(&found)
    {
        text.push_str(one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_from_parameters_and_from_the_text() {
        let mut shapes = Shapes::default();
        let text = "select * from customers where id = $1 and org_id = $2";
        let run = shapes.run(text, "$1 = '417', $2 = '9'");
        assert!(run.is_new);
        assert_eq!((run.object, run.tenant), ("417", "9"));
        let label = run.facts.label.clone();
        let run = shapes.run(
            "select * from customers where id = 5 and org_id = 'o''1'",
            "",
        );
        assert!(!run.is_new);
        assert_eq!((run.object, run.tenant), ("5", "o'1"));
        assert_eq!(run.facts.label, label);
        let run = shapes.run(text, "$1 = NULL, $2 = '9'");
        assert_eq!((run.object, run.tenant), ("", "9"));
    }

    #[test]
    fn the_largest_limit_counts() {
        let mut shapes = Shapes::default();
        let limit = |shapes: &mut Shapes, text: &str| shapes.run(text, "").limit;
        assert_eq!(limit(&mut shapes, "select * from t limit 10"), Some(10));
        assert_eq!(limit(&mut shapes, "select * from t limit 5"), None);
        assert_eq!(
            limit(&mut shapes, "select * from t limit 5000"),
            Some(5_000)
        );
        assert_eq!(
            shapes
                .run("select * from t limit 10", "")
                .facts
                .statement
                .limit,
            Some(5_000)
        );
    }

    #[test]
    fn shapes_without_end_stay_within_bounds() {
        let mut shapes = Shapes::default();
        for number in 0..MOST + 50 {
            let text = format!("show a{number}");
            let _ = shapes.run(&text, "");
        }
        assert!(shapes.facts.len() <= MOST + 1);
        let run = shapes.run("select * from customers where id = 5", "");
        assert_eq!(run.object, "5");
    }
}
