//! What is planted, counted from the stream itself: what a check must find,
//! and whom it must not accuse.

use super::hit::Hit;
use super::model::{Model, address};
use super::options::{Decoy, Options, Plant};
use super::routes::Way;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Sums over some requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub requests: u64,
    pub ok: u64,
    pub refused: u64,
    pub missing: u64,
    /// Different customers that went out.
    pub objects: u64,
    /// Those of tenants that are not the reader's.
    pub foreign: u64,
    /// Tenants of the customers that went out.
    pub tenants: u64,
    pub foreign_tenants: u64,
    /// Rows and bytes of answers that went out.
    pub rows: u64,
    pub bytes: u64,
    pub most_rows: u64,
    /// Different people and addresses.
    pub people: u64,
    pub addresses: u64,
    /// Nanoseconds since 1970; of answers of every kind.
    pub first: Option<i64>,
    pub last: Option<i64>,
}

/// An account by all its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    pub id: String,
    pub uuid: String,
    pub email: String,
    pub role: String,
    pub org: String,
    pub address: String,
}

/// One leak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Planted {
    pub plant: Plant,
    /// The rule that must find it.
    pub rule: &'static str,
    /// Rules that may speak of it besides.
    pub also: &'static [&'static str],
    pub actor: Option<Account>,
    /// Who it is where no account is behind it.
    pub address: Option<String>,
    /// Method and template, where it is about a route.
    pub route: Option<String>,
    /// The planted requests alone.
    pub planted: Counts,
    /// All that the actor, or else the route, did after the release, as far
    /// as logs can name the actor.
    pub after: Counts,
    /// Accounts that got what they should not, without a fault of theirs.
    pub recipients: Vec<String>,
}

/// Somebody who must not be accused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bystander {
    pub decoy: Decoy,
    pub account: Option<Account>,
    pub address: Option<String>,
}

/// What a corpus holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Truth {
    pub seed: u64,
    /// Nanoseconds since 1970.
    pub release: i64,
    pub from: i64,
    pub to: i64,
    pub requests: u64,
    pub planted: Vec<Planted>,
    pub bystanders: Vec<Bystander>,
}

/// The address of the reader without a session.
pub const READER: u32 = 0xCB00_7158;
/// The address of the scanner.
pub const SCANNER: u32 = 0xC633_6422;

/// The rule of each plant, others that may speak of it, and its route.
const fn expected(plant: Plant) -> (&'static str, &'static [&'static str], Option<Way>) {
    match plant {
        Plant::Walker => ("R1", &["R2", "R3"], None),
        Plant::CrossTenant => ("R2", &["R1"], None),
        Plant::BulkExporter => ("R3", &[], None),
        Plant::Suspended => ("R7", &[], None),
        Plant::RoleMismatch => ("R6", &[], Some(Way::AdminUsers)),
        Plant::Oversize => ("R4", &["R5"], Some(Way::Tickets)),
        Plant::RefusalSpike => ("R8", &[], Some(Way::Usage)),
        Plant::VanishedRefusals => ("R8", &[], Some(Way::Document)),
        Plant::CachedPage => ("R9", &["R11"], Some(Way::BillingPage)),
        Plant::Unauthenticated => ("R11", &["R1", "R2"], Some(Way::Notes)),
        Plant::Secret => ("R10", &[], None),
    }
}

impl Truth {
    /// Counts a finished stream.
    pub fn of(
        seed: u64,
        options: &Options,
        model: &Model,
        hits: &[Hit],
        actors: &BTreeMap<Plant, usize>,
        decoys: &BTreeMap<Decoy, usize>,
    ) -> Self {
        let planted = options
            .plants
            .iter()
            .map(|plant| planted(*plant, options, model, hits, actors.get(plant).copied()))
            .collect();
        let bystanders = options
            .decoys
            .iter()
            .map(|decoy| Bystander {
                decoy: *decoy,
                account: decoys.get(decoy).map(|user| account(model, *user)),
                address: (*decoy == Decoy::Scanner).then(|| address(SCANNER)),
            })
            .collect();
        Self {
            seed,
            release: options.release,
            from: options.from(),
            to: options.to(),
            requests: hits.len() as u64,
            planted,
            bystanders,
        }
    }
}

fn planted(
    plant: Plant,
    options: &Options,
    model: &Model,
    hits: &[Hit],
    actor: Option<usize>,
) -> Planted {
    let (rule, also, way) = expected(plant);
    let its = |hit: &&Hit| hit.plant == Some(plant);
    let late = |hit: &&Hit| hit.at > options.release;
    let after = match (actor, way) {
        (Some(actor), _) => Counts::of(
            model,
            hits.iter()
                .filter(late)
                .filter(|hit| hit.user == Some(actor) && hit.known),
        ),
        (None, Some(way)) => {
            Counts::of(model, hits.iter().filter(late).filter(|hit| hit.way == way))
        }
        (None, None) => Counts::of(model, hits.iter().filter(late).filter(its)),
    };
    let recipients: BTreeSet<&str> = hits
        .iter()
        .filter(its)
        .filter(|hit| hit.is_ok() && actor.is_none())
        .filter_map(|hit| hit.user)
        .map(|user| model.users[user].id.as_str())
        .collect();
    Planted {
        plant,
        rule,
        also,
        actor: actor.map(|user| account(model, user)),
        address: (plant == Plant::Unauthenticated).then(|| address(READER)),
        route: way.map(Way::name),
        planted: Counts::of(model, hits.iter().filter(its).filter(late)),
        after,
        recipients: recipients.into_iter().map(str::to_owned).collect(),
    }
}

/// An account by all its names.
pub fn account(model: &Model, user: usize) -> Account {
    let user = &model.users[user];
    Account {
        id: user.id.clone(),
        uuid: user.uuid.clone(),
        email: user.email.clone(),
        role: user.role.word().to_owned(),
        org: model.orgs[user.org].clone(),
        address: address(user.client),
    }
}

impl Counts {
    /// Sums over requests.
    pub fn of<'a>(model: &Model, hits: impl Iterator<Item = &'a Hit>) -> Self {
        let mut counts = Self::default();
        let mut objects = BTreeSet::new();
        let mut foreign = BTreeSet::new();
        let (mut people, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for hit in hits {
            counts.requests += 1;
            counts.first = Some(counts.first.map_or(hit.at, |first| first.min(hit.at)));
            counts.last = counts.last.max(Some(hit.at));
            counts.refused += u64::from(hit.is_refused());
            counts.missing += u64::from(hit.status == 404);
            people.extend(hit.user);
            addresses.insert(hit.client);
            if !hit.is_ok() {
                continue;
            }
            counts.ok += 1;
            counts.rows += hit.rows.unwrap_or(0);
            counts.most_rows = counts.most_rows.max(hit.rows.unwrap_or(0));
            counts.bytes += hit.bytes;
            if let Some(customer) = hit.customer {
                objects.insert(customer);
                if !hit.user.is_some_and(|user| model.may(user, hit.org)) {
                    foreign.insert(customer);
                }
            }
        }
        let tenants = |of: &BTreeSet<usize>| {
            let orgs: BTreeSet<usize> = of.iter().map(|at| model.customers[*at].org).collect();
            orgs.len() as u64
        };
        counts.tenants = tenants(&objects);
        counts.foreign_tenants = tenants(&foreign);
        counts.objects = objects.len() as u64;
        counts.foreign = foreign.len() as u64;
        counts.people = people.len() as u64;
        counts.addresses = addresses.len() as u64;
        counts
    }
}
