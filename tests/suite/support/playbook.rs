//! A small playbook, made by hand: three phases, five steps.

use chrono::NaiveDate;
use firsthour::domain::digest::Digest;
use firsthour::domain::playbook::{
    ActionCall, Ask, CheckCall, Destination, Next, Owner, Phase, Playbook, Step,
};
use std::collections::BTreeMap;

/// The whole playbook.
pub fn playbook() -> Playbook {
    let phase = |id: &str, title: &str, budget_minutes, steps| Phase {
        id: id.into(),
        title: title.into(),
        budget_minutes,
        steps,
    };
    Playbook {
        id: "data-leak".into(),
        title: "Data leak".into(),
        reviewed: NaiveDate::from_ymd_opt(2026, 8, 1).unwrap(),
        drilled: None,
        max_age_days: 180,
        phases: vec![
            phase("T1", "Orient", 3, vec![orient()]),
            phase("T2", "Find", 9, vec![reach(), logs()]),
            phase("T3", "Contain", 15, vec![contain(), tell()]),
        ],
        source: String::new(),
        sha256: Digest::of(b"playbook"),
    }
}

fn step(id: &str, title: &str, goal: &str, budget_minutes: u32) -> Step {
    Step {
        id: id.into(),
        title: title.into(),
        goal: goal.into(),
        owner: Owner::Operator,
        budget_minutes,
        prose: Vec::new(),
        asks: Vec::new(),
        checks: Vec::new(),
        actions: Vec::new(),
        hand: Vec::new(),
        next: Next {
            rules: Vec::new(),
            unknown: None,
            otherwise: Destination::End,
        },
        line: 1,
    }
}

fn orient() -> Step {
    let goal = "One sentence everybody can repeat.";
    let mut orient = step("t1.orient", "Say what is known", goal, 3);
    orient.owner = Owner::Commander;
    orient.asks = vec![Ask {
        id: "active".into(),
        text: "Can customers see foreign data at this moment?".into(),
        options: vec!["yes".into(), "no".into()],
    }];
    orient.prose = vec![
        "Read the first report aloud. Write down who saw what, and when.".into(),
        String::new(),
        "Do not ask the reporter to try again.".into(),
    ];
    orient
}

fn reach() -> Step {
    let goal = "The exposure matrix is filled.";
    let mut reach = step("t2.reach", "Probe who reads whose rows", goal, 5);
    reach.checks = ["database.catalogue", "database.reach"]
        .map(|uses| CheckCall {
            uses: uses.into(),
            with: BTreeMap::new(),
        })
        .into();
    reach.prose =
        vec!["The checks read as each principal inside a transaction that is rolled back.".into()];
    reach.hand = vec![
        "Open a session as a customer of one tenant.".into(),
        "Select from the table with the id of another tenant.".into(),
    ];
    reach
}

fn logs() -> Step {
    let mut logs = step("t2.logs", "Keep the logs", "Nothing rotates away.", 4);
    logs.hand = vec!["Copy the request logs of the last 30 days to a place that stays.".into()];
    logs
}

fn contain() -> Step {
    let goal = "Nobody reads foreign rows.";
    let mut contain = step("t3.contain", "Take the right away", goal, 10);
    contain.actions = vec![ActionCall {
        uses: "restrict.revoke".into(),
        with: BTreeMap::new(),
        review_by_hours: 24,
    }];
    contain.prose = vec!["Read the plan before you approve it. It says who loses access.".into()];
    contain
}

fn tell() -> Step {
    step("t3.tell", "Tell the people", "They know what holds.", 5)
}
