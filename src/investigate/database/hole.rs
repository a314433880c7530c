//! The ways in which a condition lets strangers through, by rule id.

/// Why a policy's condition does not keep the caller to their own rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hole {
    /// Always true.
    Always,
    /// True by construction: constants, or an OR of one.
    Tautology,
    /// A column of the row compared with itself.
    SelfColumn,
    /// The caller compared with the caller.
    SelfIdentity,
    /// Only tests that a column is (not) null or has a length.
    NullTest,
    /// Only tests that the row has a token, not that the caller knows it.
    TokenPresent,
    /// Only tests that somebody signed in.
    SignedIn,
    /// Open when the claim is missing.
    NullClaim,
    /// A missing claim falls back to the row's own value.
    Fallback,
    /// A setting that the caller may change switches the check off.
    Hatch,
    /// A fixed caller is let through.
    Literal,
    /// A condition on the row alone; `published` if it speaks of publication.
    Unscoped { published: bool },
    /// Rows without tenant or owner are everybody's.
    NullTenant,
    /// The name meant for the row binds to the inner table instead.
    Captured,
    /// Membership of anything is enough.
    AnyMember,
    /// The sub-select reads a table that is open itself.
    OpenSelect,
    /// A helper function does not look at what it is asked about.
    Helper(String),
    /// Claims that users may edit themselves.
    EditableClaim,
    /// What the request itself says, in a header or a cookie.
    RequestHeader,
    /// A prefix match on the tenant.
    Prefix,
    /// A match on a part of the caller's address.
    EmailPart,
}

impl Hole {
    /// The rule that names this hole.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Always => "P01",
            Self::Tautology => "P02",
            Self::SelfColumn => "P03",
            Self::SelfIdentity => "P04",
            Self::NullTest => "P05",
            Self::SignedIn => "P06",
            Self::NullClaim => "P07",
            Self::Fallback => "P08",
            Self::Hatch => "P09",
            Self::Literal => "P10",
            Self::Unscoped { .. } => "P12",
            Self::Captured => "P13",
            Self::AnyMember | Self::OpenSelect => "P14",
            Self::Helper(_) => "P15",
            Self::EditableClaim | Self::RequestHeader => "P17",
            Self::EmailPart => "P18",
            Self::Prefix => "P19",
            Self::TokenPresent => "P20",
            Self::NullTenant => "P21",
        }
    }

    /// What is wrong, after "the policy ..".
    pub fn clause(&self) -> String {
        match self {
            Self::Always => "lets every row through".to_owned(),
            Self::Tautology => "has a condition that is always true".to_owned(),
            Self::SelfColumn => "compares a column with itself".to_owned(),
            Self::SelfIdentity => "compares the caller with the caller".to_owned(),
            Self::NullTest => "only tests that a column is filled in".to_owned(),
            Self::TokenPresent => {
                "only tests that the row has a token, and so lists all that have one".to_owned()
            }
            Self::SignedIn => "only tests that the caller signed in".to_owned(),
            Self::NullClaim => "is open when the claim is missing".to_owned(),
            Self::Fallback => {
                "falls back to the row's own value when the claim is missing".to_owned()
            }
            Self::Hatch => "is switched off by a setting the caller may change".to_owned(),
            Self::Literal => "lets one fixed caller see everything".to_owned(),
            Self::Unscoped { published: true } => "shows published rows to everybody".to_owned(),
            Self::Unscoped { published: false } => {
                "looks at the row but not at who is asking".to_owned()
            }
            Self::NullTenant => "shows rows without a tenant to everybody".to_owned(),
            Self::Captured => {
                "compares an inner table with itself instead of with the row".to_owned()
            }
            Self::AnyMember => "accepts a member of any tenant for the rows of all".to_owned(),
            Self::OpenSelect => "trusts a table that is itself open".to_owned(),
            Self::Helper(name) => {
                format!("trusts {name}, which does not check what it is asked about")
            }
            Self::EditableClaim => "trusts claims that users can edit".to_owned(),
            Self::RequestHeader => {
                "goes by a header or cookie of the request, which every caller writes at will"
                    .to_owned()
            }
            Self::Prefix => "matches tenants by prefix, so similar names mix".to_owned(),
            Self::EmailPart => {
                "goes by a part of the caller's email address, which any sign-up may carry"
                    .to_owned()
            }
        }
    }

    /// How much it opens: higher is wider.
    pub const fn width(&self) -> u8 {
        match self {
            Self::Always | Self::Tautology => 9,
            Self::SelfColumn | Self::SelfIdentity | Self::NullClaim | Self::Helper(_) => 8,
            Self::SignedIn | Self::Fallback | Self::Captured | Self::AnyMember => 7,
            Self::NullTest | Self::OpenSelect => 6,
            Self::Unscoped { published: false } => 5,
            Self::EditableClaim
            | Self::RequestHeader
            | Self::Prefix
            | Self::EmailPart
            | Self::TokenPresent => 4,
            Self::Hatch | Self::Literal | Self::NullTenant => 3,
            Self::Unscoped { published: true } => 1,
        }
    }

    /// Whether it says by itself, wherever it stands, who is let through.
    pub const fn names_itself(&self) -> bool {
        matches!(
            self,
            Self::NullClaim
                | Self::Fallback
                | Self::Hatch
                | Self::Literal
                | Self::EditableClaim
                | Self::RequestHeader
                | Self::EmailPart
                | Self::Prefix
                | Self::Unscoped { .. }
        )
    }

    /// Whether it should show every row to the role, so that a probe which
    /// sees none on a filled table contradicts it.
    pub const fn shows_all(&self) -> bool {
        matches!(
            self,
            Self::Always
                | Self::Tautology
                | Self::SelfColumn
                | Self::SelfIdentity
                | Self::SignedIn
                | Self::Helper(_)
        )
    }
}
