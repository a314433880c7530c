//! The fixtures of the checks on one version, as many in one database as get
//! along: absent before, told once planted, gone once cured. One that does
//! not hold in company, or does not fit in, is walked by itself as in
//! `each.rs`, and only what is wrong there counts.

use crate::database::check;
use crate::database::each::{self, Fixture, Judge};
use crate::support::lab::{Lab, block_on, lab_blocking};
use crate::support::shelf::Shelved;

/// Names that many fixtures give to something of their own: here each has its
/// own, so that more of them get along.
const COMMON: [&str; 5] = ["orders", "countries", "invites", "shop", "clerk"];

/// Walks every fixture that the version can load; gives what went wrong.
pub fn every_check(shelved: &Shelved) -> Vec<String> {
    let (mut wrong, mut waiting, mut apart) = (Vec::new(), Vec::new(), Vec::new());
    for id in each::ids() {
        let fixture = Fixture::read(&id);
        let own_server = fixture.alone().is_some_and(|settings| !settings.is_empty());
        let own_look = !fixture.header("as").is_empty() || !fixture.header("blind").is_empty();
        if own_server || own_look {
            apart.push(id);
        } else {
            waiting.push(id);
        }
    }
    while !waiting.is_empty() {
        block_on(shelved.clear());
        let lab = lab_blocking();
        each::ground(&lab);
        let (company, rest) = fill(&lab, waiting);
        apart.extend(misfits(&lab, &company));
        waiting = rest;
        if company.is_empty() {
            apart.append(&mut waiting);
        }
    }
    for id in apart {
        block_on(shelved.clear());
        wrong.extend(each::walk(&id, &|settings| shelved.place(settings)));
    }
    block_on(shelved.clear());
    wrong
}

/// Loads what gets along; gives it and what is left for the next database.
fn fill(lab: &Lab, waiting: Vec<String>) -> (Vec<Fixture>, Vec<String>) {
    let (mut company, mut rest) = (Vec::new(), Vec::new());
    let major = lab.major();
    for id in waiting {
        let own = |fixture: Fixture, name: &&str| {
            fixture.renamed(name, &format!("{name}_{}", id.to_lowercase()))
        };
        let fixture = COMMON
            .iter()
            .fold(Fixture::read(&id), own)
            .named(&lab.database);
        if fixture.from() > major {
            eprintln!(
                "SKIPPED: {id} needs Postgres {}, this is {major}",
                fixture.from()
            );
        } else if attempt(lab, &fixture.block("safe")) {
            company.push(fixture);
        } else {
            rest.push(id);
        }
    }
    (company, rest)
}

/// Runs statements all or none; whether they ran.
fn attempt(lab: &Lab, sql: &str) -> bool {
    block_on(async {
        let client = lab.connect("postgres").await;
        client.simple_query(sql).await.is_ok()
    })
}

/// Looks at all of a database's fixtures at once; gives the ids of those with
/// which something was wrong.
fn misfits(lab: &Lab, company: &[Fixture]) -> Vec<String> {
    let ids: Vec<&str> = company.iter().map(Fixture::id).collect();
    lab.exec_blocking("analyze");
    let mut judges: Vec<Judge<'_>> = company.iter().map(Judge::new).collect();
    let change = |marker: &str| -> Vec<&str> {
        let failed = company
            .iter()
            .filter(|fixture| !attempt(lab, &fixture.block(marker)));
        let failed: Vec<&str> = failed.map(Fixture::id).collect();
        lab.exec_blocking("analyze");
        failed
    };
    let before = check(lab, "postgres");
    let mut failed = change("plant");
    let planted = check(lab, "postgres");
    failed.extend(change("cure"));
    let cured = check(lab, "postgres");
    for judge in &mut judges {
        judge.absent(&before, "before");
        judge.named(&planted);
        judge.innocents_beside(&ids, &planted, "planted");
        judge.absent(&cured, "cured");
    }
    let wrong = judges.iter().zip(company);
    wrong
        .filter(|(judge, fixture)| !judge.wrong.is_empty() || failed.contains(&fixture.id()))
        .map(|(_, fixture)| fixture.id().to_owned())
        .collect()
}
