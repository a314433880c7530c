//! Doors around the policies that are relations: views that run as their
//! owner, materialized views, foreign tables (D01 to D05).

use crate::domain::finding::Severity;
use crate::investigate::database::audience::{any_anonymous, audience};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::classes;
use crate::investigate::database::expression::{Token, tokens};
use crate::investigate::database::helpers::calls;
use crate::investigate::database::judge::policy_hole;
use crate::investigate::database::scope::query_narrows;
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::investigate::database::survey::{ReadPolicy, Survey};

/// How many views deep a chain is followed.
const DEPTH: usize = 8;

/// What a view gives away.
#[derive(Debug, Default)]
struct Opened {
    /// Tables read with an owner's rights that the caller does not have.
    tables: Vec<Oid>,
    /// The first view of the chain that runs as its owner.
    through: Option<Oid>,
    /// Some view of the chain asks who is calling.
    scoped: bool,
    aggregated: bool,
    published: bool,
}

/// Looks at every view a stranger may read.
pub fn views(survey: &Survey) -> Vec<Claim> {
    survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| relation.is_view() && !relation.extension)
        .filter_map(|view| on_view(survey, view))
        .collect()
}

fn on_view(survey: &Survey, view: &Relation) -> Option<Claim> {
    // A text that could not be read is a gap, not an accusation.
    view.definition.as_ref()?;
    let audience = audience(survey, view.oid);
    let (mut roles, mut opened) = (Vec::new(), Opened::default());
    for (role, _) in &audience {
        let mut found = Opened::default();
        walk(survey, *role, view, *role, DEPTH, &mut found);
        if !found.tables.is_empty() && !found.scoped {
            roles.push(*role);
            opened = found;
        }
    }
    if roles.is_empty() {
        return None;
    }
    let severity = view_severity(survey, view, &roles, &opened)?;
    let name = view.full_name();
    let through = opened
        .through
        .and_then(|oid| survey.relation(oid))
        .map(Relation::full_name);
    let reads: Vec<String> = opened
        .tables
        .iter()
        .filter_map(|oid| survey.relation(*oid))
        .map(Relation::full_name)
        .collect();
    let nested = through.as_deref().is_some_and(|through| through != name);
    let users = reads.iter().any(|table| table == "auth.users");
    let (id, title) = if users {
        (
            "D05",
            format!("{name} shows the sign-in table to its callers"),
        )
    } else if nested {
        (
            "D02",
            format!("{name} reads through a view that runs as its owner and skips the policies"),
        )
    } else {
        (
            "D01",
            format!("{name} runs as its owner and skips the policies of the tables it reads"),
        )
    };
    let mut claim = Claim::on(id, severity, view)
        .titled(title)
        .for_roles(roles)
        .shown_by("reads", &reads.join(", "))
        .described(survey, view)
        .hinted(format!(
            "revoke SELECT on {name}, or make it a security_invoker view (15 and later)"
        ));
    if let Some(through) = through.filter(|_| nested) {
        claim = claim.shown_by("through", &through);
    }
    Some(claim)
}

fn view_severity(
    survey: &Survey,
    view: &Relation,
    roles: &[Oid],
    opened: &Opened,
) -> Option<Severity> {
    let about_people = opened.tables.iter().any(|oid| survey.sensitive(*oid));
    if !about_people {
        return None;
    }
    if opened.published {
        return Some(Severity::Info);
    }
    let shown = survey.sensitive(view.oid);
    let harmless = view.columns.iter().all(classes::harmless);
    match (shown, opened.aggregated) {
        (true, true) if !survey.private(view.oid) => Some(Severity::Medium),
        (true, _) if any_anonymous(survey, roles) && survey.private(view.oid) => {
            Some(Severity::Critical)
        }
        (true, _) => Some(Severity::High),
        (false, true) => None,
        (false, false) if harmless => Some(Severity::Low),
        (false, false) => Some(Severity::Medium),
    }
}

/// Follows what a view reads. `reader` is whose rights count at this hop:
/// the caller's under invoker views, the owner's below a definer view.
fn walk(
    survey: &Survey,
    caller: Oid,
    view: &Relation,
    reader: Oid,
    depth: usize,
    opened: &mut Opened,
) {
    let text = tokens(view.definition.as_deref().unwrap_or_default());
    opened.scoped |= query_narrows(&survey.helpers, &text);
    opened.aggregated |= aggregates(&text);
    opened.published |= published(&text);
    let reader = if view.invoker { reader } else { view.owner };
    if !view.invoker && opened.through.is_none() {
        opened.through = Some(view.oid);
    }
    for used in survey.uses(view.oid).0 {
        let Some(relation) = survey.relation(*used) else {
            continue;
        };
        match relation.kind.as_str() {
            "v" if depth > 0 => walk(survey, caller, relation, reader, depth - 1, opened),
            "v" => {}
            _ if reader == caller => {}
            _ if gains(survey, caller, reader, relation) => opened.tables.push(relation.oid),
            _ => {}
        }
    }
}

/// Whether the owner's rights show more of the table than the caller's own.
fn gains(survey: &Survey, caller: Oid, reader: Oid, relation: &Relation) -> bool {
    let direct = survey.access(caller, relation.oid).is_some();
    if relation.rls {
        let unbound = survey.skips(reader, relation) || open_to(survey, reader, relation);
        return unbound && !(direct && survey.skips(caller, relation));
    }
    !direct
}

/// Whether the owner is bound by policies that let every row through for it.
pub fn open_to(survey: &Survey, reader: Oid, relation: &Relation) -> bool {
    let open = |read: &ReadPolicy| {
        policy_hole(survey, reader, relation, read).is_some_and(|hole| hole.shows_all())
    };
    let mut permissive = survey
        .policies_for(reader, relation.oid)
        .filter(|read| read.policy.permissive);
    let mut restrictive = survey
        .policies_for(reader, relation.oid)
        .filter(|read| !read.policy.permissive);
    permissive.any(open) && restrictive.all(open)
}

fn aggregates(text: &[Token]) -> bool {
    text.windows(2)
        .any(|w| w[0].is_word("group") && w[1].is_word("by"))
        || calls(text)
            .iter()
            .any(|(name, _)| matches!(name.as_str(), "count" | "sum" | "avg"))
}

/// Whether the view keeps to published rows.
fn published(text: &[Token]) -> bool {
    let Some(at) = text.iter().position(|token| token.is_word("where")) else {
        return false;
    };
    text[at..].iter().enumerate().any(|(i, token)| match token {
        Token::Word(word) => {
            (word.contains("publish") || word.starts_with("is_public") || word == "is_listed")
                && !text.get(at + i + 1).is_some_and(|next| next.is_sign("."))
        }
        Token::Text(text) => matches!(text.as_str(), "published" | "public" | "listed"),
        _ => false,
    })
}

/// Looks at materialized views and foreign tables: no policy can guard them.
pub fn copies(survey: &Survey) -> Vec<Claim> {
    survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| matches!(relation.kind.as_str(), "m" | "f") && !relation.extension)
        .filter_map(|relation| on_copy(survey, relation))
        .collect()
}

fn on_copy(survey: &Survey, relation: &Relation) -> Option<Claim> {
    let audience = audience(survey, relation.oid);
    let sensitive = audience
        .iter()
        .any(|(_, access)| survey.sensitive_in(relation.oid, access));
    if !sensitive {
        return None;
    }
    let roles: Vec<Oid> = audience.iter().map(|(role, _)| *role).collect();
    let name = relation.full_name();
    let text = tokens(relation.definition.as_deref().unwrap_or_default());
    let severity = match () {
        () if published(&text) => Severity::Info,
        () if aggregates(&text) && !survey.private(relation.oid) => Severity::Medium,
        () if any_anonymous(survey, &roles) && survey.private(relation.oid) => Severity::Critical,
        () => Severity::High,
    };
    let (id, title) = if relation.kind == "m" {
        (
            "D03",
            format!("{name} is a stored copy that no policy can guard"),
        )
    } else {
        (
            "D04",
            format!("{name} shows remote rows that no policy here can guard"),
        )
    };
    let mut claim = Claim::on(id, severity, relation)
        .titled(title)
        .for_roles(roles)
        .described(survey, relation)
        .hinted(format!(
            "revoke SELECT on {name}, or move it to a schema these roles cannot use"
        ));
    claim.shows_all = true;
    Some(claim)
}
