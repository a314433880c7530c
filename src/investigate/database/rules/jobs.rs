//! Scheduled jobs that copy sensitive rows (D19), judged by their text.

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::claim::{Claim, some_of};
use crate::investigate::database::expression::{Token, tokens};
use crate::investigate::database::helpers::calls;
use crate::investigate::database::snapshot::Relation;
use crate::investigate::database::survey::Survey;
use crate::investigate::database::ways::Job;

/// One claim a job.
pub fn copies(survey: &Survey) -> Vec<Claim> {
    let jobs = survey.snapshot.ways.jobs.iter();
    jobs.filter_map(|job| on_job(survey, job)).collect()
}

fn on_job(survey: &Survey, job: &Job) -> Option<Claim> {
    let text = tokens(&job.command);
    let how = carries(survey, &text)?;
    let named: Vec<String> = survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| survey.sensitive(relation.oid) && reads(&text, relation))
        .map(Relation::full_name)
        .collect();
    if named.is_empty() {
        return None;
    }
    let name = &job.name;
    Some(
        Claim::about("D19", Severity::Medium, SubjectKind::Job, name)
            .titled(format!("scheduled job {name} {how}"))
            .shown_by("names", &some_of(&named))
            .shown_by("runs as", &job.runs_as)
            .hinted(format!(
                "switch job {name} off with cron.alter_job(.., active := false), and find what it wrote"
            )),
    )
}

/// How the statements carry rows to where no policy guards them.
fn carries(survey: &Survey, text: &[Token]) -> Option<&'static str> {
    let mut statements = text.split(|token| token.is_sign(";"));
    statements.find_map(|statement| {
        let has = |word: &str| statement.iter().any(|token| token.is_word(word));
        let first = |word: &str| statement.first().is_some_and(|t| t.is_word(word));
        let out = calls(statement).iter().any(|(name, _)| {
            let bare = name.rsplit('.').next().unwrap_or(name);
            bare.starts_with("dblink") || bare.starts_with("http")
        });
        if first("copy") && has("to") {
            Some("copies rows to a file or program")
        } else if out && has("from") {
            Some("sends rows to another server")
        } else if (first("create") && has("as")) || (first("select") && has("into")) {
            // A view is the same rows under the same policies, and later ones.
            (!has("view")).then_some("copies rows into a new table that has no policies")
        } else if first("insert") && has("from") && !guarded(survey, statement) {
            Some("copies rows into a table without row security")
        } else {
            None
        }
    })
}

/// Whether the target of INSERT INTO is under row security.
fn guarded(survey: &Survey, statement: &[Token]) -> bool {
    let mut relations = survey.snapshot.relations.iter();
    relations.any(|relation| relation.rls && names(&statement[1..], "into", relation))
}

/// Whether the text takes rows from the relation.
fn reads(text: &[Token], relation: &Relation) -> bool {
    ["from", "join", "copy", "table"]
        .iter()
        .any(|word| names(text, word, relation))
}

/// Whether the relation's name follows the word, with its schema or bare.
fn names(text: &[Token], word: &str, relation: &Relation) -> bool {
    text.iter().enumerate().any(|(i, token)| {
        let rest = &text[i + 1..];
        token.is_word(word)
            && match rest {
                [Token::Word(schema), dot, Token::Word(name), ..] if dot.is_sign(".") => {
                    *schema == relation.schema && *name == relation.name
                }
                [Token::Word(name), ..] => *name == relation.name,
                _ => false,
            }
    })
}
