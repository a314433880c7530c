//! The leaks that are planted: who reads what it must not, and routes that
//! changed at the release. To add one, a word in `options::Plant` and an arm
//! in [`people`] or [`routes`].

use super::background::ms;
use super::dice::Dice;
use super::hit::Cache;
use super::model::Role;
use super::options::Plant;
use super::routes::Way;
use super::stage::{Stage, bare};
use super::truth::READER;
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000;

/// Plants people and programs; says which account is whose.
pub fn people(stage: &mut Stage<'_>, dice: &mut Dice) -> BTreeMap<Plant, usize> {
    let mut actors = BTreeMap::new();
    for plant in Plant::ALL {
        if !stage.options.has(plant) {
            continue;
        }
        stage.plant = Some(plant);
        let actor = match plant {
            Plant::Walker => Some(walker(stage, dice)),
            Plant::CrossTenant => Some(cross_tenant(stage, dice)),
            Plant::BulkExporter => Some(bulk(stage, dice)),
            Plant::Suspended => Some(suspended(stage, dice)),
            Plant::RoleMismatch => Some(mismatch(stage, dice)),
            Plant::Unauthenticated => {
                unauthenticated(stage, dice);
                None
            }
            Plant::Secret => {
                secret(stage, dice);
                None
            }
            _ => None,
        };
        actors.extend(actor.map(|actor| (plant, actor)));
    }
    stage.plant = None;
    actors
}

/// Customer after customer, at a program's pace.
fn walker(stage: &mut Stage<'_>, dice: &mut Dice) -> usize {
    let user = stage.take(Role::Member, dice);
    let count = stage.model.customers.len();
    let steps = dice.between(260, 420).min(count as u64 * 2 / 3);
    let mut customer = dice.place(count / 4);
    let mut at = stage.after(MINUTE * 12) + ms(dice.below(3_600_000));
    for _ in 0..steps {
        let mut hit = stage.asked(at, user, Way::Customer, dice);
        if dice.chance(35) {
            stage.miss(&mut hit, dice);
        } else {
            customer = (customer + 1) % count;
            stage.aim(&mut hit, customer);
        }
        stage.push(hit);
        at += ms(dice.between(700, 1_300));
    }
    user
}

/// A support person who opens whatever comes, at a person's pace.
fn cross_tenant(stage: &mut Stage<'_>, dice: &mut Dice) -> usize {
    let user = stage.take(Role::Support, dice);
    let orgs: Vec<usize> = (1..stage.model.orgs.len())
        .filter(|org| !stage.model.may(user, *org) && !stage.model.of_org[*org].is_empty())
        .collect();
    let mut at = stage.after(MINUTE * 25) + ms(dice.below(1_800_000));
    for _ in 0..dice.between(60, 110) {
        let org = *dice.pick(&orgs);
        let customer = *dice.pick(&stage.model.of_org[org]);
        let way = *dice.pick(&[Way::Customer, Way::Customer, Way::CustomerInvoices]);
        let mut hit = stage.asked(at, user, way, dice);
        stage.aim(&mut hit, customer);
        stage.push(hit);
        at += ms(dice.tail(8_000, 180_000));
    }
    user
}

/// Pages of a size that nobody asks for, or exports of everything.
fn bulk(stage: &mut Stage<'_>, dice: &mut Dice) -> usize {
    let user = stage.take(Role::Admin, dice);
    let (way, low, high) = if dice.chance(500) {
        (Way::Export, 38_000, 70_000)
    } else {
        (Way::Customers, 4_000, 9_000)
    };
    let mut at = stage.after(MINUTE * 40) + ms(dice.below(3_600_000));
    for page in 0..dice.between(8, 20) {
        let mut hit = stage.asked(at, user, way, dice);
        let rows = dice.between(low, high);
        hit.query = format!("page={}&pageSize={high}", page + 1);
        hit.rows = Some(rows);
        hit.bytes = 40 + rows * 104;
        hit.took_ms = dice.between(1_500, 9_000);
        stage.push(hit);
        at += ms(dice.between(15_000, 60_000));
    }
    user
}

/// An account that should be closed comes back.
fn suspended(stage: &mut Stage<'_>, dice: &mut Dice) -> usize {
    let org = loop {
        let org = 1 + dice.place(stage.model.orgs.len() - 1);
        if stage.model.of_org[org].len() >= 5 {
            break org;
        }
    };
    let user = stage.model.add(dice, Role::Member, org, 0);
    stage.model.users[user].status = "suspended";
    let mut at = stage.after(MINUTE * 30) + ms(dice.below(5_400_000));
    for _ in 0..dice.between(14, 40) {
        let way = *dice.pick(&[Way::Customer, Way::Customers, Way::Invoices]);
        let hit = stage.asked(at, user, way, dice);
        stage.push(hit);
        at += ms(dice.tail(2_000, 60_000));
    }
    user
}

/// Refused before the release, answered after it.
fn mismatch(stage: &mut Stage<'_>, dice: &mut Dice) -> usize {
    let user = stage.take(Role::Member, dice);
    let mut at = stage.after(-MINUTE * 200);
    for _ in 0..3 {
        let mut hit = stage.asked(at, user, Way::AdminUsers, dice);
        hit.fail(403);
        stage.push(hit);
        at += ms(dice.between(60_000, 2_400_000));
    }
    at = stage.after(MINUTE * 15) + ms(dice.below(3_600_000));
    for _ in 0..dice.between(7, 16) {
        let hit = stage.asked(at, user, Way::AdminUsers, dice);
        stage.push(hit);
        at += ms(dice.tail(4_000, 240_000));
    }
    user
}

/// Somebody without a session reads notes; before the release that was
/// refused.
fn unauthenticated(stage: &mut Stage<'_>, dice: &mut Dice) {
    let count = stage.model.customers.len();
    let mut at = stage.after(-MINUTE * 120);
    for turn in 0..dice.between(46, 90) {
        if turn == 4 {
            at = stage.after(MINUTE * 35) + ms(dice.below(3_600_000));
        }
        let mut hit = bare(at, Way::Notes, dice);
        hit.client = READER;
        hit.agent = "python-requests/2.32.3";
        stage.aim(&mut hit, dice.place(count));
        if at < stage.options.release {
            hit.fail(401);
        }
        stage.push(hit);
        at += ms(dice.between(900, 5_000));
    }
}

/// The handler of webhooks prints its key when it fails.
fn secret(stage: &mut Stage<'_>, dice: &mut Dice) {
    let key = format!("sk_live_51{}", dice.letters(32));
    let mut at = stage.after(MINUTE * 9);
    for turn in 0..dice.between(4, 9) {
        let mut hit = bare(at, Way::Webhook, dice);
        hit.client = 0x0369_B8A1;
        hit.agent = "Stripe/1.0 (+https://stripe.com/docs/webhooks)";
        hit.fail(500);
        hit.printed = format!(
            "Error: webhook {turn} failed: StripeAuthenticationError: Invalid API Key provided: {key}"
        );
        stage.push(hit);
        at += ms(dice.between(120_000, 1_500_000));
    }
}

/// Changes what routes answered after the release; what was planted on people
/// stays as it is.
pub fn routes(stage: &mut Stage<'_>, dice: &mut Dice) {
    let release = stage.options.release;
    let (oversize, spike, vanished, cached) = (
        stage.options.has(Plant::Oversize),
        stage.options.has(Plant::RefusalSpike),
        stage.options.has(Plant::VanishedRefusals),
        stage.options.has(Plant::CachedPage),
    );
    let page_bytes = 15_200 + dice.below(600);
    for hit in &mut stage.hits {
        let is_late = hit.at > release && hit.plant.is_none() && hit.decoy.is_none();
        if !is_late {
            continue;
        }
        match hit.way {
            Way::Tickets if oversize && hit.is_ok() => {
                let rows = dice.between(6_000, 6_400);
                hit.rows = Some(rows);
                hit.bytes = 40 + rows * 210;
                hit.plant = Some(Plant::Oversize);
            }
            Way::Usage if spike && hit.is_ok() && dice.chance(800) => {
                hit.fail(403);
                hit.plant = Some(Plant::RefusalSpike);
            }
            Way::Document if vanished && hit.status == 403 => {
                hit.status = 200;
                hit.rows = Some(1);
                hit.bytes = dice.between(3_000, 30_000);
                hit.plant = Some(Plant::VanishedRefusals);
            }
            Way::BillingPage if cached && hit.is_ok() && dice.chance(850) => {
                hit.cache = Cache::Hit;
                hit.known = false;
                hit.bytes = page_bytes;
                hit.took_ms = 4;
                hit.plant = Some(Plant::CachedPage);
            }
            _ => {}
        }
    }
}
