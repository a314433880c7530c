//! Where in the bytes ahead something was hit, in rough steps: a record that
//! touches none of them is passed by without a look. A leaf.

/// Bytes told apart: two to the power of this.
const STEP: u32 = 6;

/// Steps of the stream, each marked or not, from the earliest that still
/// matters on.
#[derive(Debug, Default)]
pub struct Marks {
    /// The step the first bit stands for; a multiple of 64.
    base: u64,
    bits: Vec<u64>,
    /// The byte behind the last marked step.
    end: u64,
}

impl Marks {
    /// Marks the step of a byte; gives the first byte behind that step.
    pub fn mark(&mut self, offset: u64) -> u64 {
        let step = offset >> STEP;
        if self.bits.is_empty() {
            // What is shown again may begin a little before.
            self.base = (step & !63).saturating_sub(64);
        }
        let behind = (step + 1) << STEP;
        // What lies before the base was handed over already.
        if let Some(at) = step.checked_sub(self.base) {
            let word = usize::try_from(at / 64).unwrap_or(usize::MAX);
            if self.bits.len() <= word {
                self.bits.resize(word + 1, 0);
            }
            self.bits[word] |= 1 << (at % 64);
            self.end = self.end.max(behind);
        }
        behind
    }

    /// Lets go of what lies before a byte.
    pub fn forget(&mut self, before: u64) {
        if before >= self.end {
            self.bits.clear();
            return;
        }
        let words = (before >> STEP).saturating_sub(self.base) / 64;
        let words = usize::try_from(words).unwrap_or(usize::MAX);
        self.bits.drain(..words.min(self.bits.len()));
        self.base += words as u64 * 64;
    }

    /// Whether a step of these bytes is marked.
    #[inline]
    pub fn touch(&self, from: u64, length: usize) -> bool {
        from < self.end && self.any(from, length)
    }

    fn any(&self, from: u64, length: usize) -> bool {
        let first = (from >> STEP).saturating_sub(self.base);
        let Some(last) = ((from + length as u64) >> STEP).checked_sub(self.base) else {
            return false;
        };
        (first / 64..=last / 64).any(|word| {
            let at = usize::try_from(word).unwrap_or(usize::MAX);
            let Some(bits) = self.bits.get(at) else {
                return false;
            };
            let from = first.saturating_sub(word * 64);
            let to = (last - word * 64).min(63);
            bits & (u64::MAX << from) & (u64::MAX >> (63 - to)) != 0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_touches_a_marked_step_is_seen_and_nothing_else_is() {
        let mut rng = fastrand::Rng::with_seed(3);
        let mut marks = Marks::default();
        let mut plain = std::collections::BTreeSet::new();
        let start = 5_000_000_u64;
        for round in 0..40 {
            let base = start + round * 10_000;
            marks.forget(base);
            let mut hits: Vec<u64> = (0..30).map(|_| base + rng.u64(..10_000)).collect();
            hits.sort_unstable();
            for at in hits {
                assert!(marks.mark(at) > at);
                plain.insert(at >> STEP);
            }
            for _ in 0..400 {
                let (from, length) = (base + rng.u64(..10_000), rng.usize(..9_000));
                let steps = from >> STEP..=(from + length as u64) >> STEP;
                let seen = plain.range(steps).next().is_some();
                assert_eq!(marks.touch(from, length), seen, "{from} {length}");
            }
        }
    }
}
