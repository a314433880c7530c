//! The registry of rules: each reads the survey and makes claims.
//!
//! To add a rule, write one function in the file of its family and name it
//! here with the ids it may use. Rules never talk to the server.

pub mod believed;
pub mod comfort;
pub mod doors;
pub mod functions;
pub mod grants;
pub mod hygiene;
pub mod jobs;
pub mod logins;
pub mod oracles;
pub mod outbound;
pub mod policies;
pub mod powers;
pub mod server;
pub mod sessions;
pub mod storage;
pub mod streams;
pub mod unguarded;
pub mod writes;

use super::claim::Claim;
use super::survey::Survey;
use std::collections::BTreeSet;

/// One rule: the ids it reports under, and how it looks.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub ids: &'static [&'static str],
    pub run: fn(&Survey) -> Vec<Claim>,
}

/// Every rule, in the order in which claims about one thing are preferred.
pub const RULES: [Rule; 26] = [
    Rule {
        ids: &[
            "G01", "G02", "G03", "G06", "G07", "G08", "G09", "G10", "G11",
        ],
        run: grants::open_tables,
    },
    Rule {
        ids: &[
            "P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08", "P09", "P10", "P11", "P12",
            "P13", "P14", "P15", "P17", "P18", "P19", "P20", "P21", "D16",
        ],
        run: policies::open_policies,
    },
    Rule {
        ids: &["P16"],
        run: comfort::frozen_helpers,
    },
    Rule {
        ids: &["P22"],
        run: comfort::idle_restrictions,
    },
    Rule {
        ids: &["P27"],
        run: comfort::no_policy,
    },
    Rule {
        ids: &["D01", "D02", "D05"],
        run: doors::views,
    },
    Rule {
        ids: &["D03", "D04"],
        run: doors::copies,
    },
    Rule {
        ids: &["D06", "D07"],
        run: functions::definers,
    },
    Rule {
        ids: &["G05", "G13", "G14", "G15"],
        run: logins::around_policies,
    },
    Rule {
        ids: &["D08"],
        run: hygiene::search_path,
    },
    Rule {
        ids: &["D09"],
        run: hygiene::leakproof,
    },
    Rule {
        ids: &["D10"],
        run: sessions::kept_tenants,
    },
    Rule {
        ids: &["D12"],
        run: outbound::callable,
    },
    Rule {
        ids: &["D11"],
        run: outbound::credentials,
    },
    Rule {
        ids: &["D13"],
        run: streams::publications,
    },
    Rule {
        ids: &["D14"],
        run: streams::broadcast,
    },
    Rule {
        ids: &["D15"],
        run: streams::slots,
    },
    Rule {
        ids: &["D16"],
        run: storage::public_buckets,
    },
    Rule {
        ids: &["D19"],
        run: jobs::copies,
    },
    Rule {
        ids: &["D17"],
        run: oracles::existence,
    },
    Rule {
        ids: &["G04"],
        run: powers::inherited,
    },
    Rule {
        ids: &["G17", "G18", "G22"],
        run: powers::predefined,
    },
    Rule {
        ids: &["G20"],
        run: powers::pinned,
    },
    Rule {
        ids: &["C04"],
        run: server::outdated,
    },
    Rule {
        ids: &writes::IDS,
        run: writes::open_writes,
    },
    Rule {
        ids: &["P23"],
        run: unguarded::writes,
    },
];

/// Ids of claims that follow from others, or from what a probe met.
const DERIVED: [&str; 2] = ["D18", "P26"];

/// Runs every rule.
pub fn run(survey: &Survey) -> Vec<Claim> {
    let mut claims: Vec<Claim> = RULES.iter().flat_map(|rule| (rule.run)(survey)).collect();
    writes::told_once(&mut claims);
    claims.extend(oracles::samples(survey, &claims));
    claims
}

/// Every id a rule may report, without repeats.
pub fn ids() -> BTreeSet<&'static str> {
    RULES
        .iter()
        .flat_map(|rule| rule.ids.iter().copied())
        .chain(DERIVED)
        .collect()
}
