//! A playbook as the program sees it: phases, steps and where each leads.
//!
//! The Markdown form and its lint live in the `playbooks` room; this file only
//! says what a playbook means.

use super::condition::{Condition, Facts, Truth};
use super::digest::Digest;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A whole playbook, pinned by the SHA-256 of its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playbook {
    pub id: String,
    pub title: String,
    /// When a person last read it through.
    pub reviewed: NaiveDate,
    /// When it was last walked in a drill.
    pub drilled: Option<NaiveDate>,
    /// Days after which `reviewed` counts as stale.
    pub max_age_days: u32,
    pub phases: Vec<Phase>,
    /// The Markdown it was read from.
    pub source: String,
    pub sha256: Digest,
}

/// A `##` heading with its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// The short id, such as `T1`.
    pub id: String,
    pub title: String,
    /// Minutes the phase may take.
    pub budget_minutes: u32,
    pub steps: Vec<Step>,
}

/// A `###` heading: one thing to get done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub id: String,
    pub title: String,
    /// What is known or true once the step is done.
    pub goal: String,
    pub owner: Owner,
    pub budget_minutes: u32,
    /// What the responder reads, as plain lines.
    pub prose: Vec<String>,
    pub asks: Vec<Ask>,
    pub checks: Vec<CheckCall>,
    pub actions: Vec<ActionCall>,
    /// The way by hand when a connector is absent, as plain lines.
    pub hand: Vec<String>,
    pub next: Next,
    /// One-based line of the heading in the source.
    pub line: usize,
}

/// The role that carries a step out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Commander,
    Operator,
    Scribe,
    Comms,
}

impl Owner {
    /// The word shown and written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Commander => "commander",
            Self::Operator => "operator",
            Self::Scribe => "scribe",
            Self::Comms => "comms",
        }
    }
}

/// A question put to the responder. *Unknown* and *not applicable* are
/// always possible answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub id: String,
    pub text: String,
    /// The words offered besides `unknown` and `not-applicable`.
    pub options: Vec<String>,
}

/// The answers every question takes.
pub const ALWAYS_ANSWERS: [&str; 2] = ["unknown", "not-applicable"];

impl Ask {
    /// Every word the question takes, in the order shown.
    pub fn answers(&self) -> Vec<&str> {
        self.options
            .iter()
            .map(String::as_str)
            .chain(ALWAYS_ANSWERS)
            .collect()
    }
}

/// A read-only check the step runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckCall {
    /// The registered check, such as `database.reach`.
    pub uses: String,
    pub with: BTreeMap<String, String>,
}

/// A containment action the step offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionCall {
    /// The registered action, such as `restrict.revoke`.
    pub uses: String,
    pub with: BTreeMap<String, String>,
    /// Hours after which the containment must be looked at again.
    pub review_by_hours: u32,
}

/// Where a step leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    pub rules: Vec<NextRule>,
    /// Taken when no rule holds and at least one is unknown.
    pub unknown: Option<Destination>,
    /// Taken when every rule is false, or there is none.
    pub otherwise: Destination,
}

/// One branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextRule {
    pub when: Condition,
    /// The condition as written, for the screen and the lint.
    pub text: String,
    pub to: Destination,
}

/// A step, or the end of the playbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    Step(String),
    End,
}

/// The branch taken and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    pub to: Destination,
    /// The rule that decided, in words.
    pub because: String,
}

impl Playbook {
    /// Every step with its phase, in document order.
    pub fn steps(&self) -> impl Iterator<Item = (&Phase, &Step)> {
        self.phases
            .iter()
            .flat_map(|phase| phase.steps.iter().map(move |step| (phase, step)))
    }

    /// Finds a step by id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps()
            .map(|(_, step)| step)
            .find(|step| step.id == id)
    }

    /// The first step of the document.
    pub fn first(&self) -> Option<&Step> {
        self.steps().map(|(_, step)| step).next()
    }

    /// All budgets added up, in minutes.
    pub fn budget_minutes(&self) -> u32 {
        self.phases.iter().map(|phase| phase.budget_minutes).sum()
    }

    /// Whether the last review is older than the playbook allows.
    pub fn stale(&self, today: NaiveDate) -> bool {
        (today - self.reviewed).num_days() > i64::from(self.max_age_days)
    }
}

impl Next {
    /// Decides the branch over what is recorded: the first rule that is true
    /// wins; otherwise an unknown rule leads to `unknown`; otherwise `else`.
    pub fn route(&self, facts: &dyn Facts) -> Routed {
        let mut open: Option<&str> = None;
        for rule in &self.rules {
            match rule.when.eval(facts) {
                Truth::True => {
                    return Routed {
                        to: rule.to.clone(),
                        because: rule.text.clone(),
                    };
                }
                Truth::Unknown => open = open.or(Some(&rule.text)),
                Truth::False => {}
            }
        }
        match (open, &self.unknown) {
            (Some(text), Some(to)) => Routed {
                to: to.clone(),
                because: format!("not known: {text}"),
            },
            _ => Routed {
                to: self.otherwise.clone(),
                because: "no other branch applies".to_owned(),
            },
        }
    }
}
