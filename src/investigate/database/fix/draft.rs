//! A draft while it is written. A leaf: everybody who drafts imports it.

use crate::domain::fix::Fix;
use crate::investigate::database::snapshot::{Oid, PUBLIC, Relation};
use crate::investigate::database::survey::Survey;
use crate::providers::postgres::{ident, qualified};

/// Statements, reasons, losses and open questions, still without a shape.
#[derive(Debug, Default)]
pub struct Draft {
    statements: Vec<String>,
    why: Vec<String>,
    loses: Vec<String>,
    decide: Vec<String>,
}

impl Draft {
    /// A draft that has its reason and no statement yet.
    pub fn because(why: String) -> Self {
        Self {
            why: vec![why],
            ..Self::default()
        }
    }

    /// Adds a statement.
    #[must_use]
    pub fn run(mut self, statement: String) -> Self {
        self.statements.push(statement);
        self
    }

    /// Adds who loses what.
    #[must_use]
    pub fn losing(mut self, line: String) -> Self {
        self.loses.push(line);
        self
    }

    /// Adds what a person has to decide.
    #[must_use]
    pub fn deciding(mut self, line: String) -> Self {
        self.decide.push(line);
        self
    }

    /// Puts another draft behind this one; nothing is said twice.
    pub fn add(&mut self, other: Self) {
        let join = |own: &mut Vec<String>, more: Vec<String>| {
            for line in more {
                if !own.contains(&line) {
                    own.push(line);
                }
            }
        };
        join(&mut self.statements, other.statements);
        join(&mut self.why, other.why);
        join(&mut self.loses, other.loses);
        join(&mut self.decide, other.decide);
    }

    /// Whether there is no statement yet.
    pub const fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// The finished draft; `None` if it has nothing that can be shown as it is.
    pub fn finish(self) -> Option<Fix> {
        let fix = Fix::new(self.statements, &self.why.join("; "))?;
        let fix = self.loses.iter().fold(fix, |fix, line| fix.losing(line));
        Some(self.decide.iter().fold(fix, |fix, line| fix.deciding(line)))
    }
}

/// A relation's name as statements have it.
pub fn named(relation: &Relation) -> String {
    qualified(&relation.schema, &relation.name)
}

/// Roles as statements have them, PUBLIC unquoted.
pub fn to_roles(survey: &Survey, roles: &[Oid]) -> String {
    let name = |role: &Oid| match *role {
        PUBLIC => "PUBLIC".to_owned(),
        role => ident(survey.roles.name(role)),
    };
    roles.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Roles as sentences have them.
pub fn listed(survey: &Survey, roles: &[Oid]) -> String {
    let name = |role: &Oid| match *role {
        PUBLIC => "everybody",
        role => survey.roles.name(role),
    };
    roles.iter().map(name).collect::<Vec<_>>().join(", ")
}
