//! The closed language of `when:` lines, from text to
//! [`Condition`]: no loops, no calls to the outside, no templates.
//!
//! ```text
//! either  = both { "or" both }
//! both    = not { "and" not }
//! not     = "not" not | "(" either ")" | term compare term
//! term    = answer(id) | check(id).field | cause(R2) | findings(word) | word | number
//! compare = == | != | < | <= | > | >=
//! ```

mod token;

use super::source::Span;
use super::suggest::nearest;
use crate::domain::condition::{Comparison, Condition, Term};
use crate::domain::finding::RootCause;
use token::{Kind, Token};

/// Brackets and `not` may nest this deep; a person needs two.
const DEEPEST: usize = 32;

/// Longest expression read, in bytes.
const LONGEST: usize = 1000;

/// A mistake in an expression; the span counts bytes of the expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub span: Span,
    pub message: String,
    pub help: String,
}

/// One comparison with the places of both sides, for the lint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub left: (Term, Span),
    pub how: Comparison,
    pub right: (Term, Span),
}

/// A condition and every comparison in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    pub condition: Condition,
    pub compared: Vec<Compared>,
}

/// Reads one expression.
///
/// # Errors
/// The first mistake with its place and what would be accepted there.
pub fn parse(text: &str) -> Result<Parsed, Mistake> {
    if text.len() > LONGEST {
        return Err(Mistake {
            span: Span::new(0, 1),
            message: format!("the condition is longer than {LONGEST} bytes"),
            help: "ask a question instead and branch on its answer".to_owned(),
        });
    }
    let mut parser = Parser {
        tokens: token::split(text)?,
        at: 0,
        end: text.len(),
        compared: Vec::new(),
    };
    let condition = parser.either(0)?;
    match parser.peek() {
        None => Ok(Parsed {
            condition,
            compared: parser.compared,
        }),
        Some(_) => Err(parser.expected("`and`, `or` or the end of the condition")),
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    end: usize,
    compared: Vec<Compared>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    /// Takes the next token if it has this kind.
    fn take(&mut self, kind: Kind) -> Option<Token<'a>> {
        let token = self.peek().filter(|token| token.kind == kind)?;
        self.at += 1;
        Some(token)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let hit = self
            .peek()
            .is_some_and(|t| t.kind == Kind::Word && t.text == word);
        self.at += usize::from(hit);
        hit
    }

    fn need(&mut self, kind: Kind, what: &str) -> Result<Token<'a>, Mistake> {
        self.take(kind).ok_or_else(|| self.expected(what))
    }

    fn expected(&self, what: &str) -> Mistake {
        match self.peek() {
            Some(token) => Mistake {
                span: token.span,
                message: format!("expected {what}, found `{}`", token.text),
                help: slip(token).unwrap_or_default(),
            },
            None => Mistake {
                span: Span::new(self.end, self.end + 1),
                message: format!("expected {what}, but the condition ends here"),
                help: "for example: answer(active) == yes and check(database.reach).foreign > 0"
                    .to_owned(),
            },
        }
    }

    fn either(&mut self, depth: usize) -> Result<Condition, Mistake> {
        let mut left = self.both(depth)?;
        while self.take_word("or") {
            let right = self.both(depth)?;
            left = Condition::Or(Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn both(&mut self, depth: usize) -> Result<Condition, Mistake> {
        let mut left = self.not(depth)?;
        while self.take_word("and") {
            let right = self.not(depth)?;
            left = Condition::And(Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn not(&mut self, depth: usize) -> Result<Condition, Mistake> {
        if depth > DEEPEST {
            let mut mistake = self.expected("fewer nested parts");
            mistake.help = format!("at most {DEEPEST} levels are read");
            return Err(mistake);
        }
        if self.take_word("not") {
            return Ok(Condition::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.take(Kind::Open).is_some() {
            let inner = self.either(depth + 1)?;
            self.need(Kind::Close, "`)`")?;
            return Ok(inner);
        }
        let left = self.term()?;
        let how = self.comparison()?;
        let right = self.term()?;
        self.compared.push(Compared {
            left: left.clone(),
            how,
            right: right.clone(),
        });
        Ok(Condition::Compare(left.0, how, right.0))
    }

    fn comparison(&mut self) -> Result<Comparison, Mistake> {
        let Some(Kind::Compare(how)) = self.peek().map(|token| token.kind) else {
            return Err(self.expected("one of == != < <= > >="));
        };
        self.at += 1;
        Ok(how)
    }

    fn term(&mut self) -> Result<(Term, Span), Mistake> {
        if let Some(token) = self.take(Kind::Number) {
            let number = token.text.parse().map_err(|_| Mistake {
                span: token.span,
                message: format!("`{}` is too large a number", token.text),
                help: "counts go up to 9223372036854775807".to_owned(),
            })?;
            return Ok((Term::Number(number), token.span));
        }
        let name = self.need(Kind::Word, "a question, check, cause, word or number")?;
        if matches!(name.text, "and" | "or" | "not") {
            self.at -= 1;
            return Err(self.expected("a question, check, cause, word or number"));
        }
        if self.take(Kind::Open).is_none() {
            return Ok((Term::Word(name.text.to_owned()), name.span));
        }
        self.call(name)
    }

    fn call(&mut self, name: Token<'a>) -> Result<(Term, Span), Mistake> {
        const CALLS: [&str; 4] = ["answer", "check", "cause", "findings"];
        if !CALLS.contains(&name.text) {
            return Err(Mistake {
                span: name.span,
                message: format!("`{}` cannot be looked up", name.text),
                help: match nearest(name.text, CALLS) {
                    Some(near) => format!("did you mean `{near}(..)`?"),
                    None => {
                        "there are answer(id), check(id).field, cause(R2) and findings(confirmed)"
                            .to_owned()
                    }
                },
            });
        }
        let argument = self.need(Kind::Word, &format!("a name inside `{}(..)`", name.text))?;
        let close = self.need(Kind::Close, "`)`")?;
        let mut span = Span::new(name.span.start, close.span.end);
        let word = argument.text.to_owned();
        let term = match name.text {
            "answer" => Term::Answer(word),
            "cause" => Term::Cause(RootCause::parse(&word).ok_or_else(|| Mistake {
                span: argument.span,
                message: format!("`{word}` is not a root cause"),
                help: "the causes are R1, R2, R3, R4, R5 and R6".to_owned(),
            })?),
            "findings" => Term::Findings(word),
            _ => {
                self.need(Kind::Dot, "`.` and the name of a count")?;
                let field = self.need(Kind::Word, "the name of a count")?;
                span.end = field.span.end;
                Term::CheckField {
                    check: word,
                    field: field.text.to_owned(),
                }
            }
        };
        Ok((term, span))
    }
}

/// What people from other languages write, and what is written here.
fn slip(token: Token<'_>) -> Option<String> {
    let ours = match token.text {
        "=" => "==",
        "&" | "&&" | "AND" => "and",
        "|" | "||" | "OR" => "or",
        "!" | "NOT" => "not",
        "<>" => "!=",
        _ => return None,
    };
    Some(format!("write `{ours}`"))
}

#[cfg(test)]
mod tests;
