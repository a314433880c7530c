//! Checks that are one catalog query each: files of SQL with a header.
//!
//! The first lines of `checks/<ID>.sql` say `-- id:`, `-- what:` (what a gap
//! calls its source) and, where a plain login is not let in, `-- needs:` a
//! role; one that reads a view of an extension names it by `-- view:`, is left
//! out without it, and has the mark `{VIEW}`. Every query gives rows of one shape, [`Row`]. Roles and relations that
//! the survey knows take the places of the marks: `{LOW}` held by callers,
//! PUBLIC among them as 0; `{OURS}` neither a platform's nor the audit's own;
//! `{SERVICE}` named for work done for everybody; `{SENSITIVE}` tables that
//! hold people, tenants, payments or secrets. To add a check, add a file and
//! its name below.

use super::claim::Claim;
use super::roles::{Station, is_platform, is_service_name};
use super::snapshot::{Oid, PUBLIC, Relation, Role};
use super::survey::Survey;
use crate::domain::check::Gap;
use crate::domain::failure::Failure;
use crate::domain::finding::{Severity, SubjectKind};
use crate::providers::postgres::{Reading, Session, qualified};
use futures_util::future::join_all;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Reads the files of the ids it is given.
macro_rules! texts {
    ($($id:ident)*) => {
        [$((stringify!($id), include_str!(concat!("checks/", stringify!($id), ".sql")))),*]
    };
}

const TEXTS: &[(&str, &str)] = &texts![G12 G16 G19 G21 G23 C01 C02 C03 C05 C05_counted];

/// What every query gives.
#[derive(Debug, Deserialize)]
struct Row {
    kind: String,
    name: String,
    severity: String,
    title: String,
    evidence: BTreeMap<String, serde_json::Value>,
    hint: String,
}

/// The ids of these checks.
pub fn ids() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().filter_map(|(_, text)| header(text, "id"))
}

/// Runs every query, in one transaction; what the server refused becomes a
/// gap.
pub async fn run(session: &Session, survey: &Survey) -> (Vec<Claim>, Vec<Gap>) {
    let reading = match session.reading().await {
        Ok(reading) => reading,
        Err(error) => {
            let why = Failure::from(error).why;
            let gap = |(_, text): &(&str, &'static str)| Gap::new(what(text), &why);
            return (Vec::new(), TEXTS.iter().map(gap).collect());
        }
    };
    let asked = TEXTS.iter().map(|(_, text)| ask(&reading, survey, text));
    let answers = join_all(asked).await;
    // What was read holds also when the connection is lost here.
    let _ = reading.end().await;
    let (mut claims, mut gaps) = (Vec::new(), Vec::new());
    for answer in answers {
        match answer {
            Ok(told) => claims.extend(told),
            Err(gap) => gaps.push(gap),
        }
    }
    (claims, gaps)
}

async fn ask(
    reading: &Reading<'_>,
    survey: &Survey,
    text: &'static str,
) -> Result<Vec<Claim>, Gap> {
    if let Some(role) = header(text, "needs").filter(|role| !holds(survey, role)) {
        let why = format!("this login is no member of {role}");
        return Err(Gap::new(what(text), &why));
    }
    let mut sql = fill(text, survey);
    if let Some(name) = header(text, "view") {
        let mut views = survey.snapshot.relations.iter().filter(|r| r.extension);
        let Some(view) = views.find(|r| r.name == name) else {
            return Ok(Vec::new());
        };
        sql = sql.replace("{VIEW}", &qualified(&view.schema, &view.name));
    }
    match reading.read::<Row>(&sql).await {
        Ok(rows) => Ok(rows
            .into_iter()
            .filter_map(|row| claim(text, row))
            .collect()),
        Err(error) => Err(Gap::new(what(text), &Failure::from(error).why)),
    }
}

fn what(text: &'static str) -> &'static str {
    header(text, "what").unwrap_or("a catalog")
}

fn header<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("-- "));
    lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
}

/// Whether the login of this audit has the rights of a role.
fn holds(survey: &Survey, name: &str) -> bool {
    let login = survey.snapshot.server.login;
    let superuser = survey.roles.get(login).is_some_and(|own| own.superuser);
    let named = |role: &&Role| role.name == name;
    let role = survey.snapshot.roles.iter().find(named);
    superuser || role.is_some_and(|role| survey.roles.has(login, role.oid))
}

fn fill(text: &str, survey: &Survey) -> String {
    let list = |oids: Vec<Oid>| {
        let oids: Vec<String> = oids.iter().map(Oid::to_string).collect();
        format!("{{{}}}", oids.join(","))
    };
    let roles = |wanted: &dyn Fn(&Role) -> bool| -> Vec<Oid> {
        let roles = survey.snapshot.roles.iter().filter(|role| wanted(role));
        roles.map(|role| role.oid).collect()
    };
    let low = [Station::Anonymous, Station::SignedIn];
    let mut callers = roles(&|role| low.contains(&survey.roles.station(role.oid)));
    callers.push(PUBLIC);
    let own = survey.snapshot.server.login;
    let tables = survey.snapshot.relations.iter();
    let tables = tables.filter(|r| r.is_table() && !r.extension && survey.sensitive(r.oid));
    text.replace("{LOW}", &list(callers))
        .replace(
            "{OURS}",
            &list(roles(&|role| role.oid != own && !is_platform(&role.name))),
        )
        .replace(
            "{SERVICE}",
            &list(roles(&|role| is_service_name(&role.name))),
        )
        .replace(
            "{SENSITIVE}",
            &list(tables.map(|r: &Relation| r.oid).collect()),
        )
}

fn claim(text: &'static str, row: Row) -> Option<Claim> {
    const KINDS: [SubjectKind; 4] = [
        SubjectKind::Database,
        SubjectKind::Schema,
        SubjectKind::Role,
        SubjectKind::Setting,
    ];
    let kind = KINDS.into_iter().find(|kind| kind.word() == row.kind)?;
    let claim = Claim::about(
        header(text, "id")?,
        Severity::parse(&row.severity)?,
        kind,
        &row.name,
    )
    .titled(row.title)
    .hinted(row.hint);
    let evidence = row.evidence.iter();
    Some(evidence.fold(claim, |claim, (what, value)| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        claim.shown_by(what, &text)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_says_what_it_is_and_is_one_statement() {
        for (name, text) in TEXTS {
            let id = header(text, "id").unwrap();
            assert!(name.starts_with(id), "{name}");
            assert!(header(text, "what").is_some(), "{id}");
            assert!(
                !text.contains(';') && !text.trim_end().ends_with(','),
                "{name}"
            );
        }
    }

    #[test]
    fn a_row_with_words_unknown_here_is_no_claim() {
        let row = |kind: &str, severity: &str| Row {
            kind: kind.to_owned(),
            name: "x".to_owned(),
            severity: severity.to_owned(),
            title: "t".to_owned(),
            evidence: BTreeMap::from([("sessions".to_owned(), 2.into())]),
            hint: "h".to_owned(),
        };
        let told = claim("-- id: G16", row("role", "critical")).unwrap();
        assert_eq!(told.severity, Severity::Critical);
        assert_eq!(told.evidence[0].value, "2");
        assert!(claim("-- id: G16", row("planet", "high")).is_none());
        assert!(claim("-- id: G16", row("role", "loud")).is_none());
    }

    #[test]
    fn marks_become_lists_of_oids() {
        let survey = Survey::default();
        assert_eq!(fill("{LOW} {OURS}", &survey), "{0} {}");
    }
}
