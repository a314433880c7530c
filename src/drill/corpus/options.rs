//! What a corpus is to hold. A leaf.

use serde::Serialize;

/// How the ids of customers look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ids {
    /// `1001`, `1002`, .. with gaps.
    #[default]
    Numbers,
    /// `cus_9s6XKzkNRiz8i3`.
    Prefixed,
    Uuids,
}

/// A leak that is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Plant {
    /// Walks the ids of all customers.
    Walker,
    /// Reads customers of other tenants since the release, at human pace.
    CrossTenant,
    /// Takes far more rows than anybody before.
    BulkExporter,
    /// A suspended account that is in use.
    Suspended,
    /// A member gets answers of a route for administrators.
    RoleMismatch,
    /// A list answers with everybody's rows, whoever asks.
    Oversize,
    /// A route refuses most people since the release.
    RefusalSpike,
    /// A route that refused some people refuses nobody any more.
    VanishedRefusals,
    /// A private page comes from a shared cache.
    CachedPage,
    /// A private route answers people who are not signed in.
    Unauthenticated,
    /// A program prints a secret.
    Secret,
}

impl Plant {
    /// Every plant.
    pub const ALL: [Self; 11] = [
        Self::Walker,
        Self::CrossTenant,
        Self::BulkExporter,
        Self::Suspended,
        Self::RoleMismatch,
        Self::Oversize,
        Self::RefusalSpike,
        Self::VanishedRefusals,
        Self::CachedPage,
        Self::Unauthenticated,
        Self::Secret,
    ];
}

/// Somebody or something that looks like a leak and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decoy {
    /// Reads all tenants, before as after.
    Superadmin,
    /// Support that all tenants are assigned to.
    GlobalSupport,
    /// A service that reads every customer in order, before as after.
    BillingSync,
    /// Exports much, before as after.
    MonthEnd,
    /// First seen after the release, at its own tenant.
    NewHire,
    /// Crawls every page of its own tenant, in the order of the list.
    Crawler,
    /// Many are refused for some minutes since their tokens ran out.
    ExpiredTokens,
    /// A scanner of addresses that do not exist.
    Scanner,
    /// The owner's dump of the database, before as after; in database logs.
    Dump,
}

impl Decoy {
    /// Every decoy.
    pub const ALL: [Self; 9] = [
        Self::Superadmin,
        Self::GlobalSupport,
        Self::BillingSync,
        Self::MonthEnd,
        Self::NewHire,
        Self::Crawler,
        Self::ExpiredTokens,
        Self::Scanner,
        Self::Dump,
    ];
}

/// 2026-03-10T10:00:00Z in nanoseconds since 1970.
const RELEASE: i64 = 1_773_136_800_000_000_000;

/// What a corpus is to hold.
#[derive(Debug, Clone)]
pub struct Options {
    /// Requests of ordinary people and programs; plants and decoys come on top.
    pub requests: usize,
    pub orgs: usize,
    /// People of the tenants; staff and services come on top.
    pub people: usize,
    pub customers: usize,
    pub ids: Ids,
    /// Nanoseconds since 1970 UTC.
    pub release: i64,
    pub hours_before: u64,
    pub hours_after: u64,
    pub plants: Vec<Plant>,
    pub decoys: Vec<Decoy>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            requests: 60_000,
            orgs: 40,
            people: 400,
            customers: 6_000,
            ids: Ids::Numbers,
            release: RELEASE,
            hours_before: 6,
            hours_after: 6,
            plants: Plant::ALL.to_vec(),
            decoys: Decoy::ALL.to_vec(),
        }
    }
}

impl Options {
    /// Whether that leak is planted.
    pub fn has(&self, plant: Plant) -> bool {
        self.plants.contains(&plant)
    }

    /// Whether that decoy is about.
    pub fn holds(&self, decoy: Decoy) -> bool {
        self.decoys.contains(&decoy)
    }

    /// The first moment, nanoseconds.
    pub fn from(&self) -> i64 {
        self.release - hours(self.hours_before)
    }

    /// The moment after the last, nanoseconds.
    pub fn to(&self) -> i64 {
        self.release + hours(self.hours_after)
    }
}

/// Nanoseconds of some hours.
fn hours(hours: u64) -> i64 {
    i64::try_from(hours)
        .unwrap_or(0)
        .saturating_mul(3_600_000_000_000)
}
