//! Where the stream is made: the model, the requests so far, and the ways to
//! add one that is whole. Background, plants and decoys all write here.

use super::dice::Dice;
use super::hit::{Cache, Hit};
use super::model::{Model, Role};
use super::options::{Decoy, Options, Plant};
use super::routes::Way;

/// Nanoseconds of a millisecond.
pub const MS: i64 = 1_000_000;
/// Milliseconds to either side of the release without a request: clocks and
/// whole seconds must not decide on which side one lies.
const QUIET: i64 = 8_000;

/// The stream while it is made.
#[derive(Debug)]
pub struct Stage<'a> {
    pub options: &'a Options,
    pub model: Model,
    pub hits: Vec<Hit>,
    /// Accounts that something is planted on.
    pub taken: Vec<usize>,
    /// What the requests from here on are.
    pub plant: Option<Plant>,
    pub decoy: Option<Decoy>,
}

impl<'a> Stage<'a> {
    /// An empty stream over a model.
    pub const fn new(options: &'a Options, model: Model) -> Self {
        Self {
            options,
            model,
            hits: Vec::new(),
            taken: Vec::new(),
            plant: None,
            decoy: None,
        }
    }

    /// An account nothing is planted on yet, which it is now.
    pub fn take(&mut self, role: Role, dice: &mut Dice) -> usize {
        let user = self.model.ordinary(role, &self.taken, dice);
        self.taken.push(user);
        user
    }

    /// So many milliseconds after the release; before it where negative.
    pub fn after(&self, ms: i64) -> i64 {
        self.options.release + ms * MS
    }

    /// Adds a request, if it lies within the stream's time.
    pub fn push(&mut self, mut hit: Hit) {
        hit.at -= hit.at.rem_euclid(MS);
        let off = (hit.at - self.options.release) / MS;
        if off.abs() < QUIET {
            hit.at += if off < 0 { -QUIET * MS } else { QUIET * MS };
        }
        if hit.at >= self.options.from() && hit.at < self.options.to() {
            hit.plant = self.plant;
            hit.decoy = self.decoy;
            self.hits.push(hit);
        }
    }

    /// A request of a user that was answered.
    pub fn asked(&self, at: i64, user: usize, way: Way, dice: &mut Dice) -> Hit {
        let org = self.model.scope(user, dice);
        let mut hit = bare(at, way, dice);
        hit.user = Some(user);
        hit.known = true;
        hit.client = self.model.users[user].client;
        hit.agent = self.model.users[user].agent;
        hit.org = org;
        if way.names_customer() && !self.model.of_org[org].is_empty() {
            let customer = *dice.pick(&self.model.of_org[org]);
            self.aim(&mut hit, customer);
        }
        hit
    }

    /// Points a request at a customer.
    pub fn aim(&self, hit: &mut Hit, customer: usize) {
        let found = &self.model.customers[customer];
        hit.customer = Some(customer);
        hit.org = found.org;
        hit.path = hit.way.route().template.replace("[id]", &found.id);
    }

    /// Points a request at a customer that does not exist.
    pub fn miss(&self, hit: &mut Hit, dice: &mut Dice) {
        hit.customer = None;
        hit.path = hit
            .way
            .route()
            .template
            .replace("[id]", &self.model.missing_id(dice));
        hit.fail(404);
    }
}

/// A request of nobody, answered, with sizes that fit its route.
pub fn bare(at: i64, way: Way, dice: &mut Dice) -> Hit {
    let mut hit = Hit {
        at,
        serial: 0,
        user: None,
        known: false,
        client: 0,
        agent: "",
        way,
        path: way.route().template.to_owned(),
        query: String::new(),
        customer: None,
        org: 0,
        status: 200,
        rows: None,
        bytes: 0,
        cache: Cache::Miss,
        took_ms: dice.tail(8, 900),
        printed: String::new(),
        plant: None,
        decoy: None,
    };
    shape(&mut hit, dice);
    hit
}

/// Gives a request the query, rows and bytes that its route has.
fn shape(hit: &mut Hit, dice: &mut Dice) {
    match hit.way {
        Way::Customers | Way::Invoices | Way::Tickets => {
            let page = dice.tail(1, 12);
            let size = *dice.pick(&[25_u64, 25, 25, 50, 100]);
            hit.query = format!("page={page}&pageSize={size}");
            listed(hit, dice.between(size / 3, size), dice.between(180, 260));
        }
        Way::Search => {
            let word = dice.text(b"abcdeilmnorst", 4);
            hit.query = format!("q={word}");
            listed(hit, dice.tail(1, 20), 140);
        }
        Way::CustomerInvoices | Way::Notes => listed(hit, dice.tail(1, 24), 160),
        Way::AdminUsers => listed(hit, dice.between(4, 40), 120),
        Way::Usage => listed(hit, 30, 42),
        Way::BillingPage => {
            hit.rows = Some(1);
            hit.bytes = 15_200 + dice.below(600);
        }
        Way::Export => {
            "format=csv".clone_into(&mut hit.query);
            listed(hit, dice.tail(120, 1_200), 95);
        }
        Way::Customer | Way::CustomerUpdate => listed(hit, 1, dice.between(900, 1_600)),
        Way::Invoice => {
            let id = format!("in_{}3", dice.letters(13));
            hit.path = hit.path.replace("[id]", &id);
            listed(hit, 1, dice.between(1_200, 2_400));
        }
        Way::Document => {
            let id = dice.uuid();
            hit.path = hit.path.replace("[id]", &id);
            listed(hit, 1, dice.between(3_000, 30_000));
        }
        Way::CustomersPage => listed(hit, 25, dice.between(700, 760)),
        Way::CustomerPage => listed(hit, 1, dice.between(15_000, 19_000)),
        _ => unlisted(hit, dice),
    }
}

/// Answers without rows.
fn unlisted(hit: &mut Hit, dice: &mut Dice) {
    match hit.way {
        Way::Static => {
            let name = dice.below(60) * 7_919 % 99_991;
            hit.path = format!("/_next/static/chunks/{name:05}-9f3c2a7d.js");
            hit.bytes = 4_000 + name * 3;
            hit.cache = Cache::Hit;
        }
        Way::PricingPage => {
            hit.bytes = 22_411;
            hit.cache = Cache::Hit;
        }
        Way::LoginPage => hit.bytes = 9_120,
        Way::Health => hit.bytes = 15,
        _ => hit.bytes = 300 + dice.below(200),
    }
}

fn listed(hit: &mut Hit, rows: u64, each: u64) {
    hit.rows = Some(rows);
    hit.bytes = 40 + rows * each;
}
