//! The YAML of a playbook: front matter and fences, exactly as written.
//!
//! These structs are the format. The reader fills them, and the published
//! JSON Schema is generated from them, so a key exists in both or in neither.
//! To add a key: add the field here, carry it over in `build.rs`, and print
//! the schema anew with `firsthour playbook schema`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;

/// The only format there is.
pub const FORMAT: &str = "firsthour/1";

/// Most fences a step may hold besides its `step` fence.
pub const MOST_FENCES: usize = 5;

/// The words that open a fence.
pub const FENCES: [&str; 6] = ["step", "ask", "check", "action", "hand", "next"];

/// The YAML block at the top of the file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrontMatter {
    /// The version of this format: `firsthour/1`.
    #[schemars(with = "String", regex(pattern = r"^firsthour/1$"))]
    pub format: Spanned<String>,
    /// The playbook's name: lower-case words joined by hyphens.
    #[schemars(with = "String", regex(pattern = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"))]
    pub id: Spanned<String>,
    /// What the playbook is for, as shown in lists.
    #[schemars(with = "String")]
    pub title: Spanned<String>,
    /// The day a person last read it through.
    #[schemars(with = "String", extend("format" = "date"))]
    pub reviewed: Spanned<String>,
    /// The day it was last walked in a drill.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub drilled: Option<Spanned<String>>,
    /// Days after which the review counts as stale.
    #[schemars(with = "u32", range(min = 1))]
    pub max_age_days: Spanned<u32>,
    /// Time for the first phases together; later phases keep their own.
    #[schemars(with = "String", regex(pattern = r"^[0-9]+[mh]$"))]
    pub budget: Spanned<String>,
}

/// The `step` fence: the first one under every `###` heading.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepFence {
    /// What is known or true once the step is done.
    #[schemars(with = "String")]
    pub goal: Spanned<String>,
    /// The role that carries the step out.
    #[schemars(with = "OwnerWord")]
    pub owner: Spanned<String>,
    /// Time the step may take, such as `4m`.
    #[schemars(with = "String", regex(pattern = r"^[0-9]+[mh]$"))]
    pub budget: Spanned<String>,
}

/// The roles, as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OwnerWord {
    Commander,
    Operator,
    Scribe,
    Comms,
}

/// The `ask` fence: a question to the responder.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskFence {
    /// The name conditions use: lower-case words joined by hyphens.
    #[schemars(with = "String", regex(pattern = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"))]
    pub id: Spanned<String>,
    /// The question.
    #[schemars(with = "String")]
    pub text: Spanned<String>,
    /// The words offered; `unknown` and `not-applicable` always come on top.
    /// Without it: yes, no.
    #[schemars(with = "Option<Vec<String>>")]
    pub options: Option<Vec<Spanned<String>>>,
}

/// The `check` fence: something read-only the step runs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckFence {
    /// The registered check, such as `database.reach`.
    #[serde(rename = "use")]
    #[schemars(with = "String")]
    pub uses: Spanned<String>,
    /// Settings handed to the check as bound values, never as text to run.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
}

/// The `action` fence: a containment the step offers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionFence {
    /// The registered action, such as `restrict.revoke`.
    #[serde(rename = "use")]
    #[schemars(with = "String")]
    pub uses: Spanned<String>,
    /// Settings handed to the action as bound values, never as text to run.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// When the containment must be looked at again, such as `24h`; rounded up
    /// to hours.
    #[schemars(with = "String", regex(pattern = r"^[0-9]+[mh]$"))]
    pub review_by: Spanned<String>,
}

/// One line of the `next` fence: `when` with `to`, or `unknown`, or `else`.
/// A destination is a step id or `end`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NextLine {
    /// A condition over answers, counts, causes and findings.
    #[schemars(with = "Option<String>")]
    pub when: Option<Spanned<String>>,
    /// Where to go when the condition holds.
    #[schemars(with = "Option<String>")]
    pub to: Option<Spanned<String>>,
    /// Where to go when no condition holds and one is not known.
    #[schemars(with = "Option<String>")]
    pub unknown: Option<Spanned<String>>,
    /// Where to go when every condition is false.
    #[serde(rename = "else")]
    #[schemars(with = "Option<String>")]
    pub otherwise: Option<Spanned<String>>,
}
