//! Which containments fit what a screen points at, the least harmful first.
//! What each locks and breaks is told before one is planned.

use crate::domain::finding::{Finding, SubjectKind};
use crate::domain::incident::Incident;

/// What a containment is aimed at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aim {
    pub kind: SubjectKind,
    /// As findings and the matrix name it.
    pub name: String,
    /// Those seen to leak through a relation; others are looked up.
    pub principals: Vec<String>,
}

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    Whole,
    /// Of a relation, the columns that nobody publishes.
    PrivateColumns,
}

/// One containment that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub action: &'static str,
    pub share: Share,
    /// A word to choose it by, what it locks and what breaks.
    pub label: &'static str,
}

const REVOKE: Offer = Offer {
    action: "restrict.revoke",
    share: Share::Whole,
    label: "revoke: no lock; their next read is refused, pages show errors",
};
const COLUMNS: Offer = Offer {
    action: "restrict.revoke",
    share: Share::PrivateColumns,
    label: "columns: no lock; only private columns are refused, SELECT * fails",
};
const DENY: Offer = Offer {
    action: "restrict.deny",
    share: Share::Whole,
    label: "deny: short exclusive lock; they get no rows, pages look empty",
};
const RLS: Offer = Offer {
    action: "restrict.rls",
    share: Share::Whole,
    label: "rls: short exclusive lock; whoever has no policy gets no rows",
};
const CALLS: Offer = Offer {
    action: "restrict.revoke",
    share: Share::Whole,
    label: "revoke: no lock; their next call is refused",
};
const SCHEMA: Offer = Offer {
    action: "restrict.revoke",
    share: Share::Whole,
    label: "revoke: no lock; all they use in the schema is refused",
};
const LOGIN: Offer = Offer {
    action: "restrict.nologin",
    share: Share::Whole,
    label: "nologin: no lock; new logins are refused, open sessions end",
};

/// What fits a subject; nothing, where no action is built in.
pub fn fitting(incident: &Incident, aim: &Aim) -> Vec<Offer> {
    match aim.kind {
        // Where a policy is to blame, row-level security is on already.
        SubjectKind::Table if policy_to_blame(incident, &aim.name) => {
            vec![REVOKE, COLUMNS, DENY]
        }
        SubjectKind::Table => vec![REVOKE, COLUMNS, RLS, DENY],
        SubjectKind::View | SubjectKind::MaterializedView | SubjectKind::ForeignTable => {
            vec![REVOKE, COLUMNS]
        }
        SubjectKind::Function => vec![CALLS],
        SubjectKind::Schema => vec![SCHEMA],
        SubjectKind::Role => vec![LOGIN],
        _ => Vec::new(),
    }
}

fn policy_to_blame(incident: &Incident, relation: &str) -> bool {
    incident.standing_findings().any(|raised| {
        let subject = &raised.finding.subject;
        subject.kind == SubjectKind::Policy
            && subject
                .name
                .strip_suffix(relation)
                .is_some_and(|name| name.ends_with(' '))
    })
}

/// The subject of a finding that is contained as it stands, relations apart:
/// those are contained where they were seen to leak.
pub fn direct(finding: &Finding) -> Option<Aim> {
    let subject = &finding.subject;
    let direct = matches!(
        subject.kind,
        SubjectKind::Function | SubjectKind::Schema | SubjectKind::Role
    );
    direct.then(|| Aim {
        kind: subject.kind,
        name: subject.name.clone(),
        principals: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_offer_is_chosen_by_its_first_word_and_fits_a_narrow_terminal() {
        let incident = Incident::default();
        for kind in [
            SubjectKind::Table,
            SubjectKind::View,
            SubjectKind::Function,
            SubjectKind::Schema,
            SubjectKind::Role,
        ] {
            let aim = Aim {
                kind,
                name: "public.t".to_owned(),
                principals: Vec::new(),
            };
            let offers = fitting(&incident, &aim);
            assert!(!offers.is_empty());
            let mut words: Vec<&str> = offers
                .iter()
                .filter_map(|offer| offer.label.split(':').next())
                .collect();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), offers.len(), "{offers:?}");
            assert!(offers.iter().all(|offer| offer.label.len() <= 74));
            assert!(offers.iter().all(|offer| offer.label.contains("lock")));
        }
    }
}
