//! The sessions of a log: who each acts for, and the execution whose records
//! are still coming. Bounded: who was not heard of for long is forgotten. A leaf.

use super::person::Person;
use crate::investigate::logs::event::{NO_TIME, Place, Stamp};
use ahash::RandomState;
use hashbrown::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;

/// Sessions kept at once.
const MOST: usize = 4_096;
/// A longer statement waits for nothing.
pub const LONGEST: usize = 16 << 10;

/// Which records of an execution have come.
pub mod came {
    /// The statement itself, with or without its duration.
    pub const RUN: u8 = 1;
    pub const AUDIT: u8 = 2;
    pub const PLAN: u8 = 4;
    /// It has begun; whether it worked is not told yet.
    pub const TOOK: u8 = 8;
}

/// One execution whose records are still coming.
#[derive(Debug, Default)]
pub struct Pending {
    /// Which records have come; 0 when there is no execution.
    pub came: u8,
    pub at: Stamp,
    pub place: Place,
    pub status: u16,
    pub rows: Option<u64>,
    pub nanos: Option<u64>,
    pub audit: (u64, u64),
    pub person: Option<Arc<Person>>,
    pub statement: String,
    pub parameters: String,
    pub user: String,
    pub client: String,
    pub app: String,
    pub sqlstate: String,
    pub id: String,
}

/// One session.
#[derive(Debug, Default)]
pub struct Session {
    pub key: String,
    /// For the transaction at hand, and which one that is.
    pub local: Option<Arc<Person>>,
    pub vxid: String,
    /// A record after the claims named the same transaction: in this log a
    /// transaction's name can be relied on.
    pub proven: bool,
    /// Until it is reset.
    pub lasting: Option<Arc<Person>>,
    /// The logged user, to tell when a process number is used again.
    pub user: String,
    pub pending: Pending,
    heard: bool,
}

impl Session {
    /// Who the session acts for in a transaction.
    pub fn person(&self, vxid: &str) -> Option<&Arc<Person>> {
        let local = self.local.as_ref().filter(|_| {
            !self.proven || !is_real(vxid) || !is_real(&self.vxid) || self.vxid == vxid
        });
        local.or(self.lasting.as_ref())
    }

    /// Notes the transaction of a record.
    pub fn within(&mut self, vxid: &str) {
        self.proven |= is_real(vxid) && self.vxid == vxid;
    }

    /// A transaction begins or ends.
    pub fn turn(&mut self) {
        self.local = None;
        self.vxid.clear();
    }

    /// Forgets who it acts for.
    pub fn reset(&mut self) {
        self.local = None;
        self.lasting = None;
        self.vxid.clear();
    }
}

/// `3/1204` is a transaction, `3/0` and nothing are none.
fn is_real(vxid: &str) -> bool {
    !vxid.is_empty() && !vxid.ends_with("/0")
}

/// All sessions of one piece.
#[derive(Debug, Default)]
pub struct Sessions {
    hasher: RandomState,
    by_key: HashMap<u64, u32, RandomState>,
    all: Vec<Session>,
    order: VecDeque<u32>,
    last: Option<(u64, u32)>,
}

impl Sessions {
    /// The session of that name; another may have to go, which is given to
    /// `gone` first.
    pub fn of(&mut self, key: &str, gone: &mut dyn FnMut(&mut Session)) -> &mut Session {
        if let Some((_, at)) = self.last
            && self.all[at as usize].key == key
        {
            return &mut self.all[at as usize];
        }
        let hash = self.hasher.hash_one(key);
        let known = self.by_key.get(&hash).copied();
        let at = match known {
            Some(at) if self.all[at as usize].key == key => at,
            _ => self.add(hash, key, gone),
        };
        self.last = Some((hash, at));
        let session = &mut self.all[at as usize];
        session.heard = known == Some(at);
        session
    }

    fn add(&mut self, hash: u64, key: &str, gone: &mut dyn FnMut(&mut Session)) -> u32 {
        let at = if self.all.len() < MOST {
            self.all.push(Session::default());
            u32::try_from(self.all.len() - 1).unwrap_or(0)
        } else {
            self.oldest()
        };
        let session = &mut self.all[at as usize];
        if !session.key.is_empty() || session.pending.came != 0 {
            gone(session);
            let old = self.hasher.hash_one(session.key.as_str());
            self.by_key.remove(&old);
        }
        session.reset();
        session.proven = false;
        session.pending.came = 0;
        session.user.clear();
        key.clone_into(&mut session.key);
        self.by_key.insert(hash, at);
        self.order.push_back(at);
        at
    }

    /// The one not heard of for longest, nearly.
    fn oldest(&mut self) -> u32 {
        loop {
            let Some(at) = self.order.pop_front() else {
                return 0;
            };
            let session = &mut self.all[at as usize];
            if !std::mem::take(&mut session.heard) {
                return at;
            }
            self.order.push_back(at);
        }
    }

    /// Every session, at the end.
    pub fn each(&mut self, take: &mut dyn FnMut(&mut Session)) {
        for session in &mut self.all {
            take(session);
        }
    }
}

/// A pending execution with nothing in it.
pub fn clear(pending: &mut Pending) {
    pending.came = 0;
    pending.at = NO_TIME;
    pending.status = 200;
    pending.rows = None;
    pending.nanos = None;
    pending.audit = (0, 0);
    pending.person = None;
    for text in [
        &mut pending.statement,
        &mut pending.parameters,
        &mut pending.user,
        &mut pending.client,
        &mut pending.app,
        &mut pending.sqlstate,
        &mut pending.id,
    ] {
        text.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_without_end_stay_within_bounds() {
        let mut sessions = Sessions::default();
        let mut gone = 0;
        for number in 0..3 * MOST {
            sessions.of("busy", &mut |_| gone += 1).user = "b".to_owned();
            sessions.of(&number.to_string(), &mut |_| gone += 1);
        }
        assert_eq!(sessions.all.len(), MOST);
        assert_eq!(sessions.by_key.len(), MOST);
        assert_eq!(sessions.of("busy", &mut |_| ()).user, "b");
        assert_eq!(gone, 2 * MOST + 1);
    }
}
