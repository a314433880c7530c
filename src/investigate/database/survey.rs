//! The snapshot, indexed, with what follows from it: roles, helpers, tenant
//! columns, sensitivity. Built once; every rule and the prober read it.
//!
//! Everything is looked up by oid, so 2,000 relations cost 2,000 look-ups.

use super::expression::said::{Said, Texts};
use super::helpers::Helpers;
use super::roles::{Roles, Station};
use super::snapshot::{Function, Link, Oid, PUBLIC, Policy, Relation, Snapshot};
use crate::domain::exposure::{ColumnClass, RelationShape};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What a role may read of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    Whole,
    Columns(Vec<String>),
}

/// A policy with its expression read.
#[derive(Debug, Clone)]
pub struct ReadPolicy {
    pub policy: Policy,
    pub text: Arc<Said>,
    /// What new rows must meet: the same, where nothing else is said.
    pub new_text: Arc<Said>,
    /// Whether the expression, or a helper it calls, asks who is asking.
    pub identity: bool,
}

/// The indexed snapshot.
#[derive(Debug, Default)]
pub struct Survey {
    pub snapshot: Snapshot,
    pub roles: Roles,
    pub helpers: Helpers,
    relations: HashMap<Oid, usize>,
    functions: HashMap<Oid, usize>,
    policies: HashMap<Oid, Vec<ReadPolicy>>,
    access: HashMap<Oid, BTreeMap<Oid, Access>>,
    callable: HashMap<Oid, BTreeSet<Oid>>,
    uses: HashMap<Oid, (Vec<Oid>, Vec<Oid>)>,
    parents: HashMap<Oid, Vec<Oid>>,
    children: HashMap<Oid, Vec<Oid>>,
    columns: HashMap<Oid, BTreeMap<String, ColumnClass>>,
    tenant: HashMap<Oid, String>,
    owner: HashMap<Oid, String>,
    /// Index of the foreign key to a guarded parent.
    kin: HashMap<Oid, usize>,
    scoped: BTreeSet<Oid>,
}

impl Survey {
    /// Indexes a snapshot. Tenants, owners and classes are still unknown: cast
    /// the votes next.
    pub fn new(snapshot: Snapshot, roles: Roles) -> Self {
        let mut survey = Self {
            helpers: Helpers::new(&snapshot.functions),
            roles,
            ..Self::default()
        };
        survey.index(&snapshot);
        survey.snapshot = snapshot;
        let apps: Vec<Oid> = survey
            .roles
            .at(&[Station::App])
            .iter()
            .map(|role| role.oid)
            .collect();
        survey.scoped = apps
            .into_iter()
            .filter(|role| survey.narrows(*role))
            .collect();
        survey
    }

    fn index(&mut self, snapshot: &Snapshot) {
        for (i, relation) in snapshot.relations.iter().enumerate() {
            self.relations.insert(relation.oid, i);
        }
        for (i, function) in snapshot.functions.iter().enumerate() {
            self.functions.insert(function.oid, i);
        }
        let mut texts = Texts::new();
        for policy in &snapshot.policies {
            let identity = |said: &Said| self.helpers.identity_in(&said.tokens);
            let using = policy.using.as_deref().unwrap_or_default();
            let (text, asks) = texts.read(using, identity);
            let new_text = match policy.check.as_deref() {
                Some(check) => texts.read(check, identity).0,
                None => Arc::clone(&text),
            };
            self.policies
                .entry(policy.relation)
                .or_default()
                .push(ReadPolicy {
                    policy: policy.clone(),
                    text,
                    new_text,
                    identity: asks,
                });
        }
        for grant in &snapshot.grants {
            let access = match (&grant.columns, grant.whole) {
                (Some(columns), false) => Access::Columns(columns.clone()),
                _ => Access::Whole,
            };
            self.access
                .entry(grant.relation)
                .or_default()
                .insert(grant.role, access);
        }
        for callable in &snapshot.callables {
            self.callable
                .entry(callable.function)
                .or_default()
                .insert(callable.role);
        }
        for used in &snapshot.view_uses {
            self.uses
                .insert(used.view, (used.relations.clone(), used.functions.clone()));
        }
        for link in snapshot.links.iter().filter(|link| link.kind == "i") {
            self.parents
                .entry(link.child)
                .or_default()
                .push(link.parent);
            self.children
                .entry(link.parent)
                .or_default()
                .push(link.child);
        }
    }

    /// The relation of that oid.
    pub fn relation(&self, oid: Oid) -> Option<&Relation> {
        self.relations
            .get(&oid)
            .map(|i| &self.snapshot.relations[*i])
    }

    /// The function of that oid.
    pub fn function(&self, oid: Oid) -> Option<&Function> {
        self.functions
            .get(&oid)
            .map(|i| &self.snapshot.functions[*i])
    }

    /// Every policy on the relation.
    pub fn policies(&self, relation: Oid) -> &[ReadPolicy] {
        self.policies.get(&relation).map_or(&[], Vec::as_slice)
    }

    /// Every policy there is, in no order.
    pub fn all_policies(&self) -> impl Iterator<Item = &ReadPolicy> {
        self.policies.values().flatten()
    }

    /// The policies that decide what this role sees of the relation.
    pub fn policies_for(&self, role: Oid, relation: Oid) -> impl Iterator<Item = &ReadPolicy> {
        self.policies(relation).iter().filter(move |read| {
            read.policy.reads() && read.policy.roles.iter().any(|to| self.roles.has(role, *to))
        })
    }

    /// What each watched role may read of the relation.
    pub fn readers(&self, relation: Oid) -> impl Iterator<Item = (Oid, &Access)> {
        self.access
            .get(&relation)
            .into_iter()
            .flatten()
            .map(|(role, access)| (*role, access))
    }

    /// What this role may read of the relation.
    pub fn access(&self, role: Oid, relation: Oid) -> Option<&Access> {
        self.access.get(&relation)?.get(&role)
    }

    /// Whether the role has anything to read here at all.
    pub fn reads_anything(&self, role: Oid) -> bool {
        self.access.values().any(|roles| roles.contains_key(&role))
    }

    /// The watched roles that may call the security definer function.
    pub fn callers(&self, function: Oid) -> impl Iterator<Item = Oid> {
        self.callable.get(&function).into_iter().flatten().copied()
    }

    /// The relations a view reads, and the functions it calls.
    pub fn uses(&self, view: Oid) -> (&[Oid], &[Oid]) {
        self.uses.get(&view).map_or((&[], &[]), |(r, f)| (r, f))
    }

    /// Every table above this one by inheritance or partitioning.
    pub fn ancestors(&self, relation: Oid) -> Vec<Oid> {
        let mut found = Vec::new();
        let mut todo = vec![relation];
        while let Some(at) = todo.pop() {
            for parent in self.parents.get(&at).into_iter().flatten() {
                if !found.contains(parent) {
                    found.push(*parent);
                    todo.push(*parent);
                }
            }
        }
        found
    }

    /// Every table below this one by inheritance or partitioning.
    pub fn below(&self, relation: Oid) -> Vec<Oid> {
        let mut found: Vec<Oid> = Vec::new();
        let mut todo = vec![relation];
        while let Some(at) = todo.pop() {
            for child in self.children.get(&at).into_iter().flatten() {
                if !found.contains(child) {
                    found.push(*child);
                    todo.push(*child);
                }
            }
        }
        found
    }

    /// The column whose value tells whose tenant a row is.
    pub fn tenant(&self, relation: Oid) -> Option<&str> {
        self.tenant.get(&relation).map(String::as_str)
    }

    /// The column whose value tells which user a row belongs to.
    pub fn owner(&self, relation: Oid) -> Option<&str> {
        self.owner.get(&relation).map(String::as_str)
    }

    /// The classes of the relation's columns, by column name.
    pub fn classes(&self, relation: Oid) -> impl Iterator<Item = (&str, ColumnClass)> {
        self.columns
            .get(&relation)
            .into_iter()
            .flatten()
            .map(|(name, class)| (name.as_str(), *class))
    }

    /// Whether it holds tenants, people, payments or secrets in what this
    /// access shows.
    pub fn sensitive_in(&self, relation: Oid, access: &Access) -> bool {
        self.classes(relation).any(|(name, _)| match access {
            Access::Whole => true,
            Access::Columns(columns) => columns.iter().any(|column| column == name),
        })
    }

    /// Whether any of its columns is sensitive.
    pub fn sensitive(&self, relation: Oid) -> bool {
        self.columns
            .get(&relation)
            .is_some_and(|classes| !classes.is_empty())
    }

    /// Whether it holds what nobody publishes: contact, payment or secret
    /// data, as against mere keys.
    pub fn private(&self, relation: Oid) -> bool {
        self.classes(relation).any(|(_, class)| {
            !matches!(
                class,
                ColumnClass::Tenant | ColumnClass::Owner | ColumnClass::Name
            )
        })
    }

    /// Whether the relation is readable only as far as policies allow.
    pub fn skips(&self, role: Oid, relation: &Relation) -> bool {
        !relation.rls
            || self.roles.skips_policies(role)
            || (!relation.force && role != PUBLIC && self.roles.has(role, relation.owner))
    }

    /// Whether row security narrows this role on anything it reads: then the
    /// role is meant to see a part of the rows.
    pub fn scoped(&self, role: Oid) -> bool {
        match self.roles.station(role) {
            Station::Anonymous | Station::SignedIn => true,
            Station::App => self.scoped.contains(&role),
            Station::Service | Station::Platform => false,
        }
    }

    fn narrows(&self, role: Oid) -> bool {
        self.policies.keys().any(|relation| {
            self.access(role, *relation).is_some()
                && self
                    .relation(*relation)
                    .is_some_and(|r| !self.skips(role, r))
        })
    }

    /// The parent whose guarded rows this relation's rows belong to, and the
    /// foreign key that says so.
    pub fn belongs_to(&self, relation: Oid) -> Option<Oid> {
        self.kin
            .get(&relation)
            .map(|link| self.snapshot.links[*link].parent)
    }

    /// The foreign key behind [`Survey::belongs_to`].
    pub fn kin_key(&self, relation: Oid) -> Option<&Link> {
        self.kin
            .get(&relation)
            .map(|link| &self.snapshot.links[*link])
    }

    /// Whether it keeps payment or Stripe data and no tenant's key.
    pub fn billing_without_tenant(&self, relation: Oid) -> bool {
        self.tenant(relation).is_none()
            && self.classes(relation).any(|(_, class)| {
                matches!(
                    class,
                    ColumnClass::StripeId | ColumnClass::Payment | ColumnClass::Invoice
                )
            })
    }

    /// The relation's shape as findings and screens show it.
    pub fn shape(&self, relation: &Relation) -> RelationShape {
        let classes: BTreeSet<ColumnClass> =
            self.classes(relation.oid).map(|(_, class)| class).collect();
        RelationShape {
            name: crate::domain::untrusted::visible(&relation.full_name()),
            kind: relation.subject_kind(),
            rows: relation.rows.and_then(|rows| u64::try_from(rows).ok()),
            tenant_column: self
                .tenant(relation.oid)
                .map(crate::domain::untrusted::visible),
            classes: classes.into_iter().collect(),
        }
    }

    pub(super) fn set_classes(&mut self, relation: Oid, classes: BTreeMap<String, ColumnClass>) {
        self.columns.insert(relation, classes);
    }

    pub(super) fn set_tenant(&mut self, relation: Oid, column: &str) {
        self.tenant.insert(relation, column.to_owned());
    }

    pub(super) fn set_owner(&mut self, relation: Oid, column: &str) {
        self.owner.insert(relation, column.to_owned());
    }

    pub(super) fn set_kin(&mut self, relation: Oid, link: usize) {
        self.kin.insert(relation, link);
    }

    /// Whether any relation knows tenants at all.
    pub fn has_tenants(&self) -> bool {
        !self.tenant.is_empty()
    }

    /// Whether anybody from outside may read it.
    pub fn reaches_outside(&self, relation: Oid) -> bool {
        self.readers(relation).any(|(role, _)| {
            matches!(
                self.roles.station(role),
                Station::Anonymous | Station::SignedIn | Station::App
            )
        })
    }
}
