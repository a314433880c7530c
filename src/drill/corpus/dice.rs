//! Random numbers that are the same on every machine: whole numbers only, one
//! stream for each purpose. A leaf.

use fastrand::Rng;

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Dice(Rng);

impl Dice {
    /// The stream of a seed for one purpose: what one purpose draws does not
    /// shift what another one gets.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut mixed = 0xCBF2_9CE4_8422_2325_u64 ^ seed;
        for byte in purpose.bytes() {
            mixed = (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        Self(Rng::with_seed(mixed))
    }

    /// From 0 to below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.0.u64(0..end) }
    }

    /// Both ends included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// A place in a list of that length.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// One of a list that is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.place(list.len())]
    }

    /// True so many times of a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    /// Mostly near `low`, at times far from it: each doubling is taken two
    /// times of five.
    pub fn tail(&mut self, low: u64, high: u64) -> u64 {
        let mut from = low.max(1);
        while from * 2 < high && self.below(5) < 2 {
            from *= 2;
        }
        self.between(from, (from * 2).min(high))
    }

    /// So many characters of an alphabet.
    pub fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .map(|_| char::from(*self.pick(alphabet)))
            .collect()
    }

    /// Lower case hex.
    pub fn hex(&mut self, length: usize) -> String {
        self.text(b"0123456789abcdef", length)
    }

    /// Letters and digits.
    pub fn letters(&mut self, length: usize) -> String {
        self.text(
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            length,
        )
    }

    /// A random UUID.
    pub fn uuid(&mut self) -> String {
        let parts = [8, 4, 3, 3, 12].map(|length| self.hex(length));
        let [one, two, three, four, five] = parts;
        format!("{one}-{two}-4{three}-a{four}-{five}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_purpose_give_one_stream() {
        let draw = |seed, purpose| Dice::new(seed, purpose).hex(16);
        assert_eq!(draw(7, "a"), draw(7, "a"));
        assert_ne!(draw(7, "a"), draw(7, "b"));
        assert_ne!(draw(7, "a"), draw(8, "a"));
    }

    #[test]
    fn a_tail_stays_in_its_bounds() {
        let mut dice = Dice::new(1, "tail");
        let drawn: Vec<u64> = (0..2_000).map(|_| dice.tail(3, 400)).collect();
        assert!(drawn.iter().all(|number| (3..=400).contains(number)));
        assert!(drawn.iter().any(|number| *number > 100));
        let near = drawn.iter().filter(|number| **number < 12).count();
        assert!(near > 1_200, "{near}");
    }
}
