//! Weighs one property against another: which side lets more through. What
//! cannot be told is unclear; nothing unknown counts as neutral.

use super::canon::{canon, implies};
use super::portrait::{Facet, Presence};
use serde::Serialize;
use std::collections::BTreeSet;

/// What the first side's state means against the second's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The first lets more through.
    Opens,
    /// It may be either.
    Unclear,
    /// The first lets less through.
    Closes,
    /// It moves no rights.
    Neutral,
}

impl Effect {
    /// The same difference, seen from the other side.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Opens => Self::Closes,
            Self::Closes => Self::Opens,
            Self::Unclear | Self::Neutral => self,
        }
    }

    /// By which side is wider.
    const fn by(first_wider: bool, second_wider: bool) -> Self {
        match (first_wider, second_wider) {
            (true, false) => Self::Opens,
            (false, true) => Self::Closes,
            (true, true) => Self::Neutral,
            (false, false) => Self::Unclear,
        }
    }
}

/// What having something means, where it is known whether rights on it were
/// granted.
pub const fn presence(presence: Presence, granted: bool) -> Effect {
    match presence {
        Presence::Opens => Effect::Opens,
        Presence::Closes => Effect::Closes,
        Presence::Unclear => Effect::Unclear,
        Presence::IfGranted if granted => Effect::Opens,
        Presence::Nothing | Presence::IfGranted => Effect::Neutral,
    }
}

/// What the difference of two facets means; `None` if there is none, or one
/// side did not show it, which is a gap there.
pub fn facets(first: Option<&Facet>, second: Option<&Facet>) -> Option<Effect> {
    if first == second {
        return None;
    }
    match (first, second) {
        (Some(Facet::Hidden), _) | (_, Some(Facet::Hidden)) => None,
        (Some(Facet::Opens(first)), Some(Facet::Opens(_))) => Some(Effect::by(*first, !*first)),
        (Some(Facet::Closes(first)), Some(Facet::Closes(_))) => Some(Effect::by(!*first, *first)),
        (Some(Facet::Set(first)), Some(Facet::Set(second))) => {
            Some(Effect::by(covers(first, second), covers(second, first)))
        }
        (Some(Facet::Detail(_)), Some(Facet::Detail(_))) => Some(Effect::Neutral),
        (
            Some(Facet::Condition {
                text: a, width: w, ..
            }),
            Some(Facet::Condition {
                text: b, width: v, ..
            }),
        ) => conditions((a, *w), (b, *v)),
        _ => Some(Effect::Unclear),
    }
}

/// Whether every member of `small` is in `large`; `public` is everybody.
fn covers(large: &BTreeSet<String>, small: &BTreeSet<String>) -> bool {
    large.contains("public") || small.is_subset(large)
}

/// Two conditions: first by their form, which is certain, then by how wide
/// the judge found them.
fn conditions(first: (&str, u8), second: (&str, u8)) -> Option<Effect> {
    let (a, b) = (canon(first.0), canon(second.0));
    if a == b {
        return None;
    }
    let (first_wider, second_wider) = (implies(&b, &a), implies(&a, &b));
    if first_wider || second_wider {
        return Some(Effect::by(first_wider, second_wider));
    }
    Some(match first.1.cmp(&second.1) {
        std::cmp::Ordering::Greater => Effect::Opens,
        std::cmp::Ordering::Less => Effect::Closes,
        std::cmp::Ordering::Equal => Effect::Unclear,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> Facet {
        Facet::Set(words.iter().map(|word| (*word).to_owned()).collect())
    }

    fn condition(text: &str, width: u8) -> Facet {
        Facet::Condition {
            text: text.to_owned(),
            width,
            hole: None,
        }
    }

    #[test]
    fn every_weighing_turns_with_its_sides() {
        let all = [
            Facet::Opens(true),
            Facet::Opens(false),
            Facet::Closes(true),
            Facet::Closes(false),
            set(&["a"]),
            set(&["a", "b"]),
            set(&["c"]),
            set(&["public"]),
            condition("(a = me())", 0),
            condition("((a = me()) OR b)", 0),
            condition("(c)", 5),
            condition("true", 9),
            Facet::Word("x".into()),
            Facet::Word("y".into()),
            Facet::Detail("x".into()),
            Facet::Detail("y".into()),
            Facet::Hidden,
        ];
        for a in all.iter().map(Some).chain([None]) {
            assert_eq!(facets(a, a), None);
            for b in all.iter().map(Some).chain([None]) {
                let turned = facets(b, a).map(Effect::turned);
                assert_eq!(facets(a, b), turned, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn direction_follows_what_lets_more_through() {
        let weigh = |a: Facet, b: Facet| facets(Some(&a), Some(&b));
        assert_eq!(
            weigh(Facet::Closes(false), Facet::Closes(true)),
            Some(Effect::Opens)
        );
        assert_eq!(weigh(set(&["public"]), set(&["app"])), Some(Effect::Opens));
        assert_eq!(weigh(set(&["a"]), set(&["b"])), Some(Effect::Unclear));
        let one = || condition("(org = me())", 0);
        assert_eq!(
            weigh(condition("((org = me()) OR shared)", 0), one()),
            Some(Effect::Opens)
        );
        assert_eq!(
            weigh(one(), condition("( me() = org)", 0)),
            Some(Effect::Unclear)
        );
        assert_eq!(weigh(one(), condition("(shared)", 5)), Some(Effect::Closes));
        assert_eq!(weigh(one(), condition("org=(me())", 0)), None);
    }
}
