//! The mathematics the rules stand on: tails of counting distributions, many
//! tests at once, distances that outliers do not spoil. A leaf.
//!
//! Probabilities are given as their logarithm to base ten, since the ones that
//! matter are far below the smallest number a float can hold.

use crate::investigate::logs::gather::aggregates::size_within;
use std::collections::BTreeMap;
use std::f64::consts::{LN_2, LN_10, PI};

/// Terms of a series that are added at most.
const TERMS: usize = 100_000;

/// A count as a real number.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts beyond 2^53 need no last digit"
)]
pub const fn real(count: u64) -> f64 {
    count as f64
}

/// A real number as a count.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "negative and huge numbers go to the nearest count"
)]
pub const fn whole(number: f64) -> u64 {
    number.round() as u64
}

/// The natural logarithm of the gamma function for `x` of at least one half
/// (Lanczos' approximation, good to thirteen digits).
pub fn ln_gamma(x: f64) -> f64 {
    const FIRST: f64 = 0.999_999_999_999_809_9;
    const NEXT: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let (mut sum, mut at) = (FIRST, x);
    for part in NEXT {
        at += 1.0;
        sum += part / at;
    }
    let far = x + 7.5;
    0.5 * (2.0 * PI).ln() + (x + 0.5) * far.ln() - far + sum.ln()
}

fn poisson_at(seen: f64, expected: f64) -> f64 {
    seen.mul_add(expected.ln(), -expected) - ln_gamma(seen + 1.0)
}

/// Adds a falling series whose first term is one: `next` is the ratio of the
/// term at a place to the one before.
fn series(next: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut term, mut at) = (1.0, 1.0, 1.0);
    for _ in 0..TERMS {
        term *= next(at);
        if term <= sum * 1e-17 {
            break;
        }
        sum += term;
        at += 1.0;
    }
    sum
}

/// log10 of the probability to see so many or more where so many are expected.
pub fn poisson_upper(seen: f64, expected: f64) -> f64 {
    let (seen, expected) = (seen.floor(), expected.max(1e-12));
    if seen < 1.0 {
        return 0.0;
    }
    if seen <= expected {
        let below = 10_f64.powf(poisson_lower(seen - 1.0, expected));
        return (-below).ln_1p() / LN_10;
    }
    let rest = series(|at| expected / (seen + at));
    (poisson_at(seen, expected) + rest.ln()) / LN_10
}

/// log10 of the probability to see so many or fewer where so many are expected.
pub fn poisson_lower(seen: f64, expected: f64) -> f64 {
    let (seen, expected) = (seen.floor().max(0.0), expected.max(1e-12));
    if seen > expected {
        let above = 10_f64.powf(poisson_upper(seen + 1.0, expected));
        return (-above).ln_1p() / LN_10;
    }
    let rest = series(|at| ((seen - at + 1.0) / expected).max(0.0));
    ((poisson_at(seen, expected) + rest.ln()) / LN_10).min(0.0)
}

/// log10 of the probability of so many or more hits among so many tries.
pub fn binomial_upper(hits: f64, tries: f64, chance: f64) -> f64 {
    let chance = chance.clamp(1e-12, 1.0 - 1e-12);
    if hits < 1.0 || hits <= tries * chance {
        return 0.0;
    }
    let ways = ln_gamma(tries + 1.0) - ln_gamma(hits + 1.0) - ln_gamma(tries - hits + 1.0);
    let first = hits.mul_add(chance.ln(), ways) + (tries - hits) * (-chance).ln_1p();
    let odds = chance / (1.0 - chance);
    let rest = series(|at| ((tries - hits - at + 1.0) / (hits + at) * odds).max(0.0));
    (first + rest.ln()) / LN_10
}

/// Which of many tests hold when at most the share `q` of those that hold may
/// be false (Benjamini and Hochberg, 1995).
pub fn discoveries(logs: &[f64], q: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..logs.len()).collect();
    order.sort_by(|one, other| logs[*one].total_cmp(&logs[*other]));
    let all = real(logs.len() as u64);
    let kept = order
        .iter()
        .enumerate()
        .rev()
        .find(|(rank, at)| logs[**at] <= (q * real(*rank as u64 + 1) / all).log10())
        .map_or(0, |(rank, _)| rank + 1);
    let mut holds = vec![false; logs.len()];
    for at in &order[..kept] {
        holds[*at] = true;
    }
    holds
}

/// The middle of some numbers; zero of none.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    if numbers.is_empty() {
        return 0.0;
    }
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    if numbers.len() % 2 == 1 {
        numbers[half]
    } else {
        f64::midpoint(numbers[half - 1], numbers[half])
    }
}

/// Whether [`robust_z`] may be above `far` at all, which is told sooner.
pub fn may_stand_out(count: u64, others: &[u64], far: f64) -> bool {
    // Twice as far as the middle one in logarithms is one unit at most.
    let reach = (real(count).ln_1p() - far * LN_2).exp_m1() * 1.000_001 + 0.000_001;
    let below = others.iter().filter(|other| real(**other) <= reach).count();
    others.is_empty() || below * 2 >= others.len()
}

/// How far a count lies above others, on a scale of logarithms and in units of
/// their middle distance; most people touch one tenant, so that the distance
/// is often nothing and is taken as ln 2 at least.
pub fn robust_z(count: u64, others: &[u64]) -> f64 {
    let scaled: Vec<f64> = others.iter().map(|other| real(*other).ln_1p()).collect();
    let middle = median(scaled.clone());
    let distances = scaled.iter().map(|one| (one - middle).abs()).collect();
    (real(count).ln_1p() - middle) / (1.4826 * median(distances)).max(LN_2)
}

/// Variance over mean of counts per minute, where it is above two: retries and
/// waves make counts swing more than chance alone would. Otherwise one.
pub fn swing(counts: &[u64]) -> f64 {
    if counts.len() < 3 {
        return 1.0;
    }
    let all = real(counts.len() as u64);
    let mean = counts.iter().map(|count| real(*count)).sum::<f64>() / all;
    if mean <= 0.0 {
        return 1.0;
    }
    let squares: f64 = counts
        .iter()
        .map(|count| (real(*count) - mean).powi(2))
        .sum();
    let phi = squares / (all - 1.0) / mean;
    if phi > 2.0 { phi } else { 1.0 }
}

/// The size that this share of answers does not exceed, from counts by class.
pub fn quantile(sizes: &BTreeMap<u16, u64>, share: f64) -> u64 {
    let all: u64 = sizes.values().sum();
    let mut behind = 0;
    for (class, count) in sizes {
        behind += count;
        if real(behind) >= share * real(all) {
            return size_within(*class);
        }
    }
    0
}

/// What the steps between ids that were read one after another tell.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Walk {
    pub steps: u64,
    /// Steps of one to four upwards.
    pub up: u64,
    /// log10 of the chance of that many among ids taken at random.
    pub chance: f64,
}

impl Walk {
    /// Judges ids in the order they were read.
    pub fn of(ids: impl IntoIterator<Item = u64>) -> Self {
        let (mut steps, mut up, mut last) = (0, 0, None);
        let (mut smallest, mut most) = (u64::MAX, 0);
        for id in ids {
            smallest = smallest.min(id);
            most = most.max(id);
            match last {
                Some(before) if before == id => continue,
                Some(before) => {
                    steps += 1;
                    up += u64::from(id > before && id - before <= 4);
                }
                None => {}
            }
            last = Some(id);
        }
        let wide = most.saturating_sub(smallest).saturating_add(1).max(8);
        let chance = binomial_upper(real(up), real(steps), 4.0 / real(wide));
        Self { steps, up, chance }
    }

    /// The share of steps that went up by little.
    pub fn share(self) -> f64 {
        real(self.up) / real(self.steps.max(1))
    }

    /// Whether somebody went through ids in order.
    pub fn is_walk(self) -> bool {
        self.up >= 8 && self.share() >= 0.25 && self.chance < -6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::logs::gather::aggregates::size_class;

    fn near(one: f64, other: f64) {
        assert!(
            (one - other).abs() <= 1e-8 * other.abs().max(1.0),
            "{one} {other}"
        );
    }

    #[test]
    fn gamma_is_the_factorial() {
        near(ln_gamma(1.0), 0.0);
        near(ln_gamma(6.0), 120_f64.ln());
        near(ln_gamma(0.5), PI.sqrt().ln());
    }

    #[test]
    fn tails_agree_with_sums_of_sixty_digits() {
        near(poisson_upper(5.0, 2.0), -1.278_576_736_004_124_7);
        near(poisson_upper(77.0, 1.5), -100.245_899_761_034_42);
        near(poisson_upper(117.0, 2.3), -151.266_956_919_674_46);
        near(poisson_lower(4.0, 20.0), poisson_four().log10());
        near(binomial_upper(8.0, 40.0, 4e-4), -19.302_509_115_669_6);
        near(poisson_upper(0.0, 3.0), 0.0);
        near(poisson_upper(2.0, 50.0), 0.0);
    }

    /// e^-20 (1 + 20 + 200 + 8000/6 + 160000/24).
    fn poisson_four() -> f64 {
        (-20.0_f64).exp() * (221.0 + 8_000.0 / 6.0 + 160_000.0 / 24.0)
    }

    #[test]
    fn both_tails_make_a_whole() {
        for seen in 1..60_u32 {
            let seen = f64::from(seen);
            let upper = 10_f64.powf(poisson_upper(seen, 20.0));
            let lower = 10_f64.powf(poisson_lower(seen - 1.0, 20.0));
            near(upper + lower, 1.0);
        }
    }

    #[test]
    fn many_tests_raise_the_bar() {
        let logs = [-1.5, -9.0, -3.1, -0.2];
        assert_eq!(discoveries(&logs, 0.001), [false, true, false, false]);
        assert_eq!(discoveries(&logs, 0.01), [false, true, true, false]);
        assert!(discoveries(&[], 0.01).is_empty());
    }

    #[test]
    fn one_tenant_each_makes_forty_far() {
        let others = [1_u64; 30];
        near(robust_z(40, &others), (41_f64.ln() - LN_2) / LN_2);
        assert!(robust_z(2, &others) < 1.0);
    }

    #[test]
    fn bursts_swing_and_a_steady_flow_does_not() {
        near(swing(&[3, 2, 4, 3, 3, 2]), 1.0);
        assert!(swing(&[0, 0, 40, 0, 0, 0]) > 30.0);
    }

    #[test]
    fn quantiles_come_from_classes() {
        let mut sizes = BTreeMap::new();
        sizes.insert(size_class(10), 990);
        sizes.insert(size_class(5_000), 10);
        assert_eq!(quantile(&sizes, 0.5), size_within(size_class(10)));
        assert!(quantile(&sizes, 0.999) >= 5_000);
        assert_eq!(quantile(&BTreeMap::new(), 0.5), 0);
    }

    #[test]
    fn a_walk_is_told_from_chance() {
        assert!(Walk::of((100..140).map(|id| id * 2)).is_walk());
        let mut seed = fastrand::Rng::with_seed(5);
        let random: Vec<u64> = (0..400).map(|_| seed.u64(1..10_000)).collect();
        assert!(!Walk::of(random).is_walk());
        assert_eq!(Walk::of([7, 7, 7, 8]).steps, 1);
    }
}
