//! Compares two portraits: things by kind and name, facet by facet; grants by
//! what each role comes to hold. Pure.

use super::portrait::{Facet, Granted, Kind, Portrait, Thing};
use super::weigh::{Effect, facets, presence};
use crate::domain::untrusted::visible;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One thing that differs. All texts are printable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// From the point of view of the first side.
    pub effect: Effect,
    /// The kind of thing.
    pub what: &'static str,
    pub name: String,
    /// What of it differs; `presence` where one side does not have it.
    pub facet: String,
    /// `None` where the side does not have it.
    pub first: Option<String>,
    pub second: Option<String>,
}

/// What a comparison found, what opens first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    pub differences: Vec<Difference>,
    /// Things that both sides have, or one.
    pub compared: usize,
}

/// What the first has over the second.
pub fn compare(first: &Portrait, second: &Portrait) -> Drift {
    let (a, b) = (Side::of(first), Side::of(second));
    let keys: BTreeSet<Key<'_>> = a.things.keys().chain(b.things.keys()).copied().collect();
    let missing: BTreeSet<Kind> = first.missing.union(&second.missing).copied().collect();
    let mut out = Vec::new();
    for key in keys.iter().filter(|key| !missing.contains(&key.0)) {
        thing((&a, a.things.get(key)), (&b, b.things.get(key)), &mut out);
    }
    if !first.without_grants && !second.without_grants {
        grants(&a, &b, &missing, &mut out);
    }
    out.sort();
    out.dedup();
    Drift {
        differences: out,
        compared: keys.len(),
    }
}

/// Kind, relation it stands on, name.
type Key<'a> = (Kind, Option<&'a str>, &'a str);

/// Grantee and object.
type Holding<'a> = (&'a str, &'a str);

/// A portrait, indexed.
struct Side<'a> {
    things: BTreeMap<Key<'a>, &'a Thing>,
    grants: BTreeMap<Holding<'a>, &'a Granted>,
    granted: BTreeSet<&'a str>,
    /// Each role with all roles whose rights flow to it, itself included.
    holds: HashMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Side<'a> {
    fn of(portrait: &'a Portrait) -> Self {
        let key = |thing: &'a Thing| (thing.kind, thing.on.as_deref(), thing.name.as_str());
        let grants = portrait.grants.iter();
        let granted = grants
            .clone()
            .flat_map(|g| [Some(g.object.as_str()), g.of.as_deref()]);
        let mut side = Self {
            things: portrait.things.iter().map(|t| (key(t), t)).collect(),
            granted: granted.flatten().collect(),
            grants: grants
                .map(|g| ((g.grantee.as_str(), g.object.as_str()), g))
                .collect(),
            holds: HashMap::new(),
        };
        let mut edges: HashMap<&str, Vec<&str>> = HashMap::new();
        for (member, role) in &portrait.inherits {
            edges.entry(member).or_default().push(role);
        }
        for member in edges.keys() {
            let mut all = BTreeSet::new();
            let mut todo = vec![*member];
            while let Some(at) = todo.pop() {
                if all.insert(at) {
                    todo.extend(edges.get(at).into_iter().flatten());
                }
            }
            side.holds.insert(member, all);
        }
        side
    }

    fn relation(&self, name: &str) -> Option<&Thing> {
        let of = |kind| self.things.get(&(kind, None, name)).copied();
        of(Kind::Table).or_else(|| of(Kind::View))
    }

    fn object(&self, grant: &Granted) -> Option<&Thing> {
        match grant.kind {
            Kind::Table => self.relation(&grant.object),
            Kind::Column => self.relation(grant.of.as_deref()?),
            kind => self
                .things
                .get(&(kind, None, grant.object.as_str()))
                .copied(),
        }
    }

    /// Whether policies decide anything on the table.
    fn guarded(&self, table: &str) -> bool {
        let flag = self
            .relation(table)
            .and_then(|t| t.facets.get("row security"));
        flag == Some(&Facet::Closes(true))
    }

    /// What a role comes to hold on an object, by itself, through PUBLIC,
    /// through its groups, or on the whole of which it is a part.
    fn privileges(&self, grantee: &str, grant: &Granted) -> BTreeSet<&str> {
        let own = BTreeSet::from([grantee]);
        let through = self.holds.get(grantee).unwrap_or(&own);
        let objects = [Some(grant.object.as_str()), grant.of.as_deref()];
        let mut held = BTreeSet::new();
        for role in through.iter().copied().chain(["public"]) {
            for object in objects.into_iter().flatten() {
                let grant = self.grants.get(&(role, object));
                held.extend(
                    grant
                        .iter()
                        .flat_map(|g| g.privileges.iter().map(String::as_str)),
                );
            }
        }
        held
    }
}

type Of<'a> = (&'a Side<'a>, Option<&'a &'a Thing>);

fn thing(first: Of<'_>, second: Of<'_>, out: &mut Vec<Difference>) {
    let (a, b) = (first.1, second.1);
    let Some(either) = a.or(b) else { return };
    if let Some(table) = &either.on {
        // A table that one side does not have is told as a whole.
        if first.0.relation(table).is_none() || second.0.relation(table).is_none() {
            return;
        }
    }
    // Where row security is off, its policies decide nothing.
    let idle = either
        .on
        .as_ref()
        .is_some_and(|table| !first.0.guarded(table) || !second.0.guarded(table));
    let weighed = |effect| if idle { Effect::Neutral } else { effect };
    let (Some(a), Some(b)) = (a, b) else {
        let side = if a.is_some() { first.0 } else { second.0 };
        let effect = presence(either.presence, side.granted.contains(either.name.as_str()));
        let effect = weighed(if a.is_some() { effect } else { effect.turned() });
        let shown = summary(either);
        let (here, there) = if a.is_some() {
            (Some(shown), None)
        } else {
            (None, Some(shown))
        };
        out.push(difference(effect, either, "presence", here, there));
        return;
    };
    let names: BTreeSet<&String> = a.facets.keys().chain(b.facets.keys()).collect();
    for name in names {
        let (left, right) = (facet(a, name), facet(b, name));
        if let Some(effect) = facets(left, right) {
            let effect = weighed(restrictive(a, b, name, effect));
            let shown = |facet: Option<&Facet>| facet.map(shown);
            out.push(difference(effect, a, name, shown(left), shown(right)));
        }
    }
}

/// A facet; a policy without a condition on new rows uses its own for them.
fn facet<'a>(thing: &'a Thing, name: &str) -> Option<&'a Facet> {
    let own = thing.facets.get(name);
    let fallback = (name == "condition on new rows").then_some("condition");
    own.or_else(|| thing.facets.get(fallback?))
}

/// A restrictive policy takes away: for more roles or commands is less.
fn restrictive(a: &Thing, b: &Thing, facet: &str, effect: Effect) -> Effect {
    if a.kind != Kind::Policy || !matches!(facet, "roles" | "commands") {
        return effect;
    }
    let takes = |thing: &Thing| thing.facets.get("permissive") == Some(&Facet::Opens(false));
    match (takes(a), takes(b)) {
        (false, false) => effect,
        (true, true) => effect.turned(),
        _ => Effect::Unclear,
    }
}

fn grants(a: &Side<'_>, b: &Side<'_>, missing: &BTreeSet<Kind>, out: &mut Vec<Difference>) {
    let holdings: BTreeSet<&Holding<'_>> = a.grants.keys().chain(b.grants.keys()).collect();
    for holding in holdings {
        let (left, right) = (
            a.grants.get(holding).copied(),
            b.grants.get(holding).copied(),
        );
        let Some(grant) = left.or(right) else {
            continue;
        };
        // Objects that one side does not have are told as a whole.
        let (Some(here), Some(there)) = (a.object(grant), b.object(grant)) else {
            continue;
        };
        if left.map(|g| &g.privileges) == right.map(|g| &g.privileges)
            || missing.contains(&grant.kind)
        {
            continue;
        }
        // A function that runs with its caller's rights shows nothing by itself.
        let runs =
            |t: &Thing| t.facets.get("runs with its owner's rights") == Some(&Facet::Opens(true));
        let idle = grant.kind == Kind::Function && !runs(here) && !runs(there);
        let gained = beyond(left, &b.privileges(holding.0, grant));
        let lost = beyond(right, &a.privileges(holding.0, grant));
        let neither = gained.is_empty() && lost.is_empty();
        for (effect, some) in [
            (Effect::Opens, !gained.is_empty()),
            (Effect::Closes, !lost.is_empty()),
            (Effect::Neutral, neither),
        ] {
            if some {
                let effect = if idle { Effect::Neutral } else { effect };
                out.push(Difference {
                    effect,
                    what: if grant.kind == Kind::Column {
                        grant.kind
                    } else {
                        here.kind
                    }
                    .word(),
                    name: visible(&grant.object),
                    facet: visible(&format!("granted to {}", grant.grantee)),
                    first: left.map(|g| visible(&words(&g.privileges))),
                    second: right.map(|g| visible(&words(&g.privileges))),
                });
            }
        }
    }
}

/// The privileges of a grant that are not held otherwise on the other side.
fn beyond<'a>(grant: Option<&'a Granted>, other: &BTreeSet<&str>) -> Vec<&'a str> {
    let own = grant.into_iter().flat_map(|g| g.privileges.iter());
    own.map(String::as_str)
        .filter(|p| !other.contains(p))
        .collect()
}

fn difference(
    effect: Effect,
    thing: &Thing,
    facet: &str,
    first: Option<String>,
    second: Option<String>,
) -> Difference {
    let on = thing
        .on
        .as_ref()
        .map_or_else(String::new, |on| format!(" on {on}"));
    let shown = |text: Option<String>| text.map(|text| visible(&text));
    Difference {
        effect,
        what: thing.kind.word(),
        name: visible(&format!("{}{on}", thing.name)),
        facet: visible(facet),
        first: shown(first),
        second: shown(second),
    }
}

/// A thing in a few words, where the other side has none.
fn summary(thing: &Thing) -> String {
    let parts = thing.facets.iter().filter_map(|(name, facet)| match facet {
        Facet::Opens(on) | Facet::Closes(on) => on.then(|| name.clone()),
        facet => Some(format!("{name} {}", shown(facet))),
    });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        "there".to_owned()
    } else {
        parts.join("; ")
    }
}

fn shown(facet: &Facet) -> String {
    match facet {
        Facet::Opens(on) | Facet::Closes(on) => if *on { "on" } else { "off" }.to_owned(),
        Facet::Set(all) => words(all),
        Facet::Condition { text, hole, .. } => match hole {
            Some(hole) => format!("{text} (it {hole})"),
            None => text.clone(),
        },
        Facet::Word(text) | Facet::Detail(text) if text.is_empty() => "none".to_owned(),
        Facet::Word(text) | Facet::Detail(text) => text.clone(),
        Facet::Hidden => "not shown".to_owned(),
    }
}

fn words(all: &BTreeSet<String>) -> String {
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests;
