//! Makes sense of the statistics: which statements brought back rows of which
//! relation, how sure each count is, and which of them is a wide read.

use super::cursors::{cursor_of, cursors};
use super::named::Names;
use super::sources::{Raw, Running, Share, Statement, hides};
use super::text::unvalued;
use super::wide::{tenants, wide_from};
use crate::domain::mask::mask;
use crate::domain::reading::{Count, Doing, HIDDEN, Horizon, Live, Read, Reads, Scan};
use crate::domain::untrusted::visible;
use crate::domain::watch::{Counted, Glance};
use crate::investigate::database::expression::{Token, tokens};
use crate::investigate::database::helpers::calls;
use crate::investigate::database::principals::Actor;
use crate::investigate::database::snapshot::Oid;
use crate::investigate::database::survey::Survey;
use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

/// Reads that go into the record; the evidence has every statement.
const KEPT: usize = 120;

/// Characters of a statement that go into the record.
const TEXT: usize = 300;

/// In every statement of our own; such a one is nobody's read.
const OWN: &str = "/* firsthour */";

/// Calls whose one answer holds many rows.
const PACKS: [&str; 12] = [
    "json_agg",
    "jsonb_agg",
    "array_agg",
    "string_agg",
    "xmlagg",
    "array",
    "json_arrayagg",
    "json_object_agg",
    "jsonb_object_agg",
    "query_to_xml",
    "table_to_xml",
    "row_to_json",
];

/// Calls whose answer is a number about rows, not a row.
const SUMS: [&str; 7] = ["count", "sum", "avg", "min", "max", "exists", "bool_or"];

/// Joins the statistics with the catalogs.
pub fn weigh(raw: &Raw, survey: &Survey, shares: &[Share], actors: &[Actor]) -> Reads {
    let names = Names::new(survey);
    let counted = counted(raw, &names, survey, shares).into_iter();
    // What reads nobody knows what is told only when it is much.
    let told = counted
        .map(|counted| counted.read)
        .filter(|read| read.rows > 0 && (read.wide || !read.relation.is_empty()));
    let mut read: Vec<Read> = told.collect();
    read.sort_by_key(|read| Reverse((read.wide, read.rows, read.calls)));
    read.truncate(KEPT);
    let looked_through = raw
        .counters
        .iter()
        .filter(|counter| survey.sensitive(counter.relation));
    let scans = looked_through.filter_map(|counter| {
        Some(Scan {
            relation: shown(survey, counter.relation)?,
            rows: counter.rows,
            last: counter.last,
        })
    });
    Reads {
        read,
        scans: scans.collect(),
        live: raw
            .running
            .iter()
            .filter_map(|run| live(run, &names, survey))
            .collect(),
        horizon: Some(Horizon {
            statements: raw.since,
            tables: raw.sources.tables_since,
            off: raw.gaps.clone(),
        }),
        roles: actors
            .iter()
            .map(|actor| (actor.principal.name.clone(), actor.principal.role.clone()))
            .collect(),
    }
}

/// The same for somebody who watches: every count, none left out, since one
/// that is small now may grow.
pub fn glance(raw: &Raw, survey: &Survey, shares: &[Share]) -> Glance {
    let names = Names::new(survey);
    let running = raw.running.iter();
    Glance {
        counted: counted(raw, &names, survey, shares),
        live: running
            .filter_map(|run| live(run, &names, survey))
            .collect(),
        whole: !raw.cut,
        off: raw.gaps.clone(),
    }
}

fn counted(raw: &Raw, names: &Names<'_>, survey: &Survey, shares: &[Share]) -> Vec<Counted> {
    let largest = largest_tenants(survey, shares);
    let cursors = cursors(&raw.statements);
    let statements = raw.statements.iter();
    let all = statements.flat_map(|s| reads_of(s, names, survey, &largest, &cursors));
    summed(all)
}

/// One count a key. Several statements share one where the server tells no id,
/// or runs one both from outside and within another: taken for each other, the
/// count of one would look like a change of the other.
fn summed(all: impl Iterator<Item = Counted>) -> Vec<Counted> {
    let mut sums: BTreeMap<String, Counted> = BTreeMap::new();
    for counted in all {
        match sums.entry(counted.read.key()) {
            Entry::Vacant(place) => {
                place.insert(counted);
            }
            Entry::Occupied(mut place) => {
                let known = &mut place.get_mut().read;
                known.calls += counted.read.calls;
                known.rows += counted.read.rows;
                known.wide |= counted.read.wide;
                known.since = None;
                if known.count == Count::Certain {
                    known.count = Count::OnAverage;
                }
            }
        }
    }
    sums.into_values().collect()
}

/// Whether the statement bears this program's mark and answers as its own do,
/// with one row a call. The evidence has it too: anybody could write the mark.
pub fn own(statement: &Statement) -> bool {
    let text = statement.text.as_deref();
    statement.rows <= statement.calls && text.is_some_and(|text| text.contains(OWN))
}

/// The statement's text for the record: no values, no comments, one line.
pub fn told(text: &str, limit: usize) -> String {
    let text = mask(&visible(&unvalued(text)));
    match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn shown(survey: &Survey, oid: Oid) -> Option<String> {
    Some(visible(&survey.relation(oid)?.full_name()))
}

/// Rows of the largest tenant of each relation, estimated.
fn largest_tenants(survey: &Survey, shares: &[Share]) -> HashMap<Oid, u64> {
    let mut largest = HashMap::new();
    for share in shares {
        let rows = survey.relation(share.relation).and_then(|r| r.rows);
        if survey.tenant(share.relation) == Some(share.column.as_str())
            && let Some(rows) = rows.and_then(|rows| i32::try_from(rows).ok())
        {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share of at most one, of a count that is not negative"
            )]
            let part = (share.part.clamp(0.0, 1.0) * f64::from(rows.max(0))) as u64;
            largest.insert(share.relation, part);
        }
    }
    largest
}

fn reads_of(
    statement: &Statement,
    names: &Names<'_>,
    survey: &Survey,
    largest: &HashMap<Oid, u64>,
    cursors: &BTreeMap<(String, String), Vec<Token>>,
) -> Vec<Counted> {
    let text = statement.text.as_deref().unwrap_or_default();
    if own(statement) {
        return Vec::new();
    }
    if hides(statement.text.as_deref()) {
        return vec![read(statement, ("", ""), Count::OnAverage, (None, None))];
    }
    let asked = tokens(text);
    let tokens = cursor_of(&asked)
        .and_then(|cursor| cursors.get(&(statement.role.clone(), cursor.to_owned())))
        .unwrap_or(&asked);
    let Some(count) = count(statement, tokens, survey) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (oid, through) in names.read_by(tokens) {
        if let Some(name) = shown(survey, oid).filter(|_| survey.sensitive(oid)) {
            let rows = survey.relation(oid).and_then(|r| r.rows);
            let rows = rows.and_then(|rows| u64::try_from(rows).ok());
            let sizes = (rows, largest.get(&oid).copied());
            found.push(read(statement, (&name, &visible(&through)), count, sizes));
        }
    }
    found
}

fn read(
    statement: &Statement,
    (relation, through): (&str, &str),
    count: Count,
    (table, tenant): (Option<u64>, Option<u64>),
) -> Counted {
    let wide_from = wide_from(table, tenant);
    let inside = statement.toplevel == Some(false);
    let certain = statement.calls == 1 && count == Count::OnAverage;
    let per_call = statement.rows / statement.calls.max(1);
    let read = Read {
        relation: relation.to_owned(),
        through: if inside && through.is_empty() {
            "a function".to_owned()
        } else {
            through.to_owned()
        },
        role: visible(&statement.role),
        calls: statement.calls,
        rows: statement.rows,
        count: if certain { Count::Certain } else { count },
        wide: count != Count::Packed && per_call >= wide_from,
        tenants: tenants(per_call, tenant).filter(|_| count != Count::Packed),
        statement: told(statement.text.as_deref().unwrap_or_default(), TEXT),
        id: id(statement),
        since: statement.since,
    };
    Counted { read, wide_from }
}

/// The server's id, spelled so that nobody takes its digits for a card number.
pub fn id(statement: &Statement) -> String {
    let id = statement
        .id
        .as_deref()
        .and_then(|id| id.parse::<i64>().ok());
    id.map_or_else(
        || HIDDEN.to_owned(),
        |id| format!("q{:016x}", id.cast_unsigned()),
    )
}

/// How sure the rows of a statement are; `None` when it sends no rows of a
/// relation: it changes things, or it only counts.
fn count(statement: &Statement, tokens: &[Token], survey: &Survey) -> Option<Count> {
    let first = match tokens.first() {
        Some(Token::Word(word)) => word.as_str(),
        Some(Token::Sign(sign)) if sign == "(" => "select",
        _ => return None,
    };
    let has = |word: &str| tokens.iter().any(|token| token.is_word(word));
    match first {
        "select" | "with" | "table" | "declare" => {}
        "copy" if has("to") && !has("from") || copies_query(tokens) => {}
        "insert" | "update" | "delete" | "merge" if has("returning") => {}
        _ => return None,
    }
    let called = calls(tokens);
    let calls = |names: &[&str]| {
        let mut own = called
            .iter()
            .map(|(name, _)| name.rsplit('.').next().unwrap_or(name));
        own.any(|name| names.contains(&name))
    };
    let one_answer = statement.rows <= statement.calls;
    let documents = called
        .iter()
        .flat_map(|(name, _)| survey.helpers.named(name));
    let document = documents
        .filter_map(|oid| survey.function(*oid))
        .any(|function| matches!(function.returns.as_str(), "json" | "jsonb" | "xml" | "text"));
    if one_answer && (calls(&PACKS) || document) {
        return Some(Count::Packed);
    }
    if one_answer && calls(&SUMS) && !has("group") {
        return None;
    }
    Some(Count::OnAverage)
}

/// `COPY (SELECT ..) TO`, as against `COPY t FROM`.
fn copies_query(tokens: &[Token]) -> bool {
    tokens.first().is_some_and(|token| token.is_word("copy"))
        && tokens.get(1).is_some_and(|token| token.is_sign("("))
}

fn live(run: &Running, names: &Names<'_>, survey: &Survey) -> Option<Live> {
    let text = run.text.as_deref().unwrap_or_default();
    if run.copied.is_none() && text.contains(OWN) {
        return None;
    }
    let read = names.read_by(&tokens(text));
    let sensitive = read.keys().filter(|oid| survey.sensitive(**oid));
    let relations: Vec<String> = sensitive.filter_map(|oid| shown(survey, *oid)).collect();
    let doing = match run.copied {
        Some(_) => Doing::Copying,
        None if run.waits == "ClientWrite" => Doing::Sending,
        None => Doing::Running,
    };
    let dump = run.application.contains("pg_dump");
    // Other work of the application is nobody's business here.
    if relations.is_empty() && doing == Doing::Running && !dump && !hides(run.text.as_deref()) {
        return None;
    }
    Some(Live {
        login: visible(&run.login),
        application: mask(&visible(&run.application)),
        address: visible(&run.address),
        pid: run.pid,
        doing,
        relations,
        rows: run.copied,
        seconds: run.seconds.unwrap_or(0),
        statement: told(text, TEXT),
    })
}

#[cfg(test)]
mod tests;
