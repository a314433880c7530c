//! What looks like a leak and is none. To add one, a word in `options::Decoy`
//! and an arm in [`add`].

use super::background::{ms, session, step};
use super::dice::Dice;
use super::hit::Hit;
use super::model::Role;
use super::options::Decoy;
use super::routes::Way;
use super::stage::{Stage, bare};
use super::truth::SCANNER;
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000;

/// Adds the decoys; says which account is whose.
pub fn add(stage: &mut Stage<'_>, dice: &mut Dice) -> BTreeMap<Decoy, usize> {
    let mut actors = BTreeMap::new();
    for decoy in Decoy::ALL {
        if !stage.options.holds(decoy) {
            continue;
        }
        stage.decoy = Some(decoy);
        let actor = match decoy {
            Decoy::Superadmin => Some(everywhere(stage, Role::Superadmin, dice)),
            Decoy::GlobalSupport => Some(everywhere(stage, Role::Support, dice)),
            Decoy::BillingSync => Some(sync(stage, dice)),
            Decoy::MonthEnd => Some(month_end(stage, dice)),
            Decoy::NewHire => Some(new_hire(stage, dice)),
            Decoy::Crawler => Some(crawler(stage, dice)),
            Decoy::Scanner => {
                scanner(stage, dice);
                None
            }
            // The wave changes requests of others; a dump makes none.
            Decoy::ExpiredTokens | Decoy::Dump => None,
        };
        actors.extend(actor.map(|actor| (decoy, actor)));
    }
    stage.decoy = None;
    actors
}

/// Minutes from the release to the first and to the last moment.
fn ends(stage: &Stage<'_>) -> (i64, i64) {
    let hours = |hours: u64| i64::try_from(hours).unwrap_or(1) * 60;
    (
        -hours(stage.options.hours_before),
        hours(stage.options.hours_after),
    )
}

/// Reads customers of all tenants, as often before as after.
fn everywhere(stage: &mut Stage<'_>, role: Role, dice: &mut Dice) -> usize {
    let user = stage.model.add(dice, role, 0, 0);
    if role == Role::Support {
        stage.model.users[user].assigned = (1..stage.model.orgs.len()).collect();
    }
    let (first, last) = ends(stage);
    let mut at = stage.after((first + 3) * MINUTE);
    let end = stage.after(last * MINUTE);
    while at < end {
        let way = *dice.pick(&[Way::Customer, Way::Customer, Way::CustomerInvoices]);
        let hit = stage.asked(at, user, way, dice);
        stage.push(hit);
        at += ms(dice.between(60_000, 200_000));
    }
    user
}

/// Every quarter of an hour a piece of the list, then each customer of it.
fn sync(stage: &mut Stage<'_>, dice: &mut Dice) -> usize {
    let user = stage.model.add(dice, Role::Service, 0, 0);
    let count = stage.model.customers.len();
    stage.model.users[user].assigned = (1..stage.model.orgs.len()).collect();
    stage.model.users[user].client = 0x0A00_0B17;
    stage.model.users[user].agent = "billing-sync/2.1 (node)";
    let (first, last) = ends(stage);
    let mut customer = 0;
    for minute in (first + 2..last).step_by(15) {
        let mut at = stage.after(minute * MINUTE);
        let mut pages = stage.asked(at, user, Way::Customers, dice);
        "page=1&pageSize=100".clone_into(&mut pages.query);
        pages.rows = Some(100);
        pages.bytes = 40 + 100 * 210;
        stage.push(pages);
        for _ in 0..24 {
            at += ms(dice.between(180, 260));
            let mut hit = stage.asked(at, user, Way::Customer, dice);
            customer = (customer + 1) % count;
            stage.aim(&mut hit, customer);
            stage.push(hit);
        }
    }
    user
}

/// Exports of some thousand rows, before as after.
fn month_end(stage: &mut Stage<'_>, dice: &mut Dice) -> usize {
    let user = stage.model.add(dice, Role::Admin, 1, 0);
    let (first, last) = ends(stage);
    let mut minute = first + 20;
    while minute < last {
        let at = stage.after(minute * MINUTE) + ms(dice.below(60_000));
        let mut hit = stage.asked(at, user, Way::Export, dice);
        let rows = dice.between(5_000, 7_000);
        hit.rows = Some(rows);
        hit.bytes = 40 + rows * 95;
        stage.push(hit);
        minute += 38;
    }
    user
}

/// First seen after the release.
fn new_hire(stage: &mut Stage<'_>, dice: &mut Dice) -> usize {
    let user = stage.model.add(dice, Role::Member, 1, 0);
    let from = stage.after(MINUTE * 50);
    session(stage, user, from, dice);
    let mut at = from + ms(1_200_000);
    for _ in 0..36 {
        step(stage, user, at, dice);
        at += ms(dice.tail(3_000, 120_000));
    }
    user
}

/// Every page of its own tenant in the order of the list, before as after.
fn crawler(stage: &mut Stage<'_>, dice: &mut Dice) -> usize {
    let org = (1..stage.model.orgs.len())
        .max_by_key(|org| stage.model.of_org[*org].len())
        .unwrap_or(1);
    let user = stage.model.add(dice, Role::Qa, org, 0);
    stage.model.users[user].agent = "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/134.0.0.0";
    let customers = stage.model.of_org[org].clone();
    let (first, last) = ends(stage);
    for minute in [first + 45, 70].into_iter().filter(|at| *at < last) {
        let mut at = stage.after(minute * MINUTE);
        for customer in customers.iter().take(160) {
            let mut hit = stage.asked(at, user, Way::CustomerPage, dice);
            stage.aim(&mut hit, *customer);
            hit.query = format!("_rsc={}", dice.text(b"abcdefghijklmnopqrstuvwxyz", 5));
            stage.push(hit);
            at += ms(dice.between(240, 420));
        }
    }
    user
}

/// Paths that scanners try.
const TRIED: [&str; 9] = [
    "/wp-login.php",
    "/.env",
    "/.git/config",
    "/admin.php",
    "/phpmyadmin/index.php",
    "/api/v1/users",
    "/actuator/env",
    "/backup.zip",
    "/xmlrpc.php",
];

fn scanner(stage: &mut Stage<'_>, dice: &mut Dice) {
    let (first, last) = ends(stage);
    for minute in [first + 30, 95].into_iter().filter(|at| *at < last) {
        let mut at = stage.after(minute * MINUTE);
        for turn in 0..dice.between(90, 160) {
            let known = turn % 9 == 0;
            let way = if known { Way::Customer } else { Way::Unknown };
            let mut hit: Hit = bare(at, way, dice);
            hit.client = SCANNER;
            hit.agent = "Mozilla/5.0 zgrab/0.x";
            if known {
                let customer = dice.place(stage.model.customers.len());
                stage.aim(&mut hit, customer);
                hit.fail(401);
            } else {
                (*dice.pick(&TRIED)).clone_into(&mut hit.path);
                hit.fail(404);
            }
            stage.push(hit);
            at += ms(dice.between(120, 900));
        }
    }
}

/// Tokens of many run out at one moment: some minutes of 401, whatever the
/// route.
pub fn expire(stage: &mut Stage<'_>, dice: &mut Dice) {
    if !stage.options.holds(Decoy::ExpiredTokens) {
        return;
    }
    let from = stage.after(MINUTE * 140);
    let to = from + ms(180_000);
    for hit in &mut stage.hits {
        let is_in = hit.at >= from && hit.at < to && hit.known;
        if is_in && hit.plant.is_none() && hit.decoy.is_none() && dice.chance(700) {
            hit.fail(401);
            hit.known = false;
            hit.decoy = Some(Decoy::ExpiredTokens);
        }
    }
}
