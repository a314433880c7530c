//! Innocuous names: an incident is spoken of in corridors and chat titles.

const FIRST: [&str; 32] = [
    "amber", "quiet", "north", "copper", "hazel", "silver", "maple", "linen", "early", "gentle",
    "paper", "velvet", "cedar", "ivory", "marble", "olive", "plain", "rapid", "sandy", "tidal",
    "umber", "violet", "winter", "young", "brisk", "clear", "dusty", "even", "fern", "green",
    "honey", "indigo",
];

const SECOND: [&str; 32] = [
    "harbour", "meadow", "lantern", "orchard", "bridge", "garden", "pebble", "river", "valley",
    "window", "anchor", "basket", "candle", "delta", "engine", "feather", "glacier", "hollow",
    "island", "jetty", "kettle", "ladder", "mirror", "needle", "oak", "pillar", "quarry", "ribbon",
    "saddle", "tunnel", "urn", "willow",
];

/// Letters of an incident id; none that is mistaken for another when read
/// aloud.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// A two-word name.
pub fn codename(random: &mut fastrand::Rng) -> String {
    let first = FIRST[random.usize(..FIRST.len())];
    let second = SECOND[random.usize(..SECOND.len())];
    format!("{first}-{second}")
}

/// A short tail that makes an incident id unique on its day.
pub fn tail(random: &mut fastrand::Rng) -> String {
    (0..4)
        .map(|_| char::from(LETTERS[random.usize(..LETTERS.len())]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_name() {
        let name = || codename(&mut fastrand::Rng::with_seed(7));
        assert_eq!(name(), name());
        assert_eq!(tail(&mut fastrand::Rng::with_seed(7)).len(), 4);
    }
}
