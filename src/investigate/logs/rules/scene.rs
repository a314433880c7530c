//! Plays out scenes for tests: an app of twenty tenants on an ordinary
//! morning, a release at ten o'clock, and whatever a test plants into it.

use super::claim::{Case, Claim};
use super::claims;
use crate::investigate::logs::event::{Event, Layer, Place};
use crate::investigate::logs::gather::Gather;
use crate::investigate::logs::gather::aggregates::Aggregates;
use crate::investigate::logs::gather::timing::Timing;
use crate::investigate::logs::intake::Intake;
use crate::investigate::logs::join::Repeats;
use crate::investigate::logs::known::{Declared, Known, User};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Eight o'clock of a Tuesday.
const MORNING: i64 = 1_773_129_600 * 1_000_000_000;
const MINUTE: i64 = 60_000_000_000;
/// Minutes from the start to the release, and to the end.
pub const RELEASE: i64 = 120;
pub const AFTER: f64 = 130.0;
pub const END: f64 = 240.0;
const TENANTS: u64 = 20;
const CUSTOMERS: u64 = 2_000;
const FIRST: u64 = 1_000;

/// What is known and said in a scene.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct With {
    pub release: bool,
    pub users: bool,
    pub customers: bool,
    pub routes: bool,
    /// The log names the tenant of what was read.
    pub tenants: bool,
    pub roles: bool,
}

pub const ALL: With = With {
    release: true,
    users: true,
    customers: true,
    routes: true,
    tenants: true,
    roles: true,
};

pub const LOGS_ALONE: With = With {
    users: false,
    customers: false,
    routes: false,
    ..ALL
};

/// A scene being played.
#[derive(Debug)]
pub struct Scene {
    pub with: With,
    pub rng: fastrand::Rng,
    pub known: Known,
    intake: Intake,
    lines: u64,
}

/// One request, as a test writes it.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub who: &'a str,
    pub role: &'a str,
    pub path: &'a str,
    pub status: u16,
    pub rows: Option<u64>,
}

/// The tenant of a customer.
pub fn tenant(customer: u64) -> String {
    format!("o{}", customer % TENANTS)
}

/// A random customer of a tenant.
fn customer_of(rng: &mut fastrand::Rng, tenant: u64) -> u64 {
    FIRST + rng.u64(0..CUSTOMERS / TENANTS) * TENANTS + tenant
}

impl Scene {
    pub fn new(seed: u64, with: With) -> Self {
        let timing = Timing {
            release: with.release.then_some(MORNING + RELEASE * MINUTE),
            ..Timing::default()
        };
        let mut scene = Self {
            with,
            rng: fastrand::Rng::with_seed(seed),
            known: Known::default(),
            intake: Intake::new(Gather::new(timing), Arc::new(Repeats::default())),
            lines: 0,
        };
        scene.staff();
        scene
    }

    fn staff(&mut self) {
        for number in 0..40 {
            self.user(
                &format!("m{number}"),
                "member",
                &[number % TENANTS],
                "active",
            );
        }
        for number in 0..8 {
            let tenants: Vec<u64> = (0..5).map(|other| (number * 3 + other) % TENANTS).collect();
            self.user(&format!("s{number}"), "support", &tenants, "active");
        }
        self.user("boss", "superadmin", &[0], "active");
        self.user("sync", "service", &[], "active");
        if self.with.customers {
            for customer in FIRST..FIRST + CUSTOMERS {
                self.known
                    .add_customer(&customer.to_string(), &tenant(customer));
            }
        }
        for (route, roles) in [
            (
                "GET /api/customers/:id",
                &["member", "support", "superadmin", "service"][..],
            ),
            (
                "GET /api/customers",
                &["member", "support", "superadmin", "service"],
            ),
            ("GET /api/export", &["member", "superadmin"]),
            ("GET /api/admin/users", &["superadmin"]),
        ] {
            if self.with.routes {
                let declared = Declared {
                    kind: String::new(),
                    roles: roles.iter().map(|role| (*role).to_owned()).collect(),
                    private: Some(true),
                };
                self.known.routes.insert(route.to_owned(), declared);
            }
        }
    }

    /// Adds a user to the file, where there is one.
    pub fn user(&mut self, name: &str, role: &str, tenants: &[u64], status: &str) {
        if self.with.users {
            let user = User {
                id: name.to_owned(),
                role: role.to_owned(),
                tenants: tenants.iter().map(|tenant| format!("o{tenant}")).collect(),
                status: status.to_owned(),
            };
            self.known.add_user(user, [format!("{name}@app.example")]);
        }
    }

    /// An event at some minute, with a line of its own.
    pub fn event(&mut self, minute: f64, event: &Event<'_>) {
        self.lines += 1;
        #[expect(clippy::cast_possible_truncation, reason = "minutes of a test")]
        let at = MORNING + (minute * 60e9) as i64;
        let event = Event {
            at,
            place: Place {
                piece: 0,
                offset: self.lines * 100,
            },
            ..*event
        };
        self.intake.counted(&event);
    }

    /// One request.
    pub fn ask(&mut self, minute: f64, ask: Ask<'_>) {
        let id = ask.path.rsplit('/').next().unwrap_or("");
        let tenant = id.parse::<u64>().map(tenant).unwrap_or_default();
        let event = Event {
            user: ask.who,
            role: if self.with.roles { ask.role } else { "" },
            method: "GET",
            path: ask.path,
            status: ask.status,
            rows: ask.rows,
            bytes: Some(ask.rows.unwrap_or(1) * 220 + 90),
            tenant: if self.with.tenants { &tenant } else { "" },
            ..Event::EMPTY
        };
        self.event(minute, &event);
    }

    /// Reads one customer.
    pub fn read(&mut self, minute: f64, who: &str, role: &str, customer: u64) {
        let path = format!("/api/customers/{customer}");
        let ask = Ask {
            who,
            role,
            path: &path,
            status: 200,
            rows: Some(1),
        };
        self.ask(minute, ask);
    }

    /// An ordinary morning.
    pub fn background(&mut self) {
        for _ in 0..6_000 {
            let minute = self.rng.f64() * 240.0;
            let number = self.rng.u64(0..48);
            let (who, role, tenant) = if number < 40 {
                (format!("m{number}"), "member", number % TENANTS)
            } else {
                let number = number - 40;
                let tenant = (number * 3 + self.rng.u64(0..5)) % TENANTS;
                (format!("s{number}"), "support", tenant)
            };
            self.usual(minute, &who, role, tenant);
        }
        for _ in 0..400 {
            let minute = self.rng.f64() * 240.0;
            let (any, other) = (self.rng.u64(0..TENANTS), self.rng.u64(0..TENANTS));
            self.usual(minute, "boss", "superadmin", any);
            let customer = customer_of(&mut self.rng, other);
            self.read(minute, "sync", "service", customer);
        }
    }

    /// What somebody does in a day: a list, a customer, once in a while a
    /// route that is not for them.
    pub fn usual(&mut self, minute: f64, who: &str, role: &str, tenant: u64) {
        let customer = customer_of(&mut self.rng, tenant);
        match self.rng.u8(0..20) {
            0..=11 => self.read(minute, who, role, customer),
            12..=18 => {
                let rows = Some(self.rng.u64(5..26));
                let path = "/api/customers";
                self.ask(
                    minute,
                    Ask {
                        who,
                        role,
                        path,
                        status: 200,
                        rows,
                    },
                );
            }
            _ => {
                let status = if role == "superadmin" { 200 } else { 403 };
                let path = "/api/admin/users";
                self.ask(
                    minute,
                    Ask {
                        who,
                        role,
                        path,
                        status,
                        rows: None,
                    },
                );
            }
        }
    }

    pub fn tables(&mut self) -> Aggregates {
        self.intake.gather.tables()
    }

    pub fn claims(&mut self) -> Vec<Claim> {
        let tables = self.tables();
        claims(&Case {
            tables: &tables,
            known: &self.known,
        })
    }

    /// A statement of the database.
    pub fn sql(&mut self, minute: f64, event: &Event<'_>) {
        let event = Event {
            layer: Layer::Sql,
            status: 200,
            ..*event
        };
        self.event(minute, &event);
    }
}

/// Who is accused by which rule; routes by their name.
pub fn accused(claims: &[Claim]) -> BTreeSet<String> {
    claims
        .iter()
        .map(|claim| format!("{} {}", claim.rule, claim.subject.1))
        .collect()
}

/// The claim of a rule about somebody.
pub fn claim<'a>(claims: &'a [Claim], rule: &str, name: &str) -> &'a Claim {
    claims
        .iter()
        .find(|claim| claim.rule == rule && claim.subject.1 == name)
        .unwrap_or_else(|| panic!("no {rule} of {name}: {:#?}", accused(claims)))
}
