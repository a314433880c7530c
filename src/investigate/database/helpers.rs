//! What the bodies of user functions read: the caller's identity, their own
//! arguments, the outside world.
//!
//! Bodies are tokenised once and never run. Only SQL and PL/pgSQL can be
//! read; anything else is opaque and left to the prober.

mod editable;

pub use editable::{COLUMN as EDITED, reads_claim};

use super::effects::risk;
use super::expression::{Token, split_on, tokens};
use super::snapshot::{Function, Oid};
use super::token::word_of;
use editable::gives_edited;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// How many calls deep a body is followed to a source of identity.
const DEPTH: usize = 3;

/// What is known about one function from its text.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each tells one thing of a body, and none follows from another"
)]
pub struct Helper {
    pub body: Vec<Token>,
    /// Whether the body could be read at all.
    pub readable: bool,
    /// Whether it, or what it calls, reads who is asking.
    pub identity: bool,
    pub uses_arguments: bool,
    /// Whether what it gives rests on what callers may write about themselves.
    pub edits: bool,
    /// Its own name, as tokens have it.
    pub name: String,
    /// Written in SQL, where a bare name means a column before an argument.
    pub sql: bool,
    /// How many arguments it has.
    pub arity: i32,
    /// The single expression it returns, if that is all it does.
    pub result: Option<Vec<Token>>,
    /// Argument names as tokens have them, and `$1` forms.
    pub arguments: BTreeSet<String>,
    /// Whether it looks at them, once that was asked for.
    pub noticed: OnceLock<bool>,
}

/// Every user function's facts, by oid and by name.
#[derive(Debug, Clone, Default)]
pub struct Helpers {
    facts: BTreeMap<Oid, Helper>,
    /// `schema.name` and bare `name` to oids; overloads share a name.
    names: BTreeMap<String, Vec<Oid>>,
    hazards: BTreeMap<Oid, String>,
}

impl Helpers {
    /// Reads every body once, then follows calls.
    pub fn new(functions: &[Function]) -> Self {
        let mut all = Self::default();
        for function in functions {
            let helper = read(function);
            if let Some(why) = risk(function, &helper.body, helper.readable) {
                all.hazards.insert(function.oid, why);
            }
            all.facts.insert(function.oid, helper);
            for name in [function.full_name(), function.name.clone()] {
                all.names.entry(name).or_default().push(function.oid);
            }
        }
        for _ in 0..DEPTH {
            let found: Vec<Oid> = all
                .facts
                .iter()
                .filter(|(_, helper)| !helper.identity && all.calls_identity(&helper.body))
                .map(|(oid, _)| *oid)
                .collect();
            let edited: Vec<Oid> = all
                .facts
                .iter()
                .filter(|(_, helper)| !helper.edits && all.edited_by(&helper.body))
                .map(|(oid, _)| *oid)
                .collect();
            for oid in found {
                all.facts.entry(oid).or_default().identity = true;
            }
            for oid in edited {
                all.facts.entry(oid).or_default().edits = true;
            }
        }
        all
    }

    /// The facts of one function.
    pub fn get(&self, oid: Oid) -> Option<&Helper> {
        self.facts.get(&oid)
    }

    /// Functions of that name; `schema.name` or bare.
    pub fn named(&self, name: &str) -> &[Oid] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether the text asks who is asking, by itself or through a function.
    pub fn identity_in(&self, tokens: &[Token]) -> bool {
        asks_identity(tokens) || self.calls_identity(tokens)
    }

    /// Whether the text calls a function whose answer rests on what callers
    /// may write about themselves.
    pub fn edited_by(&self, tokens: &[Token]) -> bool {
        calls(tokens).iter().any(|(name, _)| {
            let mut known = self.named(name).iter();
            known.any(|oid| self.facts.get(oid).is_some_and(|helper| helper.edits))
        })
    }

    /// The function that a call with so many arguments means; `None` if
    /// several could be meant that differ in what they look at.
    pub fn called(&self, name: &str, given: i32) -> Option<&Helper> {
        let known = self.named(name).iter();
        let known = known.filter_map(|oid| self.facts.get(oid));
        let mut fitting: Vec<&Helper> = known.filter(|helper| helper.arity >= given).collect();
        if fitting.iter().any(|helper| helper.arity == given) {
            fitting.retain(|helper| helper.arity == given);
        }
        let (first, others) = fitting.split_first()?;
        let alike = |other: &&Helper| other.uses_arguments == first.uses_arguments;
        others.iter().all(alike).then_some(*first)
    }

    fn calls_identity(&self, tokens: &[Token]) -> bool {
        calls(tokens).iter().any(|(name, _)| {
            self.named(name)
                .iter()
                .any(|oid| self.facts.get(oid).is_some_and(|helper| helper.identity))
        })
    }

    /// Why reading through this function, or one it calls, has effects that a
    /// read-only transaction does not stop; `None` if none is known.
    pub fn hazard(&self, oid: Oid) -> Option<String> {
        self.hazard_within(oid, DEPTH)
    }

    fn hazard_within(&self, oid: Oid, depth: usize) -> Option<String> {
        if let Some(why) = self.hazards.get(&oid) {
            return Some(why.clone());
        }
        let helper = self.facts.get(&oid)?;
        if depth == 0 {
            return None;
        }
        calls(&helper.body)
            .iter()
            .flat_map(|(name, _)| self.named(name))
            .filter(|next| **next != oid)
            .find_map(|next| self.hazard_within(*next, depth - 1))
    }
}

/// The functions a text calls: name, and the index of the opening
/// parenthesis. Qualified names come as `schema.name`.
pub fn calls(tokens: &[Token]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if i == 0 || !token.is_sign("(") {
            continue;
        }
        let Token::Word(name) = &tokens[i - 1] else {
            continue;
        };
        let qualified = i >= 3 && tokens[i - 2].is_sign(".");
        match (qualified, tokens.get(i.wrapping_sub(3))) {
            (true, Some(Token::Word(schema))) => found.push((format!("{schema}.{name}"), i)),
            _ => found.push((name.clone(), i)),
        }
    }
    found
}

/// Whether the text itself reads who is asking: a setting with a dotted name,
/// the current user, or a claim function of a platform.
pub fn asks_identity(tokens: &[Token]) -> bool {
    tokens.iter().enumerate().any(|(i, token)| match token {
        Token::Word(word) => match word.as_str() {
            "current_user" | "session_user" | "current_role" => true,
            "current_setting" => match tokens.get(i + 2) {
                Some(Token::Text(name)) => name.contains('.'),
                _ => true,
            },
            "uid" | "jwt" | "email" | "role" | "user_id" | "session" => {
                i >= 2
                    && tokens[i - 1].is_sign(".")
                    && tokens[i - 2].is_word("auth")
                    && tokens.get(i + 1).is_some_and(|next| next.is_sign("("))
            }
            _ => false,
        },
        _ => false,
    })
}

fn read(function: &Function) -> Helper {
    let readable = matches!(function.language.as_str(), "sql" | "plpgsql");
    let source = function.source.as_deref().unwrap_or_default();
    let body = if readable {
        body_tokens(source)
    } else {
        Vec::new()
    };
    let mut arguments: BTreeSet<String> = function
        .names
        .iter()
        .flatten()
        .take(usize::try_from(function.arguments).unwrap_or_default())
        .filter(|name| !name.is_empty())
        .map(|name| word_of(name))
        .collect();
    arguments.extend((1..=function.arguments).map(|n| format!("${n}")));
    let name = word_of(&function.name);
    let named = |at: usize, word: &str| {
        // Behind a dot it is a column, unless the function's own name is before.
        let free = at < 2 || !body[at - 1].is_sign(".") || body[at - 2].is_word(&name);
        free && arguments.contains(word)
    };
    let uses_arguments = body.iter().enumerate().any(|(at, token)| match token {
        Token::Word(word) | Token::Number(word) => named(at, word),
        _ => false,
    });
    // A caller may come in by an argument that is seldom given.
    let defaults = tokens(function.defaults.as_deref().unwrap_or_default());
    Helper {
        readable: readable && !body.is_empty(),
        identity: asks_identity(&body) || asks_identity(&defaults),
        edits: gives_edited(&body),
        sql: function.language == "sql",
        arity: function.arguments,
        name,
        uses_arguments,
        result: single_result(&body),
        body,
        arguments,
        noticed: OnceLock::new(),
    }
}

/// Cuts the header off a definition in the standard form.
fn body_tokens(source: &str) -> Vec<Token> {
    let all = tokens(source);
    if !(all.first().is_some_and(|t| t.is_word("create"))) {
        return all;
    }
    let start = all
        .iter()
        .position(|t| t.is_word("atomic") || t.is_word("return"))
        .unwrap_or(0);
    let skip = usize::from(all.get(start).is_some_and(|t| t.is_word("atomic")));
    all[start + skip..].to_vec()
}

/// `SELECT x`, `RETURN x` or `BEGIN RETURN x; END` gives `x`.
fn single_result(body: &[Token]) -> Option<Vec<Token>> {
    let is_end = |t: &Token| t.is_sign(";") || t.is_word("end");
    let start = body.iter().position(|t| !t.is_word("begin"))?;
    let stop = body.iter().rposition(|t| !is_end(t))? + 1;
    let body = body.get(start..stop)?;
    if body.iter().any(|t| t.is_sign(";")) {
        return None;
    }
    let first = body.first()?;
    if !(first.is_word("select") || first.is_word("return")) {
        return None;
    }
    let rest = &body[1..];
    if split_on(rest, "from").len() > 1 || rest.first().is_some_and(|t| t.is_word("query")) {
        return None;
    }
    split_on(rest, "as").first().map(|value| value.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(oid: Oid, name: &str, source: &str) -> Function {
        Function {
            oid,
            schema: "public".into(),
            name: name.into(),
            language: "sql".into(),
            trusted: true,
            volatility: "s".into(),
            arguments: 1,
            names: Some(vec!["org".into()]),
            source: Some(source.into()),
            ..Function::default()
        }
    }

    #[test]
    fn identity_is_followed_through_calls_but_not_through_comments() {
        let all = Helpers::new(&[
            function(1, "who", "SELECT current_setting('app.user')::uuid"),
            function(2, "mine", "SELECT id FROM m WHERE u = public.who()"),
            function(3, "liar", "SELECT true -- auth.uid()"),
        ]);
        assert!(all.get(2).unwrap().identity);
        assert!(!all.get(3).unwrap().identity);
        assert_eq!(
            all.get(3).unwrap().result.as_deref(),
            Some(&tokens("true")[..])
        );
    }

    #[test]
    fn an_argument_counts_by_name_or_number() {
        let all = Helpers::new(&[
            function(1, "a", "SELECT org = 1"),
            function(2, "b", "SELECT $1 = 1"),
            function(3, "c", "SELECT 1 = 1"),
        ]);
        let uses: Vec<bool> = (1..=3)
            .map(|i| all.get(i).unwrap().uses_arguments)
            .collect();
        assert_eq!(uses, [true, true, false]);
    }

    #[test]
    fn effects_are_hazards_also_one_call_away() {
        let mut sealed = function(1, "sealed", "lib");
        (sealed.language, sealed.volatility) = ("c".into(), "v".into());
        let mut plain = function(5, "plain", "SELECT true");
        plain.volatility = "v".into();
        let all = Helpers::new(&[
            sealed,
            function(2, "calls", "SELECT public.sealed()"),
            function(3, "out", "SELECT dblink('x', 'y')"),
            function(4, "fine", "SELECT true"),
            plain,
        ]);
        assert!(all.hazard(1).is_some() && all.hazard(2).is_some() && all.hazard(3).is_some());
        assert!(all.hazard(4).is_none() && all.hazard(5).is_none());
    }
}
