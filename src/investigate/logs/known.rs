//! What a person knows besides the logs: who the users are, whose objects
//! which ids are, which routes are private and whose. All of it is optional;
//! the rules say what each missing part costs.
//!
//! Reading the files is in `known/`.

pub mod read;

use super::gather::distinct::hash;
use super::templates::Templates;
use ahash::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A user as the app knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// The name shown, whichever alias a log used.
    pub id: String,
    pub role: String,
    /// Tenants whose data it may see: its own and those assigned to it.
    pub tenants: BTreeSet<String>,
    /// `active`, `suspended`, `deleted`, or empty.
    pub status: String,
}

impl User {
    /// Whether the account should not be in use.
    pub fn is_barred(&self) -> bool {
        const BARRED: [&str; 8] = [
            "suspended",
            "deleted",
            "disabled",
            "banned",
            "inactive",
            "deactivated",
            "blocked",
            "removed",
        ];
        BARRED.contains(&self.status.to_ascii_lowercase().as_str())
    }
}

/// A route as the app declares it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// What it is: `list`, `detail`, `export`, `page`, or empty.
    pub kind: String,
    /// Roles that may use it; empty where that is not said.
    pub roles: BTreeSet<String>,
    /// Whether it needs a signed-in principal; `None` where not said.
    pub private: Option<bool>,
}

/// Everything known besides the logs.
#[derive(Debug, Clone, Default)]
pub struct Known {
    users: Vec<User>,
    /// Every name of a user, in small letters, to its place in `users`.
    names: HashMap<String, usize, RandomState>,
    /// The place of the tenant in `tenants`, by the hash of a customer's id.
    customers: HashMap<u64, usize, RandomState>,
    tenants: Vec<String>,
    places: HashMap<String, usize, RandomState>,
    /// By method and template, `GET /api/customers/:id`.
    pub routes: BTreeMap<String, Declared>,
    has_users: bool,
    has_customers: bool,
}

impl Known {
    /// Adds a user under all its names.
    pub fn add_user<N: AsRef<str>>(&mut self, user: User, names: impl IntoIterator<Item = N>) {
        self.has_users = true;
        let at = self.users.len();
        self.names.insert(user.id.to_lowercase(), at);
        for name in names {
            let name = name.as_ref().to_lowercase();
            self.names.entry(name).or_insert(at);
        }
        self.users.push(user);
    }

    /// Adds a customer and whose it is.
    pub fn add_customer(&mut self, id: &str, tenant: &str) {
        self.has_customers = true;
        let place = if let Some(place) = self.places.get(tenant) {
            *place
        } else {
            self.tenants.push(tenant.to_owned());
            let place = self.tenants.len() - 1;
            self.places.insert(tenant.to_owned(), place);
            place
        };
        self.customers.insert(hash(id.as_bytes()), place);
    }

    /// The user a log calls by that name.
    pub fn user(&self, name: &str) -> Option<&User> {
        self.names
            .get(name)
            .or_else(|| self.names.get(&name.to_lowercase()))
            .and_then(|at| self.users.get(*at))
    }

    /// The tenant of an object by its hash.
    pub fn tenant_of(&self, object: u64) -> Option<&str> {
        let place = self.customers.get(&object)?;
        self.tenants.get(*place).map(String::as_str)
    }

    /// The templates of the routes.
    pub fn templates(&self) -> Templates {
        let paths = self.routes.keys().filter_map(|route| route.split_once(' '));
        Templates::of(paths.map(|(_, path)| path))
    }

    /// Every user.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.iter()
    }

    /// The tenant of every customer, each as often as it has customers.
    pub fn tenants(&self) -> impl Iterator<Item = &str> {
        let places = self.customers.values();
        places.filter_map(|place| Some(self.tenants.get(*place)?.as_str()))
    }

    /// Whether a users file was given.
    pub const fn has_users(&self) -> bool {
        self.has_users
    }

    /// Whether a customers file was given.
    pub const fn has_customers(&self) -> bool {
        self.has_customers
    }

    /// How many customers there are.
    pub fn customers(&self) -> usize {
        self.customers.len()
    }
}
