//! A comparison for people: what opens first. Everything printed went through
//! `visible` before.

use crate::domain::check::Gap;
use crate::investigate::database::drift::{Difference, Drift, Effect};

/// Differences shown of each group; the rest are counted.
const SHOWN: usize = 40;

/// The longest text shown of one side, in characters.
const WIDE: usize = 200;

/// Lays the comparison out; `names` are the sides.
pub fn render(names: &[&str], drift: &Drift, gaps: &[Gap]) -> String {
    let mut out = String::new();
    if let [first, second] = names {
        out.push_str(&format!(
            "{first} compared with {second}, {} things\n\n",
            drift.compared
        ));
        let groups = [
            (
                Effect::Opens,
                format!("opens: {first} lets more through than {second}"),
            ),
            (
                Effect::Unclear,
                "unclear: it may let more through".to_owned(),
            ),
            (
                Effect::Closes,
                format!("closes: {first} lets less through than {second}"),
            ),
            (Effect::Neutral, "neutral: no rights move".to_owned()),
        ];
        for (effect, head) in groups {
            group(&mut out, (first, second), drift, effect, &head);
        }
    }
    if !gaps.is_empty() {
        out.push_str("could not look at\n");
        for gap in gaps {
            out.push_str(&format!("  {}: {}\n", gap.what, gap.why));
        }
        out.push('\n');
    }
    out.push_str(conclusion(names, drift, gaps));
    out.push('\n');
    out
}

fn group(out: &mut String, names: (&str, &str), drift: &Drift, effect: Effect, head: &str) {
    let all: Vec<&Difference> = drift
        .differences
        .iter()
        .filter(|d| d.effect == effect)
        .collect();
    if all.is_empty() {
        return;
    }
    out.push_str(&format!("{head}\n"));
    for difference in all.iter().take(SHOWN) {
        let facet = match difference.facet.as_str() {
            "presence" => String::new(),
            facet => format!(": {facet}"),
        };
        out.push_str(&format!(
            "  {} {}{facet}\n",
            difference.what, difference.name
        ));
        for (name, value) in [(names.0, &difference.first), (names.1, &difference.second)] {
            let value = value.as_deref().unwrap_or("not there");
            out.push_str(&format!("    {name}: {}\n", short(value)));
        }
    }
    if all.len() > SHOWN {
        out.push_str(&format!(
            "  and {} more; --json has them all\n",
            all.len() - SHOWN
        ));
    }
    out.push('\n');
}

fn short(text: &str) -> String {
    let mut cut: String = text.chars().take(WIDE).collect();
    if cut.len() < text.len() {
        cut.push_str(" ..");
    }
    cut
}

fn conclusion(names: &[&str], drift: &Drift, gaps: &[Gap]) -> &'static str {
    let any = |effect| drift.differences.iter().any(|d| d.effect == effect);
    if names.len() < 2 {
        return if gaps.is_empty() {
            "Saved; nothing was compared."
        } else {
            "Saved what was shown, which is not everything; nothing was compared."
        };
    }
    if any(Effect::Opens) {
        "Something opens. Start with the first line above."
    } else if any(Effect::Unclear) {
        "Nothing certainly opens, but something may: read what is unclear."
    } else if gaps.is_empty() {
        "Nothing opens, and everything was compared."
    } else {
        "Nothing seen opens, but not everything was compared: this is unknown, not clean."
    }
}
