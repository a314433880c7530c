//! What every cut of rights shares: how it is described, and who is told to
//! lose what.

use crate::contain::restrict::acl::Effect;
use crate::contain::restrict::grant::Grant;
use crate::contain::restrict::manner::Manner;
use crate::contain::restrict::paths::Around;
use crate::contain::restrict::rights;
use crate::domain::action::ActionSpec;
use crate::domain::finding::Evidence;
use crate::domain::untrusted::visible;
use std::time::Duration;

/// What the registry says of it.
pub static SPEC: ActionSpec = ActionSpec {
    id: "restrict.revoke",
    title: "Take the right to read from the roles that leak it",
    locks: "no table lock; running reads finish, the next statement is refused",
};

/// How rights are compared and changed.
pub static RIGHTS: Manner = Manner {
    of: "the rights",
    live: rights::live,
    // Rights are rows of a catalog: nobody holds them for long.
    lock: Duration::from_secs(2),
    tries: 1,
    apart: false,
    undo_locks: "no table lock; the next statement reads again",
};

/// Rights spelled out in a plan; the statements and the digest have them all.
const TOLD: usize = 20;

/// Rights in words, as evidence.
pub fn rights_told(what: &str, rights: &[Grant]) -> Vec<Evidence> {
    let mut out: Vec<Evidence> = rights
        .iter()
        .take(TOLD)
        .map(|grant| Evidence::new(what, &grant.told()))
        .collect();
    if rights.len() > TOLD {
        out.push(Evidence::new(
            what,
            &format!("and {} more", rights.len() - TOLD),
        ));
    }
    out
}

/// Who loses access, one line each.
pub fn affected(effect: &Effect, around: &[Around]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for grant in effect.taken.iter().chain(&effect.dependent) {
        let line = match &grant.grantee {
            None => "every role without a right of its own (PUBLIC)".to_owned(),
            Some(role) => visible(role),
        };
        if !out.contains(&line) {
            out.push(line);
        }
    }
    for role in around {
        for member in &role.members {
            let line = format!(
                "{}, as a member of {}",
                visible(member),
                visible(&role.role)
            );
            if !out.contains(&line) {
                out.push(line);
            }
        }
    }
    out
}
