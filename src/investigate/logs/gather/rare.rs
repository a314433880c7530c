//! What few events have: keys, database roles, deployments, tenants of one's
//! own, and secrets that stand in the logs.

use super::super::event::{Event, NO_TIME, Place, Stamp, WhoKind};
use super::aggregates::{Period, Seen, SpillKey, Statement};
use super::room::{NAME, ROW};
use super::row::Origin;
use super::{Gather, HOMES, MOST_ROUTES, MOST_ROWS};

/// The tags of [`Gather::sources`].
const AGENT: u8 = 0;
const CLIENT: u8 = 1;

impl Gather {
    /// What few events have: keys, roles, deployments, tenants of one's own.
    pub(super) fn rarely(&mut self, event: &Event<'_>, who: u32, kind: WhoKind, period: Period) {
        let at = (event.at != NO_TIME).then_some(event.at);
        if !event.deployment.is_empty() {
            if let Some(seen) = self.deployments.get_mut(event.deployment) {
                seen.add(at, event.place);
            } else if self.deployments.len() < MOST_ROWS && self.room.named(ROW, event.deployment) {
                let mut seen = Seen::default();
                seen.add(at, event.place);
                self.deployments.insert(event.deployment.to_owned(), seen);
            } else {
                self.cut("more deployments than are kept apart");
            }
        }
        if !event.actor_tenant.is_empty() && kind == WhoKind::User {
            self.home(who, event.actor_tenant);
        }
        if matches!(kind, WhoKind::Key | WhoKind::Role) {
            self.origin(event, who, period, at);
        }
    }

    fn home(&mut self, who: u32, tenant: &str) {
        let Some(tenant) = self.tenant(tenant) else {
            return;
        };
        let who = who as usize;
        if self.homes.len() <= who {
            self.homes.resize_with(who + 1, Vec::new);
        }
        let homes = &mut self.homes[who];
        if homes.contains(&tenant) {
            return;
        }
        if homes.len() < HOMES && !self.room.take(NAME) {
            self.cut("more tenants than are kept apart");
            return;
        }
        homes.push(tenant);
        // The smallest are kept, whatever the order of the input.
        if homes.len() > HOMES
            && let Some(last) = (0..homes.len()).max_by_key(|at| self.tenants.text(homes[*at]).1)
        {
            homes.swap_remove(last);
        }
    }

    fn origin(&mut self, event: &Event<'_>, who: u32, period: Period, at: Option<Stamp>) {
        let fits = self.origins.len() < MOST_ROWS;
        let (sources, room) = (&mut self.sources, &self.room);
        let mut source = |tag, text: &str| match sources.known(tag, text) {
            None if fits && room.named(NAME, text) => Some(sources.add(tag, text)),
            known => known,
        };
        let origin = || {
            Some(Origin {
                who,
                agent: source(AGENT, family(event.agent))?,
                client: source(CLIENT, event.client)?,
                period,
            })
        };
        let known =
            |origin: &Origin| self.origins.contains_key(origin) || fits && self.room.take(ROW);
        match { origin }().filter(known) {
            Some(origin) => self.origins.entry(origin).or_default().add(at, event.place),
            None => self.cut("more origins of keys and roles than are kept apart"),
        }
    }

    /// Notes the shape of a statement that was counted; gives its place for
    /// what else is known of it.
    pub fn shape(&mut self, label: &str, known: &Statement) -> Option<&mut Statement> {
        if !self.statements.contains_key(label) {
            let fits = self.statements.len() < MOST_ROUTES;
            if !fits || !self.room.named(4 * ROW, &known.text) {
                self.cut("more shapes of statements than are kept apart");
                return None;
            }
            self.statements.insert(label.to_owned(), known.clone());
        }
        self.statements.get_mut(label)
    }

    /// Counts something secret or personal that stands in a log.
    pub fn spill(&mut self, kind: &str, piece: &str, at: Stamp, place: Place, sample: &str) {
        let key = SpillKey {
            kind: kind.to_owned(),
            piece: piece.to_owned(),
        };
        let fits = || self.spills.len() < MOST_ROWS && self.room.named(ROW, piece);
        if !self.spills.contains_key(&key) && !fits() {
            self.cut("more kinds of secrets in logs than are kept apart");
            return;
        }
        let spill = self.spills.entry(key).or_default();
        if spill.seen.place.is_none_or(|first| place < first) {
            sample.clone_into(&mut spill.sample);
        }
        spill.seen.add((at != NO_TIME).then_some(at), place);
    }
}

/// The first word of an agent: `Mozilla`, `curl`, `psql`.
fn family(agent: &str) -> &str {
    let end = agent.find(['/', ' ', '(', ';']).unwrap_or(agent.len());
    let mut end = end.min(40);
    while !agent.is_char_boundary(end) {
        end -= 1;
    }
    &agent[..end]
}
