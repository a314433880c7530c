//! What the catalogs said, as rows: the raw material every rule reads.
//!
//! These types mirror the queries in `sql/`; nothing here draws a conclusion.
//! To add a fact, add it to a query and to its row here.

use super::ways::Ways;
use crate::domain::finding::SubjectKind;
use serde::Deserialize;

/// A PostgreSQL object id. `0` stands for PUBLIC where a role is meant.
pub type Oid = u32;

/// The pseudo-role everybody belongs to.
pub const PUBLIC: Oid = 0;

/// The server and the login in use.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Server {
    pub database: String,
    pub login: Oid,
    /// `server_version_num`, such as 150004.
    #[serde(default)]
    pub version: u32,
}

/// A database role.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Role {
    pub oid: Oid,
    pub name: String,
    pub login: bool,
    pub superuser: bool,
    pub bypassrls: bool,
    /// `name=value` pairs pinned to the role or to the database.
    #[serde(default)]
    pub settings: Option<Vec<String>>,
}

/// One grant of a role to a role.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Membership {
    pub member: Oid,
    pub role: Oid,
    /// Whether rights flow by themselves.
    pub inherits: bool,
    /// Whether the member may `SET ROLE`.
    pub can_set: bool,
}

/// A column by number, name and type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Column {
    pub num: i32,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// No row can lack it.
    #[serde(default)]
    pub required: bool,
}

/// A table, view, materialized view or foreign table.
#[derive(Debug, Clone, Default, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "one field a catalog flag")]
pub struct Relation {
    pub oid: Oid,
    pub schema: String,
    pub name: String,
    /// `relkind`: r, p, v, m or f.
    pub kind: String,
    pub owner: Oid,
    pub rls: bool,
    pub force: bool,
    pub partition: bool,
    /// The planner's estimate; `None` if never analysed.
    pub rows: Option<i64>,
    /// Pages at the last ANALYZE or VACUUM; `None` before the first.
    #[serde(default)]
    pub pages: Option<i64>,
    /// Another session holds or awaits an exclusive lock on it, or on what the
    /// view reads: its size and text were left out.
    #[serde(default)]
    pub locked: bool,
    /// Whether the relation occupies space; `None` where that means nothing.
    pub filled: Option<bool>,
    /// Whether a view reads with its caller's rights.
    pub invoker: bool,
    pub extension: bool,
    /// Roles that SELECT was granted to by name, the owner aside.
    #[serde(default)]
    pub grantees: Option<Vec<Oid>>,
    /// The text of a view.
    #[serde(default)]
    pub definition: Option<String>,
    pub columns: Vec<Column>,
}

impl Relation {
    /// `schema.name`, as findings and cells write it.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// Whether it stores rows under row security: a table or its partitions.
    pub fn is_table(&self) -> bool {
        matches!(self.kind.as_str(), "r" | "p")
    }

    /// Whether it is an ordinary view.
    pub fn is_view(&self) -> bool {
        self.kind == "v"
    }

    /// The word findings use for it.
    pub fn subject_kind(&self) -> SubjectKind {
        match self.kind.as_str() {
            "v" => SubjectKind::View,
            "m" => SubjectKind::MaterializedView,
            "f" => SubjectKind::ForeignTable,
            _ => SubjectKind::Table,
        }
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A row security policy.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Policy {
    pub oid: Oid,
    pub relation: Oid,
    pub name: String,
    /// `polcmd`: r, a, w, d or *.
    pub command: String,
    pub permissive: bool,
    /// Roles it applies to; [`PUBLIC`] for everybody.
    pub roles: Vec<Oid>,
    pub using: Option<String>,
    /// What a new or changed row must meet, where that is said apart.
    #[serde(default)]
    pub check: Option<String>,
    /// The expression was left out, since a table it reads is locked.
    #[serde(default)]
    pub unread: bool,
    /// What writing it out keeps locked, where it has sub-selects.
    #[serde(default)]
    pub locks: Option<Vec<Oid>>,
    /// Column numbers of its own relation it depends on.
    pub own: Vec<i32>,
    pub relations: Vec<Oid>,
    pub functions: Vec<Oid>,
}

impl Policy {
    /// Whether the policy decides which rows a SELECT sees.
    pub fn reads(&self) -> bool {
        matches!(self.command.as_str(), "r" | "*")
    }
}

/// A user function.
#[derive(Debug, Clone, Default, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "one field a catalog flag")]
pub struct Function {
    pub oid: Oid,
    pub schema: String,
    pub name: String,
    pub definer: bool,
    /// Whose rights a definer runs with.
    #[serde(default)]
    pub owner: Oid,
    /// Declared LEAKPROOF: conditions that call it may run before a policy.
    #[serde(default)]
    pub leakproof: bool,
    /// `name=value` pairs that hold while it runs.
    #[serde(default)]
    pub settings: Option<Vec<String>>,
    /// `provolatile`: i, s or v.
    pub volatility: String,
    pub language: String,
    pub trusted: bool,
    pub arguments: i32,
    #[serde(default)]
    pub names: Option<Vec<String>>,
    /// What arguments are taken to be that a call leaves out.
    #[serde(default)]
    pub defaults: Option<String>,
    pub returns_set: bool,
    pub returns: String,
    /// `typtype` of the result: c for a row type, p for a pseudo-type.
    pub return_kind: String,
    pub source: Option<String>,
    /// What writing out a body in the standard form keeps locked.
    #[serde(default)]
    pub locks: Option<Vec<Oid>>,
    pub extension: bool,
    /// The types by which overloads are told apart, as statements have them.
    #[serde(default)]
    pub signature: String,
    /// Whom EXECUTE was granted to, the owner aside; [`PUBLIC`] among them.
    #[serde(default)]
    pub callers: Option<Vec<Oid>>,
}

impl Function {
    /// `schema.name`, without arguments.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

/// What a view reads and calls.
#[derive(Debug, Clone, Deserialize)]
pub struct ViewUse {
    pub view: Oid,
    pub relations: Vec<Oid>,
    pub functions: Vec<Oid>,
}

/// Inheritance (`i`) or a foreign key (`f`) between two relations.
#[derive(Debug, Clone, Deserialize)]
pub struct Link {
    pub kind: String,
    pub child: Oid,
    pub parent: Oid,
    pub child_columns: Vec<String>,
    pub parent_columns: Vec<String>,
}

/// A key that a table under row security checks against every row, also those
/// the writer cannot see.
#[derive(Debug, Clone, Deserialize)]
pub struct Key {
    pub relation: Oid,
    /// The relation whose rows answer: the same if unique, else the parent.
    pub asked: Oid,
    pub asked_columns: Vec<String>,
    /// Watched roles that may insert or update.
    pub writers: Vec<Oid>,
}

/// A watched role may read this relation.
#[derive(Debug, Clone, Deserialize)]
pub struct Grant {
    pub role: Oid,
    pub relation: Oid,
    pub whole: bool,
    /// The readable columns when not whole.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
}

/// What a watched role may write of a table.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Write {
    pub role: Oid,
    pub relation: Oid,
    /// Columns it may fill in a new row, and those it may change.
    pub inserts: Columns,
    pub updates: Columns,
    pub deletes: bool,
}

/// Columns of a table, by name.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Option<Vec<String>>")]
pub enum Columns {
    All,
    Only(Vec<String>),
}

impl Default for Columns {
    fn default() -> Self {
        Self::Only(Vec::new())
    }
}

impl From<Option<Vec<String>>> for Columns {
    fn from(columns: Option<Vec<String>>) -> Self {
        columns.map_or(Self::All, Self::Only)
    }
}

impl Columns {
    /// Whether the column is one of them.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(columns) => columns.iter().any(|column| column == name),
        }
    }

    /// Whether there is none.
    pub const fn none(&self) -> bool {
        matches!(self, Self::Only(columns) if columns.is_empty())
    }
}

/// A trigger that runs for each written row of a table under row security.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Trigger {
    pub relation: Oid,
    pub function: Oid,
    pub inserts: bool,
    pub updates: bool,
    /// Numbers of the columns it is bound to by UPDATE OF or WHEN.
    pub columns: Vec<i32>,
}

/// A watched role may call this function: a security definer, one declared
/// leakproof, or one that reaches other servers.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Callable {
    pub function: Oid,
    pub role: Oid,
}

/// Everything read from the catalogs in one go.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub server: Server,
    pub roles: Vec<Role>,
    pub memberships: Vec<Membership>,
    pub relations: Vec<Relation>,
    pub policies: Vec<Policy>,
    pub functions: Vec<Function>,
    pub view_uses: Vec<ViewUse>,
    pub links: Vec<Link>,
    pub keys: Vec<Key>,
    pub grants: Vec<Grant>,
    pub callables: Vec<Callable>,
    pub writes: Vec<Write>,
    pub triggers: Vec<Trigger>,
    pub ways: Ways,
}
