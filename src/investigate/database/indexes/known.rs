//! The indexes there are, which of them serves a look-up, and what the others
//! lack.

use super::key::{Key, normal};
use super::leaning::{Form, Group};
use crate::investigate::database::expression::{Node, Token, parse, tokens};
use crate::investigate::database::snapshot::Oid;
use crate::investigate::database::survey::Survey;
use crate::investigate::database::token::word_of;
use serde::Deserialize;
use std::collections::HashMap;

/// An index as the catalogs have it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Index {
    pub relation: Oid,
    pub name: String,
    pub method: String,
    /// Finished, and kept up to date.
    pub valid: bool,
    /// Its expressions were left out, since the table is locked.
    pub unread: bool,
    /// What it is looked up by, in order.
    pub keys: Vec<Option<String>>,
    pub partial: bool,
    pub predicate: Option<String>,
}

#[derive(Debug)]
struct Read {
    index: Index,
    keys: Vec<Vec<Token>>,
    /// What a row must meet to be in it, piece by piece.
    only: Vec<Vec<Token>>,
}

/// All indexes, by table.
#[derive(Debug, Default)]
pub struct Known(HashMap<Oid, Vec<Read>>);

impl Known {
    /// Reads their expressions.
    pub fn new(indexes: Vec<Index>) -> Self {
        let mut all = Self::default();
        for index in indexes {
            let keys = index.keys.iter().map(|key| {
                let text = key.as_deref().unwrap_or_default();
                normal(&tokens(text))
            });
            let read = Read {
                keys: keys.collect(),
                only: pieces(index.predicate.as_deref().unwrap_or_default()),
                index,
            };
            all.0.entry(read.index.relation).or_default().push(read);
        }
        all
    }

    /// Indexes that could not be read, by table.
    pub fn unread(&self) -> impl Iterator<Item = &Index> {
        let all = self.0.values().flatten();
        all.map(|read| &read.index).filter(|index| index.unread)
    }

    /// Whether a usable index narrows what the group looks up: on the table,
    /// or on each of its partitions.
    pub fn serves(&self, survey: &Survey, group: &Group) -> bool {
        let on = |relation: Oid| {
            let all = self.0.get(&relation).into_iter().flatten();
            all.into_iter().any(|read| fits(read, group))
        };
        on(group.relation) || {
            let below = survey.below(group.relation);
            let leaves = below.iter().filter(|oid| {
                let relation = survey.relation(**oid);
                relation.is_some_and(|relation| relation.partition && relation.kind == "r")
            });
            let leaves: Vec<&Oid> = leaves.collect();
            !leaves.is_empty() && leaves.into_iter().all(|leaf| on(*leaf))
        }
    }

    /// Whether the table has an index for just these keys, or that leads with
    /// them, finished or not.
    pub fn leads(&self, relation: Oid, keys: &[Key]) -> bool {
        let all = self.0.get(&relation).into_iter().flatten();
        all.into_iter().any(|read| {
            let same = |(own, key): (&Vec<Token>, &Key)| *own == key.tokens;
            let long = read.keys.len() >= keys.len();
            let usable = read.index.valid && !read.index.partial && read.index.method == "btree";
            usable && long && read.keys.iter().zip(keys).all(same)
        })
    }

    /// What comes near without serving it, and what each lacks.
    pub fn near(&self, relation: Oid, key: &Key) -> Vec<String> {
        let all = self.0.get(&relation).into_iter().flatten();
        all.into_iter()
            .filter_map(|read| lacks(read, key))
            .collect()
    }
}

/// The conjuncts of a condition.
fn pieces(condition: &str) -> Vec<Vec<Token>> {
    fn within(node: Node, out: &mut Vec<Vec<Token>>) {
        match node {
            Node::And(parts) => parts.into_iter().for_each(|part| within(part, out)),
            Node::Atom(atom) => out.push(normal(&atom)),
            // Any other form has to be met as a whole, which no policy says.
            Node::Or(_) | Node::Not(_) => out.push(vec![Token::Sign("?".to_owned())]),
        }
    }
    let mut out = Vec::new();
    if !condition.is_empty() {
        within(parse(&tokens(condition)), &mut out);
    }
    out
}

fn fits(read: &Read, group: &Group) -> bool {
    let index = &read.index;
    if !index.valid || index.unread {
        return false;
    }
    let arrays = group.leans.iter().any(|lean| lean.form == Form::Contains);
    if arrays {
        let leads = |key: &Vec<Token>| group.leans.iter().any(|lean| lean.key.tokens == *key);
        return index.method == "gin" && !index.partial && read.keys.iter().any(leads);
    }
    if !matches!(index.method.as_str(), "btree" | "hash")
        || group.leans.iter().any(|lean| lean.form == Form::Member)
    {
        return false;
    }
    let leans = |tokens: &Vec<Token>| group.leans.iter().any(|lean| lean.key.tokens == *tokens);
    let compared = |tokens: &Vec<Token>| {
        let fixed = group.fixed.iter().any(|key| key.tokens == *tokens);
        fixed || leans(tokens)
    };
    let led = read.keys.iter().take_while(|key| compared(key));
    led.into_iter().any(leans) && read.only.iter().all(|piece| holds(piece, group))
}

/// Whether every row the group looks up meets this piece of an index's
/// condition: the policy says it too, or it follows from the comparison.
fn holds(piece: &[Token], group: &Group) -> bool {
    let said = group.said.iter().any(|own| own == piece);
    let filled = group.leans.iter().any(|lean| {
        let rest = piece.strip_prefix(lean.key.tokens.as_slice());
        matches!(rest, Some([is, not, null])
            if is.is_word("is") && not.is_word("not") && null.is_word("null"))
    });
    said || filled
}

fn lacks(read: &Read, key: &Key) -> Option<String> {
    let index = &read.index;
    let name = &index.name;
    let column = Token::Word(word_of(&key.column));
    if index.unread {
        return Some(format!("{name} could not be read: its table is locked"));
    }
    let place = read.keys.iter().position(|own| *own == key.tokens);
    Some(match place {
        Some(0) if !index.valid => format!(
            "{name} was never finished, so nothing uses it; drop it, or REINDEX INDEX CONCURRENTLY"
        ),
        Some(0) if index.partial => format!(
            "{name} holds only rows with {}, which the policy does not say",
            index.predicate.as_deref().unwrap_or("a condition")
        ),
        Some(0) => format!(
            "{name} is a {} index, which does not serve this comparison",
            index.method
        ),
        Some(at) => {
            let before = index.keys[..at].iter().flatten();
            let before: Vec<&str> = before.map(String::as_str).collect();
            format!("{name} has it only after {}", before.join(", "))
        }
        None => {
            let other = read.keys.first().filter(|own| own.contains(&column))?;
            let over = index.keys.first().and_then(Option::as_deref);
            if *other == [column] {
                format!(
                    "{name} is on the bare column, and the policy compares {}",
                    key.shown()
                )
            } else {
                format!(
                    "{name} is on {}, and the policy compares {}",
                    over.unwrap_or("an expression"),
                    key.shown()
                )
            }
        }
    })
}
