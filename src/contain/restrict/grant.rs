//! One granted right, as the server's exploded list has it.

use crate::domain::untrusted::visible;
use crate::providers::postgres::{ident, qualified};
use serde::{Deserialize, Serialize};

/// What a right is granted on; each kind has the one right that reads.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A table, a view, or a column of one: SELECT.
    #[default]
    Relation,
    /// A function or procedure: EXECUTE.
    Routine,
    /// A schema: USAGE.
    Schema,
}

impl Kind {
    /// The right that is cut.
    pub const fn right(self) -> &'static str {
        match self {
            Self::Relation => "SELECT",
            Self::Routine => "EXECUTE",
            Self::Schema => "USAGE",
        }
    }

    // Serialising asks with a reference.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form skip_serializing_if calls"
    )]
    fn is_relation(&self) -> bool {
        *self == Self::Relation
    }
}

/// One right that reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    pub schema: String,
    /// The relation; of a routine its signature as SQL, of a schema its name
    /// again. The key and the absent kind are those of older records.
    #[serde(rename = "relation")]
    pub name: String,
    /// Set for a right to one column.
    pub column: Option<String>,
    pub owner: String,
    pub grantor: String,
    /// `None` is PUBLIC.
    pub grantee: Option<String>,
    pub grantable: bool,
    #[serde(default, skip_serializing_if = "Kind::is_relation")]
    pub kind: Kind,
}

impl Grant {
    /// Whether both stand in the same list on the server: one for the
    /// object, one for each column.
    pub fn beside(&self, other: &Self) -> bool {
        self.on_same(other) && self.column == other.column
    }

    /// Whether both are about the same object, columns apart.
    pub fn on_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.schema == other.schema && self.name == other.name
    }

    /// The object as it stands after `ON` in a statement.
    pub fn object(&self) -> String {
        match self.kind {
            Kind::Relation => qualified(&self.schema, &self.name),
            Kind::Routine => format!("ROUTINE {}", self.name),
            Kind::Schema => format!("SCHEMA {}", ident(&self.name)),
        }
    }

    /// The grant in words, for the before-state.
    pub fn told(&self) -> String {
        let right = self.kind.right();
        let column = self
            .column
            .as_ref()
            .map(|column| format!("({column})"))
            .unwrap_or_default();
        let object = match self.kind {
            Kind::Relation => format!("{}.{}", self.schema, self.name),
            Kind::Routine | Kind::Schema => self.name.clone(),
        };
        let option = if self.grantable {
            ", with grant option"
        } else {
            ""
        };
        visible(&format!(
            "{right}{column} on {object} to {} by {}{option}",
            self.grantee.as_deref().unwrap_or("PUBLIC"),
            self.grantor
        ))
    }

    /// The grantee as it stands in a statement.
    pub fn to(&self) -> String {
        self.grantee.as_deref().map_or("PUBLIC".to_owned(), ident)
    }
}
