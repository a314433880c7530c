//! The leaks a lab can have, one row each; the SQL is in `sql/shapes/`.
//!
//! To add one: write the SQL file (it runs as the tables' owner, after the
//! sound schema and the data), add a row, and run `cargo test shapes`: every
//! row is proven to leak as it says, and to be closed by its revoke.

use crate::domain::digest::Digest;
use crate::domain::exposure::PrincipalKind::{self, Anonymous, AppRole, Ghost, Member};

/// A kind of leak, and the truth about a lab that has it.
#[derive(Debug)]
pub struct Shape {
    /// The stable id; a drill can be named after it.
    pub id: &'static str,
    pub title: &'static str,
    /// `schema.relation` of the rows that get out, as the reader names it.
    pub relation: &'static str,
    /// Who reads rows it must not.
    pub leaks: &'static [PrincipalKind],
    /// The object to blame, as a finding names its subject.
    pub culprit: &'static str,
    /// What closes it at once.
    pub revoke: Revoke,
    /// What to tell the team afterwards.
    pub debrief: &'static str,
    /// The statements that plant it.
    pub(super) sql: &'static str,
}

/// The grant to take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoke {
    /// Reading a relation.
    Select {
        relation: &'static str,
        roles: &'static [&'static str],
    },
    /// Calling a function.
    Execute {
        function: &'static str,
        roles: &'static [&'static str],
    },
}

impl Revoke {
    /// The statement. All names are our own and need no quoting.
    pub fn sql(&self) -> String {
        match self {
            Self::Select { relation, roles } => {
                format!("revoke select on {relation} from {}", roles.join(", "))
            }
            Self::Execute { function, roles } => {
                format!(
                    "revoke execute on function {function} from {}",
                    roles.join(", ")
                )
            }
        }
    }
}

/// The shape with this id.
pub fn by_id(id: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.id == id)
}

/// The shape a seed stands for: always the same one. Only leaks through a
/// relation are drawn: those can be proven by reading alone. A function would
/// have to be called, which a responder's probe never does.
pub fn by_seed(seed: u64) -> &'static Shape {
    let shapes: Vec<&Shape> = SHAPES
        .iter()
        .filter(|shape| matches!(shape.revoke, Revoke::Select { .. }))
        .collect();
    shapes[drawn(&format!("leak {seed}"), shapes.len())]
}

/// A number below `n` that a key stands for; `n` must not be zero.
pub(super) fn drawn(key: &str, n: usize) -> usize {
    let digest = Digest::of(key.as_bytes());
    let number = digest.as_str().bytes().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(byte))
    });
    number % n
}

const API: &[&str] = &["anon", "authenticated"];
const SIGNED_IN: &[&str] = &["authenticated"];

macro_rules! sql {
    ($id:literal) => {
        include_str!(concat!("sql/shapes/", $id, ".sql"))
    };
}

/// Every kind of leak.
pub const SHAPES: &[Shape] = &[
    Shape {
        id: "rls-off",
        title: "Row security is switched off",
        relation: "public.customers",
        leaks: &[Anonymous, Ghost, Member, AppRole],
        culprit: "public.customers",
        revoke: Revoke::Select {
            relation: "public.customers",
            roles: &["anon", "authenticated", "app_backend"],
        },
        debrief: "The policies on customers were sound, but row security was off, so none applied.",
        sql: sql!("rls-off"),
    },
    Shape {
        id: "all-true",
        title: "A policy for everything that is always true",
        relation: "public.support_tickets",
        leaks: &[Anonymous, Ghost, Member],
        culprit: "enable all access on public.support_tickets",
        revoke: Revoke::Select {
            relation: "public.support_tickets",
            roles: API,
        },
        debrief: "One policy for all commands with `using (true)` let everybody read and write tickets.",
        sql: sql!("all-true"),
    },
    Shape {
        id: "select-true",
        title: "A read policy that is always true",
        relation: "public.customers",
        leaks: &[Ghost, Member],
        culprit: "read access for the admin screen on public.customers",
        revoke: Revoke::Select {
            relation: "public.customers",
            roles: SIGNED_IN,
        },
        debrief: "A read policy with `using (true)` gave every signed-in account all customers.",
        sql: sql!("select-true"),
    },
    Shape {
        id: "signed-in",
        title: "Having an account is taken for permission",
        relation: "public.profiles",
        leaks: &[Ghost, Member],
        culprit: "profiles are visible to people with an account on public.profiles",
        revoke: Revoke::Select {
            relation: "public.profiles",
            roles: SIGNED_IN,
        },
        debrief: "The policy asked only whether somebody is signed in, not who.",
        sql: sql!("signed-in"),
    },
    Shape {
        id: "role-authenticated",
        title: "The role of every account is taken for permission",
        relation: "public.invoices",
        leaks: &[Ghost, Member],
        culprit: "signed-in users read invoices on public.invoices",
        revoke: Revoke::Select {
            relation: "public.invoices",
            roles: SIGNED_IN,
        },
        debrief: "The policy compared the role, which is the same for every account.",
        sql: sql!("role-authenticated"),
    },
    Shape {
        id: "org-not-null",
        title: "A null test where a comparison was meant",
        relation: "public.subscriptions",
        leaks: &[Anonymous, Ghost, Member, AppRole],
        culprit: "subscriptions of organisations on public.subscriptions",
        revoke: Revoke::Select {
            relation: "public.subscriptions",
            roles: &["anon", "authenticated", "app_backend"],
        },
        debrief: "`org_id is not null` holds for every row, whoever asks.",
        sql: sql!("org-not-null"),
    },
    Shape {
        id: "helper-true",
        title: "A policy helper that always says yes",
        relation: "public.invoices",
        leaks: &[Ghost, Member],
        culprit: "members read invoices on public.invoices",
        revoke: Revoke::Select {
            relation: "public.invoices",
            roles: SIGNED_IN,
        },
        debrief: "The policy reads well; the helper it trusts was still a stub that returns true.",
        sql: sql!("helper-true"),
    },
    Shape {
        id: "helper-ignores-argument",
        title: "A policy helper that ignores what it is asked",
        relation: "public.invoices",
        leaks: &[Member],
        culprit: "members read invoices on public.invoices",
        revoke: Revoke::Select {
            relation: "public.invoices",
            roles: SIGNED_IN,
        },
        debrief: "The helper asked whether the caller belongs to any organisation, not to this one.",
        sql: sql!("helper-ignores-argument"),
    },
    Shape {
        id: "captured-column",
        title: "A column compared with itself",
        relation: "public.customers",
        leaks: &[Member],
        culprit: "members read customers on public.customers",
        revoke: Revoke::Select {
            relation: "public.customers",
            roles: SIGNED_IN,
        },
        debrief: "Inside the sub-query `org_id` meant the membership's own column, so any membership matched.",
        sql: sql!("captured-column"),
    },
    Shape {
        id: "partition-child",
        title: "A partition without row security",
        relation: "public.payments_2025",
        leaks: &[Anonymous, Ghost, Member],
        culprit: "public.payments_2025",
        revoke: Revoke::Select {
            relation: "public.payments_2025",
            roles: API,
        },
        debrief: "The parent's policies apply only to reads through the parent; the partition was readable by name.",
        sql: sql!("partition-child"),
    },
    Shape {
        id: "partition-parent",
        title: "Row security on the partitions but not on the parent",
        relation: "public.payments",
        leaks: &[Anonymous, Ghost, Member],
        culprit: "public.payments",
        revoke: Revoke::Select {
            relation: "public.payments",
            roles: API,
        },
        debrief: "A read through the parent uses the parent's row security, and that was off.",
        sql: sql!("partition-parent"),
    },
    Shape {
        id: "app-role-true",
        title: "A true policy for the application's own login",
        relation: "public.invoices",
        leaks: &[AppRole],
        culprit: "backend reads invoices on public.invoices",
        revoke: Revoke::Select {
            relation: "public.invoices",
            roles: &["app_backend"],
        },
        debrief: "The API roles were sound; the application's own login read every organisation's invoices.",
        sql: sql!("app-role-true"),
    },
    Shape {
        id: "definer-view",
        title: "A view with its owner's rights",
        relation: "public.customer_overview",
        leaks: &[Anonymous, Ghost, Member],
        culprit: "public.customer_overview",
        revoke: Revoke::Select {
            relation: "public.customer_overview",
            roles: API,
        },
        debrief: "The view ran as the tables' owner, to whom row security does not apply.",
        sql: sql!("definer-view"),
    },
    Shape {
        id: "definer-function",
        title: "A function with its owner's rights",
        relation: "public.search_customers('')",
        leaks: &[Anonymous, Ghost, Member, AppRole],
        culprit: "public.search_customers(text)",
        revoke: Revoke::Execute {
            function: "public.search_customers(text)",
            roles: &["public", "anon", "authenticated"],
        },
        debrief: "Anybody may call a new function; this one ran as the tables' owner and returned every row.",
        sql: sql!("definer-function"),
    },
    Shape {
        id: "definer-helper",
        title: "A policy that trusts a list with its owner's rights",
        relation: "public.customers",
        leaks: &[Ghost, Member],
        culprit: "members read visible customers on public.customers",
        revoke: Revoke::Select {
            relation: "public.customers",
            roles: SIGNED_IN,
        },
        debrief: "The helper listed the customers its owner sees, which is all of them.",
        sql: sql!("definer-helper"),
    },
    Shape {
        id: "permissive-or",
        title: "A second policy that widens the first",
        relation: "public.support_tickets",
        leaks: &[Anonymous, Ghost, Member],
        culprit: "archived tickets are hidden on public.support_tickets",
        revoke: Revoke::Select {
            relation: "public.support_tickets",
            roles: API,
        },
        debrief: "Permissive policies are alternatives: the one meant to hide rows showed all others to everybody.",
        sql: sql!("permissive-or"),
    },
    Shape {
        id: "null-claim",
        title: "No session counts as a trusted job",
        relation: "public.stripe_events",
        leaks: &[Anonymous],
        culprit: "admins and jobs read events on public.stripe_events",
        revoke: Revoke::Select {
            relation: "public.stripe_events",
            roles: &["anon"],
        },
        debrief: "`auth.uid() is null` was meant for background jobs and is true for every stranger.",
        sql: sql!("null-claim"),
    },
    Shape {
        id: "backup-copy",
        title: "A copy that left row security behind",
        relation: "public.customers_backup_20260914",
        leaks: &[Anonymous, Ghost, Member],
        culprit: "public.customers_backup_20260914",
        revoke: Revoke::Select {
            relation: "public.customers_backup_20260914",
            roles: API,
        },
        debrief: "A table made from a query has the rows but not the policies, and was granted by default.",
        sql: sql!("backup-copy"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_seed_always_means_the_same_leak_and_seeds_reach_all_drawn_ones() {
        assert_eq!(by_seed(7).id, by_seed(7).id);
        let reached: BTreeSet<&str> = (0..2000).map(|seed| by_seed(seed).id).collect();
        assert_eq!(reached.len(), SHAPES.len() - 1);
        assert!(!reached.contains("definer-function"));
    }

    #[test]
    fn ids_are_unique() {
        let ids: BTreeSet<&str> = SHAPES.iter().map(|shape| shape.id).collect();
        assert_eq!(ids.len(), SHAPES.len());
    }
}
