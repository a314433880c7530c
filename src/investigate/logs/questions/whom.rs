//! Whose objects and steps are fetched one by one: everybody's where they fit,
//! otherwise of those who reached most. What rules compare people with are
//! the others, so leaving out is the exception and is told. A leaf but for
//! the rows of Q2.

use super::answer::Reached;
use crate::investigate::logs::gather::aggregates::{WALK, Who};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of objects that are fetched.
const OBJECTS: u64 = 1_000_000;
/// Rows of steps that are fetched.
const STEPS: u64 = 400_000;
/// Principals that are asked for by name where not all of them fit, and bytes
/// of their names: engines bound the text of a query.
const NAMES: usize = 1_000;
const TEXT: usize = 400_000;

/// Whom a question of the second phase asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    Everybody,
    These(BTreeSet<Who>),
}

impl Whom {
    /// Whether it is about that principal.
    pub fn holds(&self, who: &Who) -> bool {
        match self {
            Self::Everybody => true,
            Self::These(these) => these.contains(who),
        }
    }

    /// How many principals it leaves out.
    pub fn left(&self, reached: &[Reached]) -> usize {
        match self {
            Self::Everybody => 0,
            Self::These(these) => weighed(reached, &|_| 0).len().saturating_sub(these.len()),
        }
    }
}

/// Whose objects are fetched.
pub fn objects(reached: &[Reached]) -> Whom {
    choose(reached, OBJECTS, &|reached| reached.objects)
}

/// Whose steps are.
pub fn walkers(reached: &[Reached]) -> Whom {
    choose(reached, STEPS, &|reached| reached.steps.min(WALK as u64))
}

type Weigh<'a> = &'a dyn Fn(&Reached) -> u64;

/// What each principal reached: tenants and objects, and what that weighs.
fn weighed<'a>(reached: &'a [Reached], weigh: Weigh<'_>) -> BTreeMap<&'a Who, (u64, u64, u64)> {
    let mut all: BTreeMap<&Who, (u64, u64, u64)> = BTreeMap::new();
    for reached in reached {
        let (tenants, objects, weight) = all.entry(&reached.key.who).or_default();
        *tenants = reached.tenants.max(*tenants);
        *objects = objects.saturating_add(reached.objects);
        *weight = weight.saturating_add(weigh(reached));
    }
    all
}

fn choose(reached: &[Reached], room: u64, weigh: Weigh<'_>) -> Whom {
    let all = weighed(reached, weigh);
    let sum = all.values().map(|(_, _, weight)| weight);
    if sum.fold(0_u64, |sum, weight| sum.saturating_add(*weight)) <= room {
        return Whom::Everybody;
    }
    let mut order: Vec<(&Who, (u64, u64, u64))> = all.into_iter().collect();
    order.sort_by_key(|(who, most)| (std::cmp::Reverse(*most), *who));
    let (mut left, mut text) = (room, TEXT);
    let mut these = BTreeSet::new();
    for (who, (_, _, weight)) in order {
        let length = who.id.len() + 8;
        if weight <= left && length <= text && these.len() < NAMES {
            (left, text) = (left - weight, text - length);
            these.insert(who.clone());
        }
    }
    Whom::These(these)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::logs::event::WhoKind;
    use crate::investigate::logs::gather::aggregates::{Period, ReachKey};

    fn row(id: &str, objects: u64) -> Reached {
        Reached {
            key: ReachKey {
                who: Who {
                    kind: WhoKind::User,
                    id: id.into(),
                },
                kind: "customers".into(),
                period: Period::After,
            },
            objects,
            tenants: 1,
            steps: objects * 9,
        }
    }

    #[test]
    fn everybody_is_asked_about_where_that_fits() {
        let reached = [row("a", 7), row("b", OBJECTS - 7)];
        assert_eq!(objects(&reached), Whom::Everybody);
        assert_eq!(
            walkers(&reached),
            Whom::Everybody,
            "steps are kept up to a bound"
        );
        assert_eq!(objects(&[]), Whom::Everybody);
    }

    #[test]
    fn those_who_reached_most_come_first_as_far_as_there_is_room() {
        let long = "x".repeat(TEXT + 1);
        let reached = [
            row("small", 5),
            row("most", OBJECTS - 9),
            row("next", 600),
            row(&long, 3),
            row("least", 2),
        ];
        let whom = objects(&reached);
        let Whom::These(these) = &whom else {
            panic!("{whom:?}");
        };
        let names: Vec<&str> = these.iter().map(|who| who.id.as_str()).collect();
        assert_eq!(names, ["least", "most", "small"]);
        assert_eq!(whom.left(&reached), 2);
        let many: Vec<Reached> = (0..3_000).map(|n| row(&n.to_string(), 1_000)).collect();
        assert_eq!(objects(&many).left(&many), 2_000);
    }
}
