//! The app's people and what it holds: tenants, users, customers. A leaf but
//! for the dice.

use super::dice::Dice;
use super::options::{Ids, Options};

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Superadmin,
    Support,
    Admin,
    Member,
    /// A program's account.
    Service,
    Qa,
}

impl Role {
    /// The word in tokens, logs and tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Superadmin => "superadmin",
            Self::Support => "support",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Service => "billing",
            Self::Qa => "qa",
        }
    }
}

/// Somebody or something with an account.
#[derive(Debug, Clone)]
pub struct User {
    pub id: String,
    pub uuid: String,
    pub email: String,
    pub role: Role,
    /// Its tenant, by place.
    pub org: usize,
    /// Tenants assigned besides.
    pub assigned: Vec<usize>,
    pub status: &'static str,
    /// IPv4.
    pub client: u32,
    pub agent: &'static str,
    /// Its share of the ordinary requests.
    pub weight: u64,
}

/// A customer of a tenant.
#[derive(Debug, Clone)]
pub struct Customer {
    pub id: String,
    pub org: usize,
}

/// Everything the app holds.
#[derive(Debug, Clone)]
pub struct Model {
    pub orgs: Vec<String>,
    pub users: Vec<User>,
    pub customers: Vec<Customer>,
    /// Customers of each tenant, by place.
    pub of_org: Vec<Vec<usize>>,
    pub ids: Ids,
}

/// Browsers of people.
const BROWSERS: [&str; 5] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36 Edg/134.0.0.0",
];

impl Model {
    /// The model of a seed.
    pub fn new(seed: u64, options: &Options) -> Self {
        let mut dice = Dice::new(seed, "model");
        let count = options.orgs.max(8);
        // The first tenant is the company itself.
        let orgs: Vec<String> = (0..count).map(|at| format!("org_{}", 100 + at)).collect();
        let mut model = Self {
            of_org: vec![Vec::new(); orgs.len()],
            orgs,
            users: Vec::new(),
            customers: Vec::new(),
            ids: options.ids,
        };
        model.people(&mut dice, options.people);
        model.staff(&mut dice);
        model.fill(&mut dice, options.customers.max(200));
        model
    }

    fn people(&mut self, dice: &mut Dice, people: usize) {
        for _ in 0..people.max(40) {
            // Small tenants are many, large ones few.
            let org = 1 + heavy(dice, self.orgs.len() - 1);
            let role = if dice.chance(220) {
                Role::Admin
            } else {
                Role::Member
            };
            let weight = dice.tail(10, 2_000);
            self.add(dice, role, org, weight);
        }
    }

    fn staff(&mut self, dice: &mut Dice) {
        for _ in 0..24 {
            let weight = dice.tail(60, 900);
            let at = self.add(dice, Role::Support, 0, weight);
            let mut assigned: Vec<usize> = (0..dice.between(1, 4))
                .map(|_| 1 + dice.place(self.orgs.len() - 1))
                .collect();
            assigned.sort_unstable();
            assigned.dedup();
            self.users[at].assigned = assigned;
        }
    }

    fn fill(&mut self, dice: &mut Dice, customers: usize) {
        let mut number = 1_000_u64;
        for _ in 0..customers {
            number += if dice.chance(60) {
                dice.between(2, 4)
            } else {
                1
            };
            let org = 1 + heavy(dice, self.orgs.len() - 1);
            let id = match self.ids {
                Ids::Numbers => number.to_string(),
                Ids::Prefixed => format!("cus_{}7", dice.letters(13)),
                Ids::Uuids => dice.uuid(),
            };
            self.of_org[org].push(self.customers.len());
            self.customers.push(Customer { id, org });
        }
        // A tenant without a customer has people with nothing to look at.
        for org in 1..self.orgs.len() {
            if self.of_org[org].is_empty() {
                let at = dice.place(self.customers.len());
                let before = self.customers[at].org;
                if self.of_org[before].len() > 1 {
                    self.of_org[before].retain(|other| *other != at);
                    self.customers[at].org = org;
                    self.of_org[org].push(at);
                }
            }
        }
    }

    /// Adds an account; says its place.
    pub fn add(&mut self, dice: &mut Dice, role: Role, org: usize, weight: u64) -> usize {
        let at = self.users.len();
        let client = 0x5B00_0000 | u32::try_from(dice.below(1 << 24)).unwrap_or(1);
        self.users.push(User {
            id: format!("u{}", 1_000 + at),
            uuid: dice.uuid(),
            email: format!("person{}@{}.example.com", 1_000 + at, self.orgs[org]),
            role,
            org,
            assigned: Vec::new(),
            status: "active",
            client,
            agent: BROWSERS[dice.place(BROWSERS.len())],
            weight,
        });
        at
    }

    /// A tenant whose data the user may see.
    pub fn scope(&self, user: usize, dice: &mut Dice) -> usize {
        let user = &self.users[user];
        match user.role {
            Role::Superadmin => 1 + dice.place(self.orgs.len() - 1),
            Role::Support if !user.assigned.is_empty() => *dice.pick(&user.assigned),
            _ => user.org,
        }
    }

    /// Whether the user may see that tenant's data.
    pub fn may(&self, user: usize, org: usize) -> bool {
        let user = &self.users[user];
        user.role == Role::Superadmin || user.org == org || user.assigned.contains(&org)
    }

    /// An ordinary account of that role that nothing is planted on yet; a
    /// tenant with some customers.
    pub fn ordinary(&self, role: Role, taken: &[usize], dice: &mut Dice) -> usize {
        let fits: Vec<usize> = (0..self.users.len())
            .filter(|at| {
                let user = &self.users[*at];
                user.role == role
                    && user.weight > 0
                    && !taken.contains(at)
                    && (role == Role::Support || self.of_org[user.org].len() >= 5)
            })
            .collect();
        if fits.is_empty() {
            0
        } else {
            *dice.pick(&fits)
        }
    }

    /// An id that no customer has.
    pub fn missing_id(&self, dice: &mut Dice) -> String {
        match self.ids {
            Ids::Numbers => dice.between(900_000, 999_999).to_string(),
            Ids::Prefixed => format!("cus_{}8", dice.letters(13)),
            Ids::Uuids => dice.uuid(),
        }
    }
}

/// A place of `count`, the first ones more often.
fn heavy(dice: &mut Dice, count: usize) -> usize {
    dice.place(count).min(dice.place(count))
}

/// An IPv4 address as text.
pub fn address(client: u32) -> String {
    std::net::Ipv4Addr::from(client).to_string()
}
