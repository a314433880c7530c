//! Three-valued conditions: the closed language playbooks branch on.
//!
//! There are no loops, no calls to the outside and no templates. What is not
//! recorded is *unknown*, and unknown is contagious unless the other side
//! already decides (`false and unknown` is false).

use super::finding::RootCause;

/// True, false, or not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    True,
    False,
    Unknown,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl Truth {
    /// Kleene's strong conjunction.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    /// Kleene's strong disjunction.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::False, Self::False) => Self::False,
            _ => Self::Unknown,
        }
    }

    /// Negation; unknown stays unknown.
    #[must_use]
    pub const fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Something that can be looked up in the incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// `answer(id)`: the recorded answer, as a word.
    Answer(String),
    /// `check(id).field`: a count of the last finished run.
    CheckField { check: String, field: String },
    /// `cause(R2)`: the state on the board, as a word.
    Cause(RootCause),
    /// `findings(confirmed)`: how many standing findings have that confidence.
    Findings(String),
    /// A literal word, compared as text.
    Word(String),
    /// A literal whole number.
    Number(i64),
}

/// A parsed condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    Compare(Term, Comparison, Term),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
}

/// A value looked up; text compares only with `==` and `!=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Word(String),
    Number(i64),
}

/// Where terms are looked up; the incident implements it.
pub trait Facts {
    /// The recorded answer to a question; `None` while unanswered or unknown.
    fn answer(&self, ask: &str) -> Option<String>;
    /// A count of the last finished run of a check.
    fn check_field(&self, check: &str, field: &str) -> Option<i64>;
    /// The state word of a root cause; `None` while unknown.
    fn cause(&self, cause: RootCause) -> Option<String>;
    /// Standing findings with this confidence word; `None` before any check ran.
    fn findings(&self, confidence: &str) -> Option<i64>;
}

impl Condition {
    /// Decides the condition over what is recorded.
    pub fn eval(&self, facts: &dyn Facts) -> Truth {
        match self {
            Self::And(a, b) => a.eval(facts).and(b.eval(facts)),
            Self::Or(a, b) => a.eval(facts).or(b.eval(facts)),
            Self::Not(inner) => inner.eval(facts).negate(),
            Self::Compare(left, how, right) => match (left.look_up(facts), right.look_up(facts)) {
                (Some(a), Some(b)) => compare(&a, *how, &b),
                _ => Truth::Unknown,
            },
        }
    }
}

impl Term {
    fn look_up(&self, facts: &dyn Facts) -> Option<Value> {
        match self {
            Self::Answer(ask) => facts.answer(ask).map(Value::Word),
            Self::CheckField { check, field } => facts.check_field(check, field).map(Value::Number),
            Self::Cause(cause) => facts.cause(*cause).map(Value::Word),
            Self::Findings(word) => facts.findings(word).map(Value::Number),
            Self::Word(word) => Some(Value::Word(word.clone())),
            Self::Number(number) => Some(Value::Number(*number)),
        }
    }
}

fn compare(a: &Value, how: Comparison, b: &Value) -> Truth {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Truth::from(match how {
            Equal => a == b,
            NotEqual => a != b,
            Less => a < b,
            LessOrEqual => a <= b,
            Greater => a > b,
            GreaterOrEqual => a >= b,
        }),
        (Value::Word(a), Value::Word(b)) => match how {
            Equal => Truth::from(a == b),
            NotEqual => Truth::from(a != b),
            // Ordering words has no meaning a person would agree on.
            _ => Truth::Unknown,
        },
        _ => Truth::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Nothing;
    impl Facts for Nothing {
        fn answer(&self, _: &str) -> Option<String> {
            None
        }
        fn check_field(&self, _: &str, _: &str) -> Option<i64> {
            None
        }
        fn cause(&self, _: RootCause) -> Option<String> {
            None
        }
        fn findings(&self, _: &str) -> Option<i64> {
            None
        }
    }

    #[test]
    fn what_is_not_recorded_is_unknown() {
        let asked = Condition::Compare(
            Term::Answer("active".into()),
            Comparison::Equal,
            Term::Word("yes".into()),
        );
        assert_eq!(asked.eval(&Nothing), Truth::Unknown);
        assert_eq!(
            Condition::Not(Box::new(asked)).eval(&Nothing),
            Truth::Unknown
        );
    }

    #[test]
    fn a_decided_side_decides() {
        let no = Condition::Compare(Term::Number(1), Comparison::Greater, Term::Number(2));
        let open = Condition::Compare(
            Term::Answer("x".into()),
            Comparison::Equal,
            Term::Word("yes".into()),
        );
        let both = Condition::And(Box::new(open.clone()), Box::new(no.clone()));
        assert_eq!(both.eval(&Nothing), Truth::False);
        let either = Condition::Or(Box::new(open), Box::new(no));
        assert_eq!(either.eval(&Nothing), Truth::Unknown);
    }

    fn truth() -> impl Strategy<Value = Truth> {
        prop_oneof![Just(Truth::True), Just(Truth::False), Just(Truth::Unknown)]
    }

    proptest! {
        #[test]
        fn de_morgan_holds(a in truth(), b in truth()) {
            prop_assert_eq!(a.and(b).negate(), a.negate().or(b.negate()));
        }
    }
}
