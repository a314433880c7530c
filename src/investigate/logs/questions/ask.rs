//! The questions in SQL over the relation `events`. Each gives small rows per
//! key and never a line; what they mean is in [`super::answer`].

use super::dialect::Dialect;
use super::mapping::{MESSAGE, Mapping, NUMBERS, TEXTS};
use super::relation::{Bounds, at, events, over, raw};
use super::whom::Whom;
use crate::investigate::logs::gather::aggregates::WALK;

/// One question, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// `Q1` and so on, as the tables have it.
    pub id: &'static str,
    pub about: &'static str,
    pub sql: String,
    /// Rows that are taken; more are a gap.
    pub most: u64,
}

impl Question {
    /// The next page behind so many rows: how many it may hold, and the text
    /// that is sent.
    pub fn page(&self, sql: &dyn Dialect, behind: u64) -> (u64, String) {
        let page = sql.page().min(self.most.saturating_sub(behind) + 1);
        let limit = sql.limit(page, behind);
        (page, format!("{}\n{limit}", self.sql))
    }
}

/// Renders questions for one engine and one table.
#[derive(Debug, Clone, Copy)]
pub struct Render<'a> {
    pub sql: &'a dyn Dialect,
    pub mapping: &'a Mapping,
    pub bounds: Bounds,
}

const MOST: u64 = 400_000;
/// Objects that can be steps of a walk.
const NUMERIC: &str = "^[0-9]{1,20}$";
/// What may be a secret: a needle of `spill`, one letter before it, and what
/// can belong to a value behind it.
const SPILLED: &str = "(.?(?:sk_live_|rk_live_|whsec_|sb_secret_|AKIA|ghp_|eyJ|postgres://|postgresql://|Bearer |password=|\"password\":\"|[?&][A-Za-z_]*token=|[?&][A-Za-z_]*email=)[^ \"'<>,;\\\\]+|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----)";

impl Render<'_> {
    fn over_events(
        &self,
        id: &'static str,
        about: &'static str,
        select: &str,
        keys: &str,
        most: u64,
    ) -> Question {
        let events = events(self.sql, self.mapping, &self.bounds);
        Question {
            id,
            about,
            sql: format!("{events}\n{select}\nORDER BY {keys}"),
            most,
        }
    }

    fn grouped(
        &self,
        id: &'static str,
        about: &'static str,
        keys: &str,
        counts: &str,
        filter: &str,
    ) -> Question {
        let filter = if filter.is_empty() {
            String::new()
        } else {
            format!("\nWHERE {filter}")
        };
        let select = format!("SELECT {keys}, {counts}\nFROM events{filter}\nGROUP BY {keys}");
        self.over_events(id, about, &select, keys, MOST)
    }

    /// How many rows the window holds on either side of the release, and how
    /// many of them leave each column of the mapping empty.
    pub fn probe(&self) -> Question {
        let named = TEXTS.iter().map(|name| (*name, format!("rw_{name} = ''")));
        let numbers = NUMBERS
            .iter()
            .map(|name| (*name, format!("rw_{name} IS NULL")));
        let mapped = named.chain(numbers);
        let mapped = mapped.filter(|(name, _)| self.mapping.columns.contains_key(*name));
        let counts: Vec<String> = mapped
            .map(|(name, empty)| format!("{} AS empty_{name}", self.sql.count_if(&empty)))
            .collect();
        let raw = raw(self.sql, self.mapping, &self.bounds);
        let after = format!(
            "CASE WHEN rw_ts < {} THEN 0 ELSE 1 END",
            self.bounds.release.unwrap_or(0)
        );
        Question {
            id: "probe",
            about: "how much of the window leaves each column of the mapping empty",
            sql: format!(
                "WITH raw AS (\n{raw}\n)\nSELECT {after} AS qp_after, COUNT(1) AS n_all, {}\nFROM raw\nGROUP BY {after}\nORDER BY qp_after",
                counts.join(", ")
            ),
            most: 2,
        }
    }

    /// How many rows lie in the window whatever the mapping's `where` says:
    /// asked only where none is left.
    pub fn unfiltered(&self) -> Question {
        let columns = [format!("{} AS rw_ts", at(self.sql, self.mapping))];
        let mapping = Mapping {
            filter: None,
            ..self.mapping.clone()
        };
        let raw = over(self.sql, &mapping, &self.bounds, &columns);
        Question {
            id: "rows",
            about: "how many rows the window holds, events or not",
            sql: format!("WITH raw AS (\n{raw}\n)\nSELECT COUNT(1) AS n_all\nFROM raw"),
            most: 1,
        }
    }

    /// Asks for no row: whether the table has the column it is kept in order by.
    pub fn ordered(&self) -> Option<String> {
        let order = self.mapping.time.order.as_ref()?;
        Some(format!("SELECT {order} FROM {} LIMIT 0", self.mapping.from))
    }

    /// What a person runs by hand to see the rows of somebody.
    pub fn behind(&self) -> String {
        let who = ["user", "email", "key", "db_role", "client"];
        let who = who
            .iter()
            .find_map(|name| self.mapping.column(self.sql, name))
            .unwrap_or_else(|| self.sql.literal("WHO"));
        let columns = ["*".to_owned()];
        let rows = over(self.sql, self.mapping, &self.bounds, &columns);
        format!("{rows} AND {} = 'WHO' LIMIT 100", self.sql.text(&who)).replace('\n', " ")
    }

    /// Everything that is asked at first, in order.
    pub fn first(&self) -> Vec<Question> {
        let mut all = vec![
            self.access(),
            self.sizes("rows"),
            self.sizes("bytes"),
            self.cached(),
            self.clients(),
            self.minutes(),
            self.origins(),
            self.deployments(),
            self.homes(),
            self.reach(),
        ];
        all.extend(self.spills());
        all
    }

    fn access(&self) -> Question {
        let ok = |value: &str| format!("COALESCE(SUM(CASE WHEN ev_class = 0 THEN {value} END), 0)");
        let most =
            |value: &str| format!("COALESCE(MAX(CASE WHEN ev_class = 0 THEN {value} END), 0)");
        let classes: Vec<String> = (0..4)
            .map(|class| self.sql.count_if(&format!("ev_class = {class}")))
            .collect();
        let counts = format!(
            "{}, {}, {}, {}, {}, {}, MIN(ev_ts), MAX(ev_ts)",
            classes.join(", "),
            ok("ev_rows"),
            most("ev_rows"),
            self.sql.count_if("ev_class = 0 AND ev_rows IS NOT NULL"),
            ok("ev_bytes"),
            most("ev_bytes"),
        );
        let keys = "ev_kind, ev_who, ev_role, ev_layer, ev_route, ev_period";
        self.grouped(
            "Q1",
            "who used which route, with what outcome",
            keys,
            &counts,
            "",
        )
    }

    fn reach(&self) -> Question {
        let distinct = |class: &str, value: &str| {
            format!("COUNT(DISTINCT CASE WHEN {class} AND {value} <> '' THEN {value} END)")
        };
        let numeric = self.sql.matches("ev_object", NUMERIC);
        let counts = format!(
            "{}, {}, {}, {}",
            distinct("ev_class = 0", "ev_object"),
            distinct("ev_class IN (1, 2)", "ev_object"),
            distinct("ev_class = 0", "ev_tenant"),
            self.sql.count_if(&numeric),
        );
        let keys = "ev_kind, ev_who, ev_thing, ev_period";
        let filter = "ev_object <> '' AND ev_kind <> 4";
        self.grouped(
            "Q2",
            "how many different objects and tenants each principal reached",
            keys,
            &counts,
            filter,
        )
    }

    fn sizes(&self, what: &str) -> Question {
        let size = format!("ev_{what}");
        let bits = self.sql.bits(&size);
        let right = format!("CASE WHEN {bits} > 3 THEN {bits} - 3 ELSE 0 END");
        let below = self.sql.two_bits(&size, &right);
        let class = format!("{bits} * 4 + CASE WHEN {bits} >= 3 THEN {below} ELSE 0 END");
        let select = format!(
            "SELECT ev_layer, ev_route, ev_period, qs_class, COUNT(1) AS n_all\nFROM (SELECT ev_layer, ev_route, ev_period, {class} AS qs_class FROM events WHERE ev_class = 0 AND {size} IS NOT NULL) AS sized\nGROUP BY ev_layer, ev_route, ev_period, qs_class"
        );
        let id = if what == "rows" { "Q4r" } else { "Q4b" };
        let keys = "ev_layer, ev_route, ev_period, qs_class";
        self.over_events(
            id,
            "how large the answers of a route are",
            &select,
            keys,
            MOST,
        )
    }

    fn cached(&self) -> Question {
        let count = |condition: &str| self.sql.count_if(condition);
        let kept = "ev_class = 0 AND (ev_stored = 1 OR ev_shared = 1)";
        let counts = format!(
            "{}, {}, {}, {}, COALESCE(SUM(CASE WHEN {kept} THEN ev_bytes END), 0), MIN(CASE WHEN {kept} THEN ev_ts END), MAX(CASE WHEN {kept} THEN ev_ts END), {}",
            count("ev_class = 0"),
            count("ev_class = 0 AND ev_kind < 2"),
            count("ev_class = 0 AND ev_stored = 1"),
            count("ev_class = 0 AND ev_shared = 1"),
            count("ev_marked = 1"),
        );
        let keys = "ev_layer, ev_route, ev_period";
        self.grouped("Q6", "how caches served each route", keys, &counts, "")
    }

    fn clients(&self) -> Question {
        let keys = "ev_layer, ev_route, ev_period, ev_client";
        let filter = "ev_class = 0 AND (ev_stored = 1 OR ev_shared = 1) AND ev_client <> ''";
        self.grouped(
            "Q6c",
            "which clients got a stored answer",
            keys,
            "COUNT(1) AS n_all",
            filter,
        )
    }

    fn minutes(&self) -> Question {
        let minute = self.sql.divided("ev_ts", 60_000_000_000);
        let keys = "ev_layer, ev_route, ev_period, qm_minute";
        let select = format!(
            "SELECT {keys}, COUNT(1) AS n_all, {}, {}\nFROM (SELECT ev_layer, ev_route, ev_period, ev_class, {minute} AS qm_minute FROM events) AS timed\nGROUP BY {keys}",
            self.sql.count_if("ev_class = 0"),
            self.sql.count_if("ev_class = 1"),
        );
        self.over_events(
            "Q5",
            "refusals of each route, minute by minute",
            &select,
            keys,
            MOST,
        )
    }

    fn origins(&self) -> Question {
        let keys = "ev_kind, ev_who, ev_agent, ev_client, ev_period";
        let filter = "ev_kind IN (1, 2)";
        let counts = "COUNT(1) AS n_all, MIN(ev_ts), MAX(ev_ts)";
        self.grouped(
            "Q8",
            "from where keys and database roles were used",
            keys,
            counts,
            filter,
        )
    }

    fn deployments(&self) -> Question {
        let counts = "COUNT(1) AS n_all, MIN(ev_ts), MAX(ev_ts)";
        let filter = "ev_deployment <> ''";
        self.grouped(
            "Q9",
            "which deployments answered",
            "ev_deployment",
            counts,
            filter,
        )
    }

    fn homes(&self) -> Question {
        let filter = "ev_kind = 0 AND ev_home <> ''";
        self.grouped(
            "homes",
            "each person's own tenants",
            "ev_who, ev_home",
            "COUNT(1) AS n_all",
            filter,
        )
    }

    /// Q10, where the mapping says in which column a program's words stand.
    fn spills(&self) -> Option<Question> {
        let message = self.sql.text(&self.mapping.column(self.sql, MESSAGE)?);
        let columns = [
            format!("{} AS rw_ts", at(self.sql, self.mapping)),
            format!("{} AS rw_found", self.sql.extract(&message, SPILLED)),
        ];
        let raw = over(self.sql, self.mapping, &self.bounds, &columns);
        Some(Question {
            id: "Q10",
            about: "what looks like a secret in the words of programs",
            sql: format!(
                "WITH raw AS (\n{raw}\n)\nSELECT rw_found, COUNT(1) AS n_all, MIN(rw_ts), MAX(rw_ts)\nFROM raw\nWHERE rw_found <> ''\nGROUP BY rw_found\nORDER BY rw_found"
            ),
            most: 20_000,
        })
    }

    /// What the second phase asks: objects and tenants of some, steps of some.
    pub fn second(&self, whom: &Whom, walking: &Whom) -> Vec<Question> {
        vec![self.objects(whom), self.tenants(whom), self.walk(walking)]
    }

    /// A condition for the end of a `WHERE`, if one is needed.
    fn these(&self, whom: &Whom) -> String {
        let Whom::These(these) = whom else {
            return String::new();
        };
        let names: Vec<String> = these
            .iter()
            .map(|who| format!("({}, {})", who.kind as u8, self.sql.literal(&who.id)))
            .collect();
        format!(" AND (ev_kind, ev_who) IN ({})", names.join(", "))
    }

    fn objects(&self, whom: &Whom) -> Question {
        let keys = "ev_kind, ev_who, ev_thing, ev_period, qo_denied, ev_object";
        let select = format!(
            "SELECT {keys}, MIN(ev_ts) AS qo_first, MAX(ev_ts) AS qo_last\nFROM (SELECT ev_kind, ev_who, ev_thing, ev_period, CASE WHEN ev_class = 0 THEN 0 ELSE 1 END AS qo_denied, ev_object, ev_ts FROM events WHERE ev_object <> '' AND ev_kind <> 4 AND ev_class < 3{}) AS reached\nGROUP BY {keys}",
            self.these(whom)
        );
        self.over_events(
            "Q2o",
            "which objects each principal got, or was refused, and when",
            &select,
            keys,
            1_999_999,
        )
    }

    fn tenants(&self, whom: &Whom) -> Question {
        let keys = "ev_kind, ev_who, ev_thing, ev_period, ev_tenant";
        let filter = format!(
            "ev_object <> '' AND ev_kind <> 4 AND ev_class = 0 AND ev_tenant <> ''{}",
            self.these(whom)
        );
        self.grouped(
            "Q2t",
            "whose data each principal got",
            keys,
            "COUNT(1) AS n_all",
            &filter,
        )
    }

    fn walk(&self, whom: &Whom) -> Question {
        let keys = "ev_kind, ev_who, ev_thing, ev_period, ev_ts, ev_object";
        let numeric = self.sql.matches("ev_object", NUMERIC);
        let select = format!(
            "SELECT {keys}\nFROM (SELECT {keys}, ROW_NUMBER() OVER (PARTITION BY ev_kind, ev_who, ev_thing, ev_period ORDER BY ev_ts DESC, length(ev_object) DESC, ev_object DESC) AS qw_nth\nFROM (SELECT {keys} FROM events WHERE ev_kind <> 4 AND {numeric}{} GROUP BY {keys}) AS steps) AS latest\nWHERE qw_nth <= {WALK}",
            self.these(whom)
        );
        self.over_events(
            "Q3",
            "in which order principals asked for numbered objects",
            &select,
            keys,
            MOST,
        )
    }
}
