//! Which relations a statement's text reads: what stands after FROM, JOIN,
//! COPY and TABLE, looked up in the catalogs, and what the views and functions
//! it names read in turn.
//!
//! Nothing is planned or run: planning may evaluate a function of the users.
//! A name without schema is taken from `public`, or from the one schema that
//! has it.

use crate::investigate::database::expression::Token;
use crate::investigate::database::helpers::calls;
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::investigate::database::survey::Survey;
use std::collections::{BTreeMap, HashMap};

/// How many views or functions deep a name is followed.
const DEPTH: usize = 6;

/// Words that end a list of relations.
const ENDS: [&str; 16] = [
    "select",
    "where",
    "group",
    "order",
    "having",
    "limit",
    "offset",
    "fetch",
    "union",
    "intersect",
    "except",
    "window",
    "for",
    "set",
    "returning",
    "values",
];

/// Relations by name, for texts that may leave the schema out.
#[derive(Debug)]
pub struct Names<'a> {
    survey: &'a Survey,
    by_name: HashMap<&'a str, Vec<&'a Relation>>,
}

impl<'a> Names<'a> {
    /// Indexes the snapshot's relations.
    pub fn new(survey: &'a Survey) -> Self {
        let mut by_name: HashMap<&str, Vec<&Relation>> = HashMap::new();
        for relation in &survey.snapshot.relations {
            by_name.entry(&relation.name).or_default().push(relation);
        }
        Self { survey, by_name }
    }

    /// Every relation whose rows the statement reads, with the name of the
    /// view or function it goes through; empty when it is named itself.
    pub fn read_by(&self, tokens: &[Token]) -> BTreeMap<Oid, String> {
        let mut found = BTreeMap::new();
        self.follow(tokens, "", DEPTH, &mut found);
        found
    }

    fn follow(
        &self,
        tokens: &[Token],
        through: &str,
        depth: usize,
        found: &mut BTreeMap<Oid, String>,
    ) {
        for (schema, name) in sources(tokens) {
            if let Some(relation) = self.named(schema, name) {
                self.take(relation, through, depth, found);
            }
        }
        if depth == 0 {
            return;
        }
        for (name, _) in calls(tokens) {
            for oid in self.survey.helpers.named(&name) {
                self.function(*oid, through, depth, found);
            }
        }
    }

    fn function(&self, oid: Oid, through: &str, depth: usize, found: &mut BTreeMap<Oid, String>) {
        let known = self.survey.function(oid).zip(self.survey.helpers.get(oid));
        if let Some((function, helper)) = known {
            let name = function.full_name();
            let through = if through.is_empty() { &name } else { through };
            self.follow(&helper.body, through, depth - 1, found);
        }
    }

    /// Notes the relation and, if it is a view, what it reads. The nearer way
    /// to a relation wins.
    fn take(
        &self,
        relation: &Relation,
        through: &str,
        depth: usize,
        found: &mut BTreeMap<Oid, String>,
    ) {
        match found.get(&relation.oid) {
            Some(known) if known.is_empty() || !through.is_empty() => return,
            _ => {}
        }
        found.insert(relation.oid, through.to_owned());
        if depth == 0 || !relation.is_view() {
            return;
        }
        let name = relation.full_name();
        let through = if through.is_empty() { &name } else { through };
        let (relations, functions) = self.survey.uses(relation.oid);
        for next in relations
            .iter()
            .filter_map(|oid| self.survey.relation(*oid))
        {
            self.take(next, through, depth - 1, found);
        }
        for oid in functions {
            self.function(*oid, through, depth, found);
        }
    }

    fn named(&self, schema: Option<&str>, name: &str) -> Option<&'a Relation> {
        let candidates = self.by_name.get(name.trim_matches('"'))?;
        let of = |schema: &str| {
            let schema = schema.trim_matches('"');
            let mut all = candidates.iter().copied();
            all.find(|relation| relation.schema == schema)
        };
        match schema {
            Some(schema) => of(schema),
            None => of("public").or(match candidates.as_slice() {
                [one] => Some(one),
                _ => None,
            }),
        }
    }
}

/// What stands where a relation is expected: schema if given, and name.
fn sources(tokens: &[Token]) -> Vec<(Option<&str>, &str)> {
    let mut found = Vec::new();
    // Whether a comma brings another relation, one flag a parenthesis.
    let mut lists = vec![false];
    let mut expected = false;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let mut next = at + 1;
        match token {
            Token::Sign(sign) => match sign.as_str() {
                "(" => lists.push(expected),
                ")" => {
                    lists.pop();
                    expected = false;
                }
                "," => expected = lists.last().copied().unwrap_or(false),
                _ => expected = false,
            },
            Token::Word(word) => {
                let word = word.as_str();
                let told_apart = at > 0 && tokens[at - 1].is_word("distinct");
                if opens(word, at) && !told_apart {
                    expected = true;
                    if let Some(list) = lists.last_mut() {
                        *list = true;
                    }
                } else if ENDS.contains(&word) {
                    expected = false;
                    if let Some(list) = lists.last_mut() {
                        *list = false;
                    }
                } else if expected && !matches!(word, "only" | "lateral") {
                    expected = false;
                    let (source, end) = name(tokens, at);
                    found.extend(source);
                    next = end;
                }
            }
            _ => expected = false,
        }
        at = next;
    }
    found
}

fn opens(word: &str, at: usize) -> bool {
    matches!(word, "from" | "join") || (at == 0 && matches!(word, "copy" | "table"))
}

/// The name that begins here, unless it is a call, and where it ends.
fn name(tokens: &[Token], at: usize) -> (Option<(Option<&str>, &str)>, usize) {
    let word = |i: usize| match tokens.get(i) {
        Some(Token::Word(word)) => Some(word.as_str()),
        _ => None,
    };
    let dotted = tokens.get(at + 1).is_some_and(|token| token.is_sign("."));
    let (schema, own, end) = match (word(at), word(at + 2)) {
        (Some(schema), Some(own)) if dotted => (Some(schema), own, at + 3),
        (Some(own), _) => (None, own, at + 1),
        _ => return (None, at + 1),
    };
    // COPY has its columns where a call has its arguments.
    let call = at > 1 && tokens.get(end).is_some_and(|token| token.is_sign("("));
    ((!call).then_some((schema, own)), end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::database::expression::tokens;

    fn read(text: &str) -> Vec<String> {
        let tokens = tokens(text);
        let names = sources(&tokens).into_iter();
        names
            .map(|(schema, name)| match schema {
                Some(schema) => format!("{schema}.{name}"),
                None => name.to_owned(),
            })
            .collect()
    }

    #[test]
    fn relations_are_found_where_the_grammar_has_them() {
        for (text, want) in [
            ("select a, b from t", vec!["t"]),
            (
                "select * from only public.t x, u, s.v where a in (select b from w, z) order by a, b",
                vec!["public.t", "u", "s.v", "w", "z"],
            ),
            (
                "select f.x, g from a left join b using (i), c cross join lateral f(a) where a.x is distinct from q.y",
                vec!["a", "b", "c"],
            ),
            ("copy public.t (id, email) to stdout", vec!["public.t"]),
            ("copy (select id, mail from t) to stdout", vec!["t"]),
            ("table t", vec!["t"]),
            (
                "with s as (select * from \"public\".\"t\") select count(x), json_agg(x) from (select * from s) x",
                vec!["public.t", "s"],
            ),
            ("select * from (a join b on true), c", vec!["a", "b", "c"]),
            ("declare c cursor for select * from t", vec!["t"]),
            ("select * from generate_series($1, $2) g, t", vec!["t"]),
            ("select 'from t' from", vec![]),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
    }
}
