//! Claims about what is exposed, and how sure we are of each.
//!
//! A [`Finding`] starts as *suspected*; it becomes *confirmed* only when
//! something behaved wrongly (a principal read a row it must not). The JSON
//! form of these types is a public contract: see `check database --json`.

use super::fix::Fix;
use super::trail::Trail;
use super::untrusted::visible;
use serde::{Deserialize, Serialize};

/// How bad a finding would be if true; ordered from harmless to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// The word shown and exported.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads the word of [`Severity::word`].
    pub fn parse(word: &str) -> Option<Self> {
        const ALL: [Severity; 5] = [
            Severity::Info,
            Severity::Low,
            Severity::Medium,
            Severity::High,
            Severity::Critical,
        ];
        ALL.into_iter().find(|severity| severity.word() == word)
    }
}

/// How sure a claim is. *Suspected* is not proof; *unknown* is not clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    RuledOut,
    Unknown,
    Suspected,
    Confirmed,
}

impl Confidence {
    /// The word shown; the JSON form uses an underscore for "ruled out".
    pub const fn word(self) -> &'static str {
        match self {
            Self::RuledOut => "ruled out",
            Self::Unknown => "unknown",
            Self::Suspected => "suspected",
            Self::Confirmed => "confirmed",
        }
    }
}

/// What kind of thing a finding or plan is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SubjectKind {
    #[serde(rename = "table")]
    Table,
    #[serde(rename = "view")]
    View,
    #[serde(rename = "materialized view")]
    MaterializedView,
    #[serde(rename = "foreign table")]
    ForeignTable,
    #[serde(rename = "function")]
    Function,
    #[serde(rename = "policy")]
    Policy,
    #[serde(rename = "role")]
    Role,
    #[serde(rename = "publication")]
    Publication,
    #[serde(rename = "schema")]
    Schema,
    #[serde(rename = "setting")]
    Setting,
    #[serde(rename = "database")]
    Database,
    #[serde(rename = "foreign server")]
    ForeignServer,
    #[serde(rename = "replication slot")]
    ReplicationSlot,
    #[serde(rename = "bucket")]
    Bucket,
    #[serde(rename = "job")]
    Job,
    /// A way into the app: method and template, or the shape of a statement.
    #[serde(rename = "route")]
    Route,
    /// Somebody or something that reads.
    #[serde(rename = "principal")]
    Principal,
    /// A log, when the log itself is the leak.
    #[serde(rename = "log")]
    Log,
}

impl SubjectKind {
    /// The word shown and exported.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::ForeignTable => "foreign table",
            Self::Function => "function",
            Self::Policy => "policy",
            Self::Role => "role",
            Self::Publication => "publication",
            Self::Schema => "schema",
            Self::Setting => "setting",
            Self::Database => "database",
            Self::ForeignServer => "foreign server",
            Self::ReplicationSlot => "replication slot",
            Self::Bucket => "bucket",
            Self::Job => "job",
            Self::Route => "route",
            Self::Principal => "principal",
            Self::Log => "log",
        }
    }
}

/// What a claim is about: `schema.object`, or `policy on schema.table`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    pub kind: SubjectKind,
    pub name: String,
}

impl Subject {
    /// Names a subject; the name is outside text and is made printable.
    pub fn new(kind: SubjectKind, name: &str) -> Self {
        Self {
            kind,
            name: visible(name),
        }
    }
}

/// One supporting fact: a shape (count, column name, statement), never a
/// customer value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub what: String,
    pub value: String,
}

impl Evidence {
    /// Records one supporting fact; both parts are made printable.
    pub fn new(what: &str, value: &str) -> Self {
        Self {
            what: visible(what),
            value: visible(value),
        }
    }
}

/// The six root causes the board tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RootCause {
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
}

impl RootCause {
    /// All causes in board order.
    pub const ALL: [Self; 6] = [Self::R1, Self::R2, Self::R3, Self::R4, Self::R5, Self::R6];

    /// The short id, as playbooks and JSON write it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::R1 => "R1",
            Self::R2 => "R2",
            Self::R3 => "R3",
            Self::R4 => "R4",
            Self::R5 => "R5",
            Self::R6 => "R6",
        }
    }

    /// What the cause means, in one line.
    pub const fn title(self) -> &'static str {
        match self {
            Self::R1 => "Server-side authorisation is missing",
            Self::R2 => "Row-level security or a policy is broken",
            Self::R3 => "Stripe data is synced too broadly",
            Self::R4 => "Ids sent by the client are trusted",
            Self::R5 => "Environment or preview is misconfigured",
            Self::R6 => "Caching or logging exposes too much",
        }
    }

    /// What has to be shown before the cause counts as confirmed.
    pub const fn confirmed_by(self) -> &'static str {
        match self {
            Self::R1 => "a restricted session got the data directly from the route",
            Self::R2 => "a principal read another tenant's row in the database",
            Self::R3 => "customer columns stand in a table without a tenant key",
            Self::R4 => "swapping an id in the request returned a foreign record",
            Self::R5 => "environments share a database or key, or a preview opens without login",
            Self::R6 => "a private answer came from a shared cache, or logs hold personal data",
        }
    }

    /// Reads a short id such as `R2`.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.id() == id)
    }
}

/// A claim with its severity, confidence and support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule that made the claim, such as `P01`.
    pub check: String,
    pub title: String,
    pub severity: Severity,
    pub confidence: Confidence,
    pub subject: Subject,
    /// The principal it was shown for, when there is one.
    pub principal: Option<String>,
    pub causes: Vec<RootCause>,
    pub evidence: Vec<Evidence>,
    /// What to do about it; imperative.
    pub hint: String,
    /// Drafted statements that close it, where they can be written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Who read how much, when logs tell of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail: Option<Box<Trail>>,
}

/// What an evidence is called that marks a finding as part of another's story.
pub const PART: &str = "part of";

impl Finding {
    /// Whether it leads its story; the parts of one come after all that lead.
    pub fn leads(&self) -> bool {
        !self.evidence.iter().any(|fact| fact.what == PART)
    }

    /// Identifies the claim across runs: same rule, same subject.
    pub fn key(&self) -> String {
        format!(
            "{} {} {}",
            self.check,
            self.subject.kind.word(),
            self.subject.name
        )
    }
}
