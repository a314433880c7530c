//! Schemas in the style of other houses, each with its own list of leaks and
//! of look-alikes at the head of its file: text ids and public policies; a
//! REST gateway with integer users; server logins with partitions and quoted
//! names; a schema for each domain with every form of function and view.
//!
//! To add one: a fixture with the three label lines, and a test here.

use super::{Answer, api_roles, check, check_at};
use crate::postgres::pooler::pooler;
use crate::support::lab::{Lab, lab_blocking};

const WORKSPACES: &str = include_str!("../../fixtures/attack/workspaces.sql");
const STARTER: &str = include_str!("../../fixtures/attack/starter.sql");
const LEDGER: &str = include_str!("../../fixtures/attack/ledger.sql");
const DOMAINS: &str = include_str!("../../fixtures/attack/domains.sql");

/// Leaks that only a look at the rows can tell, since no text gives them away.
const ONLY_SEEN: [&str; 2] = ["data.letter", "Sales.Sub"];

struct Schema {
    lab: Lab,
    sql: String,
}

fn load(text: &str) -> Schema {
    let lab = lab_blocking();
    api_roles(&lab);
    let sql = text.replace("{db}", &lab.database);
    lab.exec_blocking(&sql);
    lab.exec_blocking(&format!("create role {}_bare login", lab.database));
    Schema { lab, sql }
}

impl Schema {
    /// The names behind one kind of label.
    fn labelled(&self, label: &str) -> Vec<&str> {
        let prefix = format!("-- {label}: ");
        let lines = self.sql.lines().filter_map(|l| l.strip_prefix(&prefix));
        lines
            .flat_map(|line| line.split('|'))
            .map(str::trim)
            .collect()
    }

    fn missed(&self, answer: &Answer) -> Vec<&str> {
        let mut leaks = self.labelled("leak, proven");
        leaks.extend(self.labelled("leak, named"));
        leaks.retain(|name| answer.about(name).is_empty());
        leaks
    }

    fn unproven(&self, answer: &Answer) -> Vec<&str> {
        let mut leaks = self.labelled("leak, proven");
        leaks.retain(|name| !answer.confirmed(name));
        leaks
    }

    fn accused(&self, answer: &Answer) -> Vec<String> {
        let safe = self.labelled("safe").into_iter();
        safe.flat_map(|name| answer.about(name))
            .map(ToString::to_string)
            .collect()
    }

    fn assert_told(&self, answer: &Answer) {
        let none: Vec<&str> = Vec::new();
        assert!(self.labelled("safe").len() > 10);
        assert_eq!(self.missed(answer), none);
        assert_eq!(self.unproven(answer), none);
        assert_eq!(self.accused(answer), Vec::<String>::new());
        assert_eq!(answer.code, 1);
    }

    /// As a superuser all is named and proven; a login with no right at all
    /// names what texts give away and accuses nobody more.
    fn assert_judged(&self) {
        self.assert_told(&check(&self.lab, "postgres"));
        let bare = check(&self.lab, &format!("{}_bare", self.lab.database));
        let mut missed = self.missed(&bare);
        missed.retain(|name| !ONLY_SEEN.contains(name));
        assert_eq!(missed, Vec::<&str>::new());
        assert_eq!(self.accused(&bare), Vec::<String>::new());
        assert!(!bare.coverage["could_not"].to_string().is_empty());
    }
}

#[test]
pub fn text_ids_and_policies_for_everybody() {
    load(WORKSPACES).assert_judged();
}

#[test]
pub fn a_gateway_with_numbered_users_and_views_of_a_bound_owner() {
    load(STARTER).assert_judged();
}

#[test]
pub fn server_logins_partitions_and_quoted_names() {
    load(LEDGER).assert_judged();
}

#[test]
pub fn a_schema_for_each_domain_and_every_form_of_door() {
    load(DOMAINS).assert_judged();
}

#[test]
pub fn a_transaction_pooler_changes_none_of_it() {
    let schema = load(DOMAINS);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let Some(pooled) = runtime.block_on(pooler(&schema.lab, &["postgres"])) else {
        return;
    };
    schema.assert_told(&check_at(&pooled.url(&schema.lab, "postgres")));
}
