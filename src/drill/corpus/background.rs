//! What goes on on an ordinary day: people in sessions, visitors, probes.

use super::dice::Dice;
use super::hit::Hit;
use super::model::Role;
use super::routes::Way;
use super::stage::{MS, Stage, bare};

/// How busy each hour of the day is, UTC.
const HOURS: [u64; 24] = [
    3, 2, 2, 3, 6, 9, 14, 20, 26, 28, 27, 25, 22, 26, 27, 25, 21, 16, 12, 9, 8, 7, 5, 4,
];

/// What people do next, and how often.
const NEXT: [(Way, u64); 14] = [
    (Way::Customer, 30),
    (Way::Customers, 13),
    (Way::CustomerInvoices, 9),
    (Way::Search, 8),
    (Way::Tickets, 8),
    (Way::Usage, 6),
    (Way::Document, 6),
    (Way::CustomerPage, 5),
    (Way::Invoices, 4),
    (Way::Invoice, 4),
    (Way::CustomerUpdate, 3),
    (Way::Notes, 2),
    (Way::BillingPage, 2),
    (Way::AdminUsers, 1),
];

/// Fills the stream with ordinary requests.
pub fn fill(stage: &mut Stage<'_>, dice: &mut Dice) {
    let mut ends = Vec::with_capacity(stage.model.users.len());
    let mut sum = 0;
    for user in &stage.model.users {
        sum += user.weight;
        ends.push(sum);
    }
    while stage.hits.len() < stage.options.requests {
        let at = moment(stage, dice);
        if dice.chance(120) {
            visitor(stage, at, dice);
        } else {
            let drawn = dice.below(sum);
            let user = ends.partition_point(|end| *end <= drawn);
            session(stage, user, at, dice);
        }
    }
}

/// A moment of the stream, busy hours more often.
fn moment(stage: &Stage<'_>, dice: &mut Dice) -> i64 {
    let span = u64::try_from((stage.options.to() - stage.options.from()) / MS).unwrap_or(1);
    loop {
        let off = i64::try_from(dice.below(span)).unwrap_or(0) * MS;
        let at = stage.options.from() + off;
        let hour = usize::try_from(at.div_euclid(3_600_000 * MS).rem_euclid(24)).unwrap_or(0);
        if dice.below(28) < HOURS[hour] {
            return at;
        }
    }
}

/// A person's visit: pages, lists, details, at a person's pace.
pub fn session(stage: &mut Stage<'_>, user: usize, from: i64, dice: &mut Dice) {
    let mut at = from;
    let page = stage.asked(at, user, Way::CustomersPage, dice);
    stage.push(page);
    for _ in 0..dice.between(1, 4) {
        let mut file = bare(at + ms(dice.between(20, 400)), Way::Static, dice);
        file.client = stage.model.users[user].client;
        file.agent = stage.model.users[user].agent;
        stage.push(file);
    }
    if dice.chance(250) {
        prefetch(stage, user, at, dice);
    }
    for _ in 0..dice.tail(3, 60) {
        at += ms(dice.tail(900, 120_000));
        step(stage, user, at, dice);
    }
}

/// One thing a person does.
pub fn step(stage: &mut Stage<'_>, user: usize, at: i64, dice: &mut Dice) {
    let mut way = drawn(dice);
    let role = stage.model.users[user].role;
    if role == Role::Admin && dice.chance(8) {
        way = Way::Export;
    }
    let mut hit = stage.asked(at, user, way, dice);
    ordinary_fault(stage, &mut hit, role, dice);
    stage.push(hit);
}

fn drawn(dice: &mut Dice) -> Way {
    let sum = NEXT.iter().map(|(_, weight)| weight).sum();
    let mut left = dice.below(sum);
    for (way, weight) in NEXT {
        if left < weight {
            return way;
        }
        left -= weight;
    }
    Way::Customers
}

/// What goes wrong on an ordinary day.
fn ordinary_fault(stage: &Stage<'_>, hit: &mut Hit, role: Role, dice: &mut Dice) {
    let roles = hit.way.route().roles;
    if !roles.is_empty() && !roles.contains(&role.word()) {
        hit.fail(403);
    } else if hit.way == Way::Document && dice.chance(60) {
        // A link that somebody of another tenant shared.
        hit.fail(403);
    } else if hit.way.names_customer() && dice.chance(15) {
        stage.miss(hit, dice);
    } else if dice.chance(6) {
        hit.fail(401);
        hit.known = false;
    } else if dice.chance(2) {
        hit.fail(500);
    }
}

/// The framework fetches what a list links to, in the list's order.
pub fn prefetch(stage: &mut Stage<'_>, user: usize, at: i64, dice: &mut Dice) {
    let org = stage.model.scope(user, dice);
    let count = stage.model.of_org[org].len();
    let from = dice.place(count);
    for step in 0..8_usize {
        let Some(customer) = stage.model.of_org[org].get(from + step).copied() else {
            break;
        };
        let late = 300 + 30 * u64::try_from(step).unwrap_or(0) + dice.below(25);
        let mut hit = stage.asked(at + ms(late), user, Way::CustomerPage, dice);
        stage.aim(&mut hit, customer);
        hit.query = format!(
            "_rsc={}",
            dice.text(b"abcdefghijklmnopqrstuvwxyz0123456789", 5)
        );
        hit.bytes = 2_100 + dice.below(300);
        stage.push(hit);
    }
}

/// Somebody who is not signed in, and the probe of the host.
fn visitor(stage: &mut Stage<'_>, at: i64, dice: &mut Dice) {
    let client = 0x5C00_0000 | u32::try_from(dice.below(1 << 22)).unwrap_or(1);
    let agent = stage.model.users[dice.place(stage.model.users.len())].agent;
    let ways: &[Way] = match dice.below(10) {
        0..=3 => &[Way::PricingPage, Way::Static],
        4..=5 => &[Way::LoginPage, Way::Static, Way::SignIn],
        6 => &[Way::CustomersPage, Way::LoginPage],
        _ => &[Way::Health],
    };
    let mut at = at;
    for way in ways {
        let mut hit = bare(at, *way, dice);
        hit.client = client;
        hit.agent = agent;
        match way {
            Way::Health => {
                hit.client = 0x0A00_0105;
                hit.agent = "kube-probe/1.31";
            }
            Way::CustomersPage => hit.fail(307),
            Way::SignIn if dice.chance(150) => hit.fail(401),
            _ => {}
        }
        stage.push(hit);
        at += ms(dice.tail(400, 20_000));
    }
}

/// Milliseconds as the stream's time.
pub fn ms(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(0) * MS
}
