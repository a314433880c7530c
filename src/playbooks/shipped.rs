//! The registry of the playbooks that come with the program.
//!
//! To ship another one, put its Markdown into `playbooks/` and add a row to
//! [`SHIPPED`]; the suite lints and walks every row.

/// A playbook that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// The name it is started by, equal to its `id`.
    pub name: &'static str,
    /// The Markdown.
    pub source: &'static str,
}

const SHIPPED: &[Shipped] = &[
    Shipped {
        name: "data-leak",
        source: include_str!("../../playbooks/data-leak.md"),
    },
    Shipped {
        name: "leaked-credential",
        source: include_str!("../../playbooks/leaked-credential.md"),
    },
    Shipped {
        name: "public-cache",
        source: include_str!("../../playbooks/public-cache.md"),
    },
];

/// Every playbook that comes with the program; the first is the default.
pub fn shipped() -> &'static [Shipped] {
    SHIPPED
}
