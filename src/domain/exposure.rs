//! Who can read whose rows: principals, relations and the cells between them.

use super::finding::SubjectKind;
use serde::{Deserialize, Serialize};

/// The kind of power a principal holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalKind {
    /// Not signed in.
    Anonymous,
    /// Signed in, made up, belongs to no tenant: must see nothing.
    Ghost,
    /// Signed in, belongs to one real tenant.
    Member,
    /// A login an application uses.
    AppRole,
    /// Holds everything by design, for example `service_role`.
    Service,
}

impl PrincipalKind {
    /// The word exported.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Ghost => "ghost",
            Self::Member => "member",
            Self::AppRole => "app role",
            Self::Service => "service",
        }
    }
}

/// Somebody or something that can read: a role plus, where it matters, claims.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Principal {
    /// The name shown, unique in a run: `anonymous`, `ghost`, `member A`.
    pub name: String,
    pub kind: PrincipalKind,
    /// The database role assumed with `SET LOCAL ROLE`.
    pub role: String,
}

/// A principal with what it takes to look as it does, by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acting {
    #[serde(flatten)]
    pub principal: Principal,
    /// Statements that turn an open transaction into this principal's. Values
    /// of real users are expressions the server evaluates, never values.
    pub assume: Vec<String>,
}

/// What a principal can read of one relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Proven to read no row.
    None,
    /// Reads only rows of its own tenant.
    Own,
    /// Could not be decided: never shown as safe.
    Undecided,
    /// Reads no row, since there is none: the policies would let a stranger's
    /// row through, as a made-up one showed.
    Would,
    /// Reads at least one row it must not.
    Foreign,
    /// Reads every row: nothing filters it.
    All,
}

impl Verdict {
    /// The word shown and exported.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Own => "own",
            Self::Undecided => "undecided",
            Self::Would => "would",
            Self::Foreign => "foreign",
            Self::All => "all",
        }
    }

    /// Whether rows of somebody else were reached.
    pub const fn leaks(self) -> bool {
        matches!(self, Self::Foreign | Self::All)
    }
}

/// One cell of the exposure matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// `schema.relation`.
    pub relation: String,
    /// [`Principal::name`].
    pub principal: String,
    pub verdict: Verdict,
    /// Rows the principal can see, counted up to a bound; `None` if not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Whether `rows` stopped at the bound ("at least").
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bounded: bool,
    /// The statement that shows it, or why it could not be decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
}

impl Cell {
    /// The statement that shows the verdict; `None` when no look decided it.
    pub fn statement(&self) -> Option<&str> {
        Some(self.basis.as_str()).filter(|basis| basis.starts_with("SELECT "))
    }

    /// The whole look as a script to run by hand: a read-only transaction
    /// that becomes the principal, asks, and is rolled back.
    pub fn script(&self, acting: &Acting) -> Option<Vec<String>> {
        let statement = self.statement()?;
        let open = "BEGIN TRANSACTION READ ONLY;".to_owned();
        let close = [format!("{statement};"), "ROLLBACK;".to_owned()];
        Some(
            std::iter::once(open)
                .chain(acting.assume.iter().cloned())
                .chain(close)
                .collect(),
        )
    }

    /// The rows seen, in words: counted, bounded or not counted.
    pub fn seen(&self) -> String {
        match (self.rows, self.bounded) {
            (None, _) => "not counted".to_owned(),
            (Some(rows), true) => format!("at least {rows}"),
            (Some(rows), false) => rows.to_string(),
        }
    }
}

/// What a column holds, inferred from names, types and server-side shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnClass {
    Tenant,
    Owner,
    Name,
    Email,
    Phone,
    Address,
    StripeId,
    Payment,
    Invoice,
    Metadata,
    Secret,
}

impl ColumnClass {
    /// The word shown and exported.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Owner => "owner",
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::StripeId => "stripe id",
            Self::Payment => "payment",
            Self::Invoice => "invoice",
            Self::Metadata => "metadata",
            Self::Secret => "secret",
        }
    }
}

/// The shape of one relation: counts and classes, no values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationShape {
    /// `schema.relation`.
    pub name: String,
    pub kind: SubjectKind,
    /// Estimated rows from the planner's statistics; `None` if never analysed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_column: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ColumnClass>,
}

impl RelationShape {
    /// Whether the relation holds people, tenants, payments or secrets.
    pub fn sensitive(&self) -> bool {
        !self.classes.is_empty()
    }
}
