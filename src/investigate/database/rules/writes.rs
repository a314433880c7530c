//! What callers may write that policies later believe or show: P23 to P25.
//!
//! Nothing is written to find out, so all of it is suspected. A claim names no
//! relation as read by it: rows that leak there are another claim's doing.

use crate::domain::finding::{Evidence, Severity};
use crate::investigate::database::audience::is_outside;
use crate::investigate::database::claim::{Claim, Opening, some_of};
use crate::investigate::database::hole::Hole;
use crate::investigate::database::members::user_column;
use crate::investigate::database::names;
use crate::investigate::database::rules::believed::Believed;
use crate::investigate::database::snapshot::{Oid, PUBLIC, Policy, Relation, Write};
use crate::investigate::database::survey::Survey;
use crate::investigate::database::writing::{Act, Side, Writer};
use std::collections::HashMap;

/// Columns that give power by their name.
const POWERS: [&str; 14] = [
    "role",
    "roles",
    "user_role",
    "app_role",
    "is_admin",
    "admin",
    "is_superadmin",
    "is_super_admin",
    "is_staff",
    "is_owner",
    "permissions",
    "access_level",
    "plan",
    "tier",
];

/// What one policy lets one role write.
#[derive(Debug)]
struct Way<'a> {
    policy: &'a Policy,
    role: Oid,
    check: &'static str,
    severity: Severity,
    does: String,
    why: String,
    act: Act,
    column: Option<String>,
}

impl Way<'_> {
    fn opening(&self) -> Opening {
        Opening {
            role: self.role,
            act: self.act,
            column: self.column.clone(),
            grant: self.check == "P25",
        }
    }
}

/// Looks at every table under row security that somebody outside may write.
pub fn open_writes(survey: &Survey) -> Vec<Claim> {
    let believed = Believed::new(survey);
    let mut claims: Vec<Claim> = Vec::new();
    let mut places: HashMap<Oid, usize> = HashMap::new();
    for write in &survey.snapshot.writes {
        let Some(relation) = survey.relation(write.relation) else {
            continue;
        };
        let bound = relation.is_table() && relation.rls && !relation.extension;
        if write.role == PUBLIC
            || !bound
            || !is_outside(survey, write.role)
            || survey.skips(write.role, relation)
        {
            continue;
        }
        let writer = Writer {
            survey,
            relation,
            write,
        };
        let mut ways = joins(&writer, &believed);
        ways.extend(powers(&writer, &believed));
        ways.extend(open(&writer));
        for way in ways {
            let place = *places.entry(way.policy.oid).or_insert(claims.len());
            add(survey, (&mut claims, place), relation, write, &way);
        }
    }
    claims
}

/// One claim a policy: what weighs most names it, the rest is told with it.
/// Its place is one past the end if it is not among the claims yet.
fn add(
    survey: &Survey,
    (claims, place): (&mut Vec<Claim>, usize),
    relation: &Relation,
    write: &Write,
    way: &Way<'_>,
) {
    let told = format!("{} may: {}", survey.roles.name(way.role), way.why);
    if let Some(claim) = claims.get_mut(place) {
        if !claim.roles.contains(&write.role) {
            claim.roles.push(write.role);
        }
        claim.severity = claim.severity.max(way.severity);
        claim.writes.push(way.opening());
        claim.evidence.push(Evidence::new("write", &told));
        return;
    }
    let name = relation.full_name();
    let policy = way.policy;
    let check = policy.check.as_deref().or(policy.using.as_deref());
    let mut claim = Claim::on_policy(way.check, way.severity, relation, policy)
        .titled(format!("policy {} {}", policy.name, way.does))
        .for_roles(vec![way.role])
        .shown_by("relation", &name)
        .shown_by("condition", policy.using.as_deref().unwrap_or("none"))
        .shown_by("condition on new rows", check.unwrap_or("none"))
        .shown_by("write", &told)
        .shown_by("not proven", "nothing is written to find out")
        .hinted(format!(
            "tie USING and WITH CHECK of {} to the caller, or revoke the right to write on {name}",
            policy.name
        ));
    claim.relations.clear();
    claim.writes.push(way.opening());
    claims.push(claim);
}

/// P24: the caller puts itself into any tenant that others' policies believe.
fn joins<'a>(writer: &Writer<'a>, believed: &Believed<'a>) -> Vec<Way<'a>> {
    let (survey, relation) = (writer.survey, writer.relation);
    let Some((tenant, user)) = keys(survey, relation) else {
        return Vec::new();
    };
    let acts = if is_key(user) {
        &[Act::Insert][..]
    } else {
        &[Act::Insert, Act::Update]
    };
    let ways: Vec<(&'a Policy, Act)> = acts
        .iter()
        .flat_map(|act| writer.free(*act, tenant).into_iter().map(|p| (p, *act)))
        .collect();
    if ways.is_empty() {
        return Vec::new();
    }
    let trusting = believed.by(relation, &[tenant, user]);
    if trusting.is_empty() {
        return Vec::new();
    }
    let told = some_of(&full_names(&trusting));
    let sensitive = trusting.iter().any(|r| survey.sensitive(r.oid));
    ways.into_iter()
        .map(|(policy, act)| Way {
            policy,
            role: writer.write.role,
            check: "P24",
            severity: if sensitive {
                Severity::Critical
            } else {
                Severity::Info
            },
            does: "lets callers put themselves into any tenant".to_owned(),
            why: format!(
                "{} with any {tenant}; policies of {told} believe what stands there",
                if act == Act::Insert {
                    "insert rows"
                } else {
                    "change its rows"
                }
            ),
            act,
            column: Some(tenant.to_owned()),
        })
        .collect()
}

/// P25: the caller gives itself a role, a plan or a tenant.
fn powers<'a>(writer: &Writer<'a>, believed: &Believed<'a>) -> Vec<Way<'a>> {
    let (survey, relation) = (writer.survey, writer.relation);
    let Some(user) = user_column(survey, relation) else {
        return Vec::new();
    };
    let mut ways = Vec::new();
    for column in &relation.columns {
        let chosen = names::chosen_tenant(&column.name);
        let tenant = chosen || survey.tenant(relation.oid) == Some(&column.name) && is_key(user);
        let power = POWERS.contains(&names::folded(&column.name).as_str());
        if column.name == user || !(tenant || power) {
            continue;
        }
        let free = writer.free(Act::Update, &column.name);
        if free.is_empty() {
            continue;
        }
        let trusting = if chosen {
            believed.alone(relation, &column.name)
        } else {
            believed.by(relation, &[&column.name])
        };
        let people = names::lists_users(relation) || names::lists_members(relation);
        if trusting.is_empty() && (tenant || !people) {
            continue;
        }
        let (severity, believed) = if trusting.iter().any(|r| survey.sensitive(r.oid)) {
            let told = some_of(&full_names(&trusting));
            (Severity::High, format!("policies of {told} believe it"))
        } else {
            let told = "no policy reads it; the application may".to_owned();
            (Severity::Medium, told)
        };
        ways.extend(free.into_iter().map(|policy| Way {
            policy,
            role: writer.write.role,
            check: "P25",
            severity,
            does: format!("lets callers change their own {}", column.name),
            why: format!("set {} to any value; {believed}", column.name),
            act: Act::Update,
            column: Some(column.name.clone()),
        }));
    }
    ways
}

/// P23: rows of others can be changed or deleted, or put in their name.
fn open<'a>(writer: &Writer<'a>) -> Vec<Way<'a>> {
    let (survey, relation) = (writer.survey, writer.relation);
    let sensitive = survey.sensitive(relation.oid);
    let tenant = survey.tenant(relation.oid);
    let key = tenant.or_else(|| survey.owner(relation.oid));
    let way = |policy: &'a Policy, act: Act, severity: Severity, does: &str, why: String| Way {
        policy,
        act,
        column: None,
        role: writer.write.role,
        check: "P23",
        severity: if sensitive { severity } else { Severity::Info },
        does: does.to_owned(),
        why,
    };
    let mut ways = Vec::new();
    if writer.may(Act::Update) {
        let changed = writer.open(Act::Update, Side::Old);
        let moved = changed_why(writer, tenant);
        for (policy, hole) in &changed {
            let does = "lets rows of others be changed";
            let worth = by_width(hole);
            ways.push(way(policy, Act::Update, worth, does, moved.clone()));
        }
        let own = changed.is_empty().then_some(key).flatten();
        for policy in own.map_or_else(Vec::new, |key| writer.free(Act::Update, key)) {
            let shown = writer.open(Act::Update, Side::New);
            if shown.iter().any(|(open, _)| open.oid == policy.oid) {
                let does = "lets rows be put in the name of others";
                let why = "change rows so that they belong to others".to_owned();
                ways.push(way(policy, Act::Update, Severity::Low, does, why));
            }
        }
    }
    if writer.may(Act::Delete) {
        for (policy, hole) in writer.open(Act::Delete, Side::Old) {
            let why = "delete rows of others".to_owned();
            let does = "lets rows of others be deleted";
            ways.push(way(policy, Act::Delete, by_width(&hole), does, why));
        }
    }
    let fills = |key: &&str| writer.write.inserts.has(key);
    if let Some(key) = key
        .filter(fills)
        .filter(|key| !writer.triggered(Act::Insert, key))
    {
        for (policy, _) in writer.open(Act::Insert, Side::New) {
            let does = "lets rows be put in the name of others";
            let why = format!("insert rows with any {key}");
            ways.push(way(policy, Act::Insert, Severity::Low, does, why));
        }
    }
    ways
}

const fn by_width(hole: &Hole) -> Severity {
    match hole.width() {
        5.. => Severity::High,
        _ => Severity::Medium,
    }
}

/// What changing the rows of others leads to.
fn changed_why(writer: &Writer<'_>, tenant: Option<&str>) -> String {
    let reads = writer
        .survey
        .access(writer.write.role, writer.relation.oid)
        .is_some();
    let moves = |key: &&str| writer.write.updates.has(key);
    match tenant.filter(moves) {
        Some(key) if reads => format!(
            "change rows of others; an UPDATE that reads no column needs no policy for SELECT, so \
             {key} can be set to the caller's own and the rows be read there"
        ),
        _ => "change rows of others, if only blindly where no policy shows them".to_owned(),
    }
}

/// The tenant's and the user's column of a table that has both.
fn keys<'a>(survey: &'a Survey, relation: &'a Relation) -> Option<(&'a str, &'a str)> {
    let tenant = survey.tenant(relation.oid)?;
    let user = user_column(survey, relation).filter(|user| *user != tenant)?;
    Some((tenant, user))
}

/// Whether the user's column is the key of the table: one row a user.
fn is_key(user: &str) -> bool {
    names::folded(user) == "id"
}

fn full_names(relations: &[&Relation]) -> Vec<String> {
    relations.iter().map(|r| r.full_name()).collect()
}

/// Takes together what is said of one policy as read and as written: it is
/// accused once, of the worse.
pub fn told_once(claims: &mut Vec<Claim>) {
    let (written, mut rest): (Vec<Claim>, Vec<Claim>) = claims
        .drain(..)
        .partition(|claim| IDS.contains(&claim.check));
    let mut places: HashMap<Oid, usize> = HashMap::new();
    for (place, claim) in rest.iter().enumerate() {
        if let Some(policy) = claim
            .policy()
            .filter(|_| claim.severity >= Severity::Medium)
        {
            places.entry(policy).or_insert(place);
        }
    }
    for claim in written {
        let place = claim.policy().and_then(|policy| places.get(&policy));
        match place.and_then(|place| rest.get_mut(*place)) {
            Some(read) => {
                read.severity = read.severity.max(claim.severity);
                read.writes.extend(claim.writes);
                let lines = claim.evidence.into_iter();
                read.evidence
                    .extend(lines.filter(|line| line.what == "write"));
            }
            None => rest.push(claim),
        }
    }
    *claims = rest;
}

/// The ids of claims about writes.
pub const IDS: [&str; 3] = ["P23", "P24", "P25"];
