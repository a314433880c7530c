//! Tables whose policies say the same: what made-up rows show of one of them
//! holds for the others.
//!
//! Two tables are alike when their conditions read the same word by word but
//! for the table's own name, and when the columns that are named there have
//! the same types and the same part in saying whose a row is. A condition that
//! speaks of its table in another way than by a column keeps it by itself.

use crate::investigate::database::expression::Token;
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::investigate::database::survey::Survey;
use crate::investigate::database::token::word_of;
use std::collections::BTreeSet;

/// Columns that every table has and that say which table or row it is.
const PLACES: [&str; 6] = ["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"];

/// Whether it is permissive, whether it could be read, and its words.
type Condition = (bool, bool, Vec<Token>);

/// By what tables are told alike, for one role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Likeness {
    conditions: Vec<Condition>,
    /// Name, type and whether it says whose a row is.
    columns: BTreeSet<(String, String, bool)>,
    /// The table itself, where it is like no other.
    alone: Option<Oid>,
}

impl Likeness {
    /// For the policies of this role; `keys` say whose a row is.
    pub fn of(survey: &Survey, role: Oid, relation: &Relation, keys: &[&str]) -> Self {
        let table = word_of(&relation.name);
        let (mut alone, mut conditions) = (false, Vec::new());
        let mut words: BTreeSet<&str> = BTreeSet::new();
        for read in survey.policies_for(role, relation.oid) {
            let text = &read.text.tokens;
            let mut said = Vec::with_capacity(text.len());
            for (i, token) in text.iter().enumerate() {
                match token {
                    Token::Word(word) if *word == table => {
                        let called = text.get(i + 3).is_some_and(|t| t.is_sign("("));
                        let column = match text.get(i + 1..i + 3) {
                            Some([dot, Token::Word(_)]) => dot.is_sign(".") && !called,
                            _ => false,
                        };
                        alone |= !column;
                        // No word of a condition is empty.
                        said.push(Token::Word(String::new()));
                    }
                    Token::Word(word) => {
                        alone |= PLACES.contains(&word.as_str());
                        words.insert(word);
                        said.push(token.clone());
                    }
                    _ => said.push(token.clone()),
                }
            }
            conditions.push((read.policy.permissive, !read.policy.unread, said));
        }
        let named = relation.columns.iter().filter_map(|column| {
            let word = word_of(&column.name);
            let key = keys.contains(&column.name.as_str());
            words
                .contains(word.as_str())
                .then(|| (word, column.kind.clone(), key))
        });
        Self {
            columns: named.collect(),
            conditions,
            alone: alone.then_some(relation.oid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::database::roles::Roles;
    use crate::investigate::database::snapshot::{Column, PUBLIC, Policy, Snapshot};

    /// The likeness of two tables, `a` and `b`, with one policy each.
    fn both(of_a: &str, of_b: &str, kind_of_b: &str) -> [Likeness; 2] {
        let table = |oid, name: &str, kind: &str| Relation {
            oid,
            name: name.into(),
            kind: "r".into(),
            columns: vec![Column {
                num: 1,
                name: "org".into(),
                kind: kind.into(),
                required: false,
            }],
            ..Relation::default()
        };
        let policy = |relation, using: &str| Policy {
            relation,
            command: "r".into(),
            permissive: true,
            roles: vec![PUBLIC],
            using: Some(using.into()),
            ..Policy::default()
        };
        let snapshot = Snapshot {
            relations: vec![table(1, "a", "uuid"), table(2, "b", kind_of_b)],
            policies: vec![policy(1, of_a), policy(2, of_b)],
            ..Snapshot::default()
        };
        let survey = Survey::new(snapshot, Roles::default());
        [1, 2].map(|oid| {
            let relation = survey.relation(oid).unwrap();
            Likeness::of(&survey, 7, relation, &["org"])
        })
    }

    fn alike(of_a: &str, of_b: &str, kind_of_b: &str) -> bool {
        let [a, b] = both(of_a, of_b, kind_of_b);
        a == b
    }

    #[test]
    fn the_name_of_the_table_alone_makes_no_difference() {
        let text = |t: &str| format!("(EXISTS ( SELECT 1 FROM m WHERE (m.org = {t}.org)))");
        assert!(alike(&text("a"), &text("b"), "uuid"));
        assert!(!alike(&text("a"), &text("b"), "text"));
        assert!(!alike(&text("a"), &text("m"), "uuid"));
        assert!(!alike("(org = f())", "(org = g())", "uuid"));
    }

    #[test]
    fn a_condition_about_the_table_itself_is_like_no_other() {
        assert!(alike("f(org)", "f(org)", "uuid"));
        assert!(!alike("f(a.*)", "f(b.*)", "uuid"));
        assert!(!alike("a.f()", "b.f()", "uuid"));
        assert!(!alike("f(tableoid)", "f(tableoid)", "uuid"));
        let own = |t: &str| format!("(org IN ( SELECT x.org FROM public.{t} x))");
        assert!(!alike(&own("a"), &own("b"), "uuid"));
    }
}
