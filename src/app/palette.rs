//! The command palette: every verb, found by a few letters, with the reason
//! when it is blocked.

use super::bindings::{Availability, BINDINGS, Binding, availability};
use super::model::Model;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// A verb of the palette.
#[derive(Debug)]
pub struct Candidate {
    pub binding: &'static Binding,
    pub availability: Availability,
}

/// The verbs that fit the query, best first; those that can be done now come
/// before blocked ones of the same fit.
pub fn candidates(model: &Model, query: &str) -> Vec<Candidate> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut seen = Vec::new();
    let mut scored: Vec<(u32, Candidate)> = Vec::new();
    for binding in BINDINGS.iter().filter(|binding| !binding.moves()) {
        let availability = availability(binding, model);
        if matches!(availability, Availability::Hidden) || seen.contains(&binding.command) {
            continue;
        }
        let text = format!("{} {}", binding.name, binding.long);
        let Some(score) = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher) else {
            continue;
        };
        seen.push(binding.command);
        scored.push((
            score,
            Candidate {
                binding,
                availability,
            },
        ));
    }
    scored.sort_by_key(|(score, candidate)| {
        let blocked = !matches!(candidate.availability, Availability::Ready);
        (std::cmp::Reverse(*score), blocked)
    });
    scored.into_iter().map(|(_, candidate)| candidate).collect()
}
