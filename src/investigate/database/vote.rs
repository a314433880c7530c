//! Decides each relation's tenant and owner column, and the classes of all
//! columns. No value is read.
//!
//! A column name earns votes: from the list of usual names, from policies
//! that compare it with the caller, from how many tables carry it, and from
//! being the key of the table that tenant columns point to.

use super::classes;
use super::names;
use super::snapshot::{Oid, Relation};
use super::survey::Survey;
use crate::domain::exposure::ColumnClass;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A name that is not on the list needs this many policies to lean on it.
const POLICIES_NEEDED: usize = 2;

/// How many foreign keys away from a tenant's table rows still count.
const HOPS: usize = 3;

/// What was counted about one column name.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    tables: usize,
    policies: usize,
    /// Policies that compare it straight with the signed-in user.
    users: usize,
}

/// Fills in classes, tenants and owners.
pub fn cast(survey: &mut Survey, told: Option<&str>) {
    let tallies = count(survey);
    let tenants: BTreeSet<String> = tallies
        .iter()
        .filter(|(name, tally)| told == Some(name.as_str()) || is_tenant(name, **tally))
        .map(|(name, _)| name.clone())
        .collect();
    let targets = key_targets(survey, &tenants);
    let links = parent_links(survey, &tenants);
    let relations = survey.snapshot.relations.clone();
    for relation in &relations {
        let mut found = BTreeMap::new();
        for column in &relation.columns {
            let voted = (tenants.contains(&column.name)).then_some(ColumnClass::Tenant);
            let class = voted.or_else(|| classes::by_name(relation, column));
            let linked = links.contains(&(relation.oid, column.name.clone()));
            if let Some(class) = class.map(|class| if linked { ColumnClass::Owner } else { class })
            {
                found.insert(column.name.clone(), class);
            }
        }
        let named = told
            .filter(|name| relation.column(name).is_some())
            .map(str::to_owned);
        let tenant = named.or_else(|| best_tenant(relation, &tallies, &found));
        let key = targets.get(&relation.oid).filter(|_| tenant.is_none());
        if let Some(column) = key.filter(|_| relation.rls || !found.is_empty()) {
            found.insert(column.clone(), ColumnClass::Tenant);
        }
        if let Some(column) = tenant.as_ref().or(key) {
            survey.set_tenant(relation.oid, column);
        }
        if let Some(column) = owner(survey, relation, &found) {
            found.entry(column.clone()).or_insert(ColumnClass::Owner);
            survey.set_owner(relation.oid, &column);
        }
        survey.set_classes(relation.oid, found);
    }
    follow_keys(survey);
}

/// Rows that belong to a guarded parent's rows are as sensitive as those:
/// the key that says so counts as their owner.
fn follow_keys(survey: &mut Survey) {
    for _ in 0..HOPS {
        let mut found = Vec::new();
        for (i, link) in survey
            .snapshot
            .links
            .iter()
            .enumerate()
            .filter(|(_, link)| link.kind == "f")
        {
            let orphan =
                survey.tenant(link.child).is_none() && survey.kin_key(link.child).is_none();
            let guarded = link.parent != link.child
                && survey
                    .relation(link.parent)
                    .is_some_and(|parent| parent.rls)
                && (survey.tenant(link.parent).is_some() || survey.kin_key(link.parent).is_some());
            if let ([column], true, true) = (&link.child_columns[..], orphan, guarded) {
                found.push((link.child, i, column.clone()));
            }
        }
        for (child, i, column) in found {
            survey.set_kin(child, i);
            let mut classes: BTreeMap<String, ColumnClass> = survey
                .classes(child)
                .map(|(name, class)| (name.to_owned(), class))
                .collect();
            classes.entry(column).or_insert(ColumnClass::Owner);
            survey.set_classes(child, classes);
        }
    }
}

fn count(survey: &Survey) -> HashMap<String, Tally> {
    let mut tallies: HashMap<String, Tally> = HashMap::new();
    for relation in &survey.snapshot.relations {
        for column in &relation.columns {
            tallies.entry(column.name.clone()).or_default().tables += 1;
        }
        let leaned: BTreeSet<&str> = leaned_on(survey, relation, |_| true);
        for name in leaned {
            let tally = tallies.entry(name.to_owned()).or_default();
            tally.policies += 1;
        }
        for name in leaned_on(survey, relation, user_text) {
            tallies.entry(name.to_owned()).or_default().users += 1;
        }
    }
    tallies
}

/// Columns of the relation that identity-bearing policies depend on.
fn leaned_on<'a>(
    survey: &Survey,
    relation: &'a Relation,
    only: impl Fn(&str) -> bool,
) -> BTreeSet<&'a str> {
    survey
        .policies(relation.oid)
        .iter()
        .filter(|read| read.identity && only(read.policy.using.as_deref().unwrap_or_default()))
        .flat_map(|read| &read.policy.own)
        .filter_map(|num| relation.columns.iter().find(|column| column.num == *num))
        .map(|column| column.name.as_str())
        .collect()
}

fn user_text(text: &str) -> bool {
    let text = text.to_lowercase();
    !text.contains("select 1")
        && (text.contains("uid()") || text.contains("'sub'") || text.contains("user_id'"))
}

fn is_tenant(name: &str, tally: Tally) -> bool {
    if names::owner_name(name) || name == "id" {
        return false;
    }
    let key_like = name.ends_with("_id") || name.ends_with("_key") || name.ends_with("_slug");
    names::tenant_name(name)
        || (key_like
            && tally.policies >= POLICIES_NEEDED
            && tally.users * 2 < tally.policies
            && tally.tables >= POLICIES_NEEDED)
}

fn best_tenant(
    relation: &Relation,
    tallies: &HashMap<String, Tally>,
    found: &BTreeMap<String, ColumnClass>,
) -> Option<String> {
    let score = |name: &str| {
        let tally = tallies.get(name).copied().unwrap_or_default();
        (
            tally.policies * 4 + tally.tables,
            usize::from(names::tenant_name(name)),
        )
    };
    relation
        .columns
        .iter()
        .filter(|column| found.get(&column.name) == Some(&ColumnClass::Tenant))
        .filter(|column| !matches!(column.kind.as_str(), "bool" | "json" | "jsonb"))
        .max_by_key(|column| score(&column.name))
        .map(|column| column.name.clone())
}

/// Tables whose key the tenant columns of other tables point to.
fn key_targets(survey: &Survey, tenants: &BTreeSet<String>) -> HashMap<Oid, String> {
    let mut targets = HashMap::new();
    for link in survey.snapshot.links.iter().filter(|link| link.kind == "f") {
        if let ([child], [parent]) = (&link.child_columns[..], &link.parent_columns[..])
            && tenants.contains(child)
        {
            targets.insert(link.parent, parent.clone());
        }
    }
    targets
}

/// Columns with a tenant's name that lead to a table which belongs to tenants
/// itself: `account_id`, where each account is a workspace's. Where people
/// are members by that very column, it names the tenant after all.
fn parent_links(survey: &Survey, tenants: &BTreeSet<String>) -> BTreeSet<(Oid, String)> {
    let joined: BTreeSet<&str> = survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| names::lists_members(relation))
        .flat_map(|relation| relation.columns.iter().map(|column| column.name.as_str()))
        .collect();
    let links = survey.snapshot.links.iter().filter(|link| link.kind == "f");
    links
        .filter(|link| link.parent != link.child)
        .filter_map(|link| {
            let ([child], [target]) = (&link.child_columns[..], &link.parent_columns[..]) else {
                return None;
            };
            let parent = survey.relation(link.parent)?;
            let owned = parent
                .columns
                .iter()
                .any(|column| column.name != *target && tenants.contains(&column.name));
            (owned && !joined.contains(child.as_str())).then(|| (link.child, child.clone()))
        })
        .collect()
}

/// The owner column: one that policies compare with the user, else one of a
/// usual name.
fn owner(
    survey: &Survey,
    relation: &Relation,
    found: &BTreeMap<String, ColumnClass>,
) -> Option<String> {
    let leaned = leaned_on(survey, relation, user_text);
    let free = |name: &&str| found.get(*name) != Some(&ColumnClass::Tenant);
    leaned
        .iter()
        .copied()
        .filter(free)
        .filter(|name| {
            *name == "id"
                || name.ends_with("_id")
                || name.ends_with("_by")
                || names::owner_name(name)
        })
        .max_by_key(|name| usize::from(names::owner_name(name)))
        .map(str::to_owned)
        .or_else(|| {
            let named = relation.columns.iter().find(|column| {
                matches!(
                    column.kind.as_str(),
                    "uuid" | "text" | "varchar" | "int4" | "int8"
                ) && found.get(&column.name) == Some(&ColumnClass::Owner)
            });
            named.map(|column| column.name.clone())
        })
}
