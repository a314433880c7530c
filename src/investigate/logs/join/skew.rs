//! How far the clocks of two sources are apart, by the requests that both
//! name. Shown and never corrected: a wait looks much like a skew. A leaf.

use crate::investigate::logs::event::{NO_TIME, Place, Stamp};
use crate::investigate::logs::time::SECOND;
use std::collections::BTreeMap;

/// Pairs of pieces that are looked at.
const PAIRS: usize = 256;
/// Different gaps kept of a pair.
const GAPS: usize = 4_096;
/// Requests below which nothing is said.
const ENOUGH: u64 = 20;
/// Seconds that a request takes anyway.
const USUAL: i64 = 2;
/// Seconds of the smallest step between zones.
const QUARTER: i64 = 900;

/// How often two pieces were so many seconds apart: the second's time less
/// the first's. Counts, so that they add up the same in any order.
type Gaps = BTreeMap<i64, u64>;

/// The gaps of all pairs that share requests.
#[derive(Debug, Default)]
pub struct Skew {
    pairs: BTreeMap<(u32, u32), Gaps>,
}

impl Skew {
    /// Two records of one request.
    pub fn note(&mut self, one: (Place, Stamp), other: (Place, Stamp)) {
        if one.0.piece == other.0.piece || one.1 == NO_TIME || other.1 == NO_TIME {
            return;
        }
        let (first, second) = if one.0.piece < other.0.piece {
            (one, other)
        } else {
            (other, one)
        };
        let half = SECOND / 2;
        let gap = (second.1.saturating_sub(first.1).saturating_add(half)).div_euclid(SECOND);
        self.add((first.0.piece, second.0.piece), gap, 1);
    }

    fn add(&mut self, pair: (u32, u32), gap: i64, times: u64) {
        if self.pairs.len() >= PAIRS && !self.pairs.contains_key(&pair) {
            return;
        }
        let gaps = self.pairs.entry(pair).or_default();
        if gaps.len() < GAPS || gaps.contains_key(&gap) {
            *gaps.entry(gap).or_default() += times;
        }
    }

    /// Takes in what another worker saw.
    pub fn absorb(&mut self, other: Self) {
        for (pair, gaps) in other.pairs {
            for (gap, times) in gaps {
                self.add(pair, gap, times);
            }
        }
    }

    /// What is to be said of pieces: the piece, and a sentence. `name` gives
    /// a piece's name.
    pub fn remarks(&self, name: impl Fn(u32) -> String) -> Vec<(u32, String)> {
        let told = |((first, second), gaps): (&(u32, u32), &Gaps)| {
            let (median, requests) = steady(gaps)?;
            Some((*second, sentence(median, requests, &name(*first))))
        };
        self.pairs.iter().filter_map(told).collect()
    }
}

/// The median of the gaps and how many there are, where it is a skew: enough
/// requests, more than they take anyway, and most of them agree.
fn steady(gaps: &Gaps) -> Option<(i64, u64)> {
    let requests: u64 = gaps.values().sum();
    let mut before = 0;
    let (median, _) = gaps.iter().find(|(_, times)| {
        before += **times;
        before * 2 >= requests
    })?;
    let near = gaps.range(median - USUAL..=median + USUAL);
    let agree: u64 = near.map(|(_, times)| times).sum();
    let holds = requests >= ENOUGH && median.abs() > USUAL && agree * 2 > requests;
    holds.then_some((*median, requests))
}

fn sentence(seconds: i64, requests: u64, other: &str) -> String {
    let way = if seconds < 0 { "behind" } else { "ahead of" };
    let apart = seconds.unsigned_abs();
    let (hours, minutes, rest) = (apart / 3_600, apart / 60 % 60, apart % 60);
    let mut far = Vec::new();
    for (number, unit) in [(hours, "h"), (minutes, "min"), (rest, "s")] {
        if number > 0 {
            far.push(format!("{number} {unit}"));
        }
    }
    let off = (seconds + QUARTER / 2).rem_euclid(QUARTER) - QUARTER / 2;
    let hint = if off.abs() <= USUAL {
        "; so round a gap is rather a zone: say it with --tz"
    } else {
        "; times are shown as they were written"
    };
    format!(
        "Its clock is {} {way} that of {other}, by {requests} requests that both name{hint}.",
        far.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(seconds: i64, requests: i64) -> Skew {
        let mut skew = Skew::default();
        let place = |piece| Place { piece, offset: 0 };
        for request in 0..requests {
            let at = request * 10 * SECOND;
            // Some take their time.
            let late = (request % 3) * SECOND / 3;
            skew.note((place(4), at + seconds * SECOND + late), (place(1), at));
        }
        skew
    }

    fn said(skew: &Skew) -> Vec<(u32, String)> {
        skew.remarks(|piece| format!("{piece}.log"))
    }

    #[test]
    fn a_steady_gap_is_told_of_the_later_piece() {
        let (piece, text) = said(&apart(-67, 40)).remove(0);
        assert_eq!(piece, 4);
        assert!(
            text.starts_with("Its clock is 1 min 7 s behind that of 1.log, by 40 requests"),
            "{text}"
        );
        assert!(said(&apart(7, 40))[0].1.contains("7 s ahead of"));
    }

    #[test]
    fn a_round_gap_may_be_a_zone() {
        for hours in [2, -5] {
            let (_, text) = said(&apart(hours * 3_600, 40)).remove(0);
            assert!(text.contains("--tz"), "{text}");
        }
        assert!(!said(&apart(3_700, 40))[0].1.contains("--tz"));
    }

    #[test]
    fn what_requests_take_and_what_is_rare_is_no_skew() {
        assert!(said(&apart(1, 400)).is_empty());
        assert!(said(&apart(60, 19)).is_empty());
        let mut waits = Skew::default();
        for request in 0..100 {
            let place = |piece| Place { piece, offset: 0 };
            waits.note((place(0), 0), (place(1), request * 5 * SECOND));
        }
        assert!(said(&waits).is_empty());
    }

    #[test]
    fn parts_add_up() {
        let mut both = apart(9, 15);
        assert!(said(&both).is_empty());
        both.absorb(apart(9, 15));
        assert!(said(&both)[0].1.contains("30 requests"));
    }
}
