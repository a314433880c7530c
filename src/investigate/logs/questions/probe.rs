//! Whether a mapping holds: how much of each of its columns is empty, before
//! and after the release, and what that costs. Read before any result is.

use super::answer::{Odd, numbers};
use super::ask::Render;
use super::costs;
use super::mapping::{NUMBERS, TEXTS};
use crate::domain::failure::Failure;
use serde_json::Value;

/// Empty rows of a column on either side of the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub column: &'static str,
    /// What the mapping says it is.
    pub from: String,
    pub empty: [u64; 2],
}

/// What the probe found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Probed {
    /// Events before the release, and after it.
    pub rows: [u64; 2],
    pub shares: Vec<Share>,
}

impl Probed {
    /// Reads the rows of the probe.
    ///
    /// # Errors
    /// When they are not of the form that was asked for.
    pub fn read(render: &Render<'_>, rows: &[Vec<Value>]) -> Result<Self, Odd> {
        let named = TEXTS.iter().chain(NUMBERS);
        let mut probed = Self {
            rows: [0; 2],
            shares: named
                .filter_map(|column| {
                    Some(Share {
                        column,
                        from: render.mapping.columns.get(*column)?.clone(),
                        empty: [0; 2],
                    })
                })
                .collect(),
        };
        for row in rows {
            let counts = numbers(row)?;
            let [after, all, empty @ ..] = counts.as_slice() else {
                return Err("it has too few cells".to_owned());
            };
            if *after > 1 || empty.len() != probed.shares.len() {
                return Err("it has not the cells that were asked for".to_owned());
            }
            let side = usize::from(*after == 1);
            probed.rows[side] = *all;
            for (share, empty) in probed.shares.iter_mut().zip(empty) {
                share.empty[side] = *empty;
            }
        }
        Ok(probed)
    }

    /// Events in the window.
    pub const fn all(&self) -> u64 {
        self.rows[0].saturating_add(self.rows[1])
    }

    fn of(&self, column: &str) -> Option<u64> {
        let share = self.shares.iter().find(|share| share.column == column)?;
        Some(share.empty[0].saturating_add(share.empty[1]))
    }

    /// Why nothing can be judged by it at all.
    pub fn useless(&self, mapping: &str) -> Option<Failure> {
        let all = self.all();
        let empty = |column: &str| self.of(column).is_none_or(|empty| empty == all);
        let what = if empty("status") {
            "no row has a status that is a number"
        } else if empty("path") && empty("route") {
            "no row has a path or a route"
        } else {
            return None;
        };
        Some(Failure::new(
            format!("the mapping {mapping} does not fit the table"),
            format!("of {all} events in the window, {what}; nothing more was asked"),
            "look at a row of the table, correct the expressions in a file of your own, and give it to --mapping",
        ))
    }

    /// What is empty, in a line for each column.
    pub fn lines(&self) -> Vec<String> {
        let sides = self.rows[0] > 0;
        self.shares
            .iter()
            .map(|share| {
                let of = |side: usize| percent(share.empty[side], self.rows[side]);
                let empty = if sides {
                    format!("{} before the release, {} after it", of(0), of(1))
                } else {
                    of(1)
                };
                format!("{} is empty in {empty}", share.column)
            })
            .collect()
    }

    /// What is emptier than is natural, each with what it costs.
    pub fn gaps(&self) -> Vec<(String, String)> {
        let mut gaps = Vec::new();
        for share in &self.shares {
            let Some(cost) = costs::of(share.column) else {
                continue;
            };
            let all = self.all();
            let empty = share.empty[0].saturating_add(share.empty[1]);
            let throughout = empty == all && cost.natural <= 100;
            let above = empty.saturating_mul(100) > cost.natural.saturating_mul(all);
            let what = format!("column {}", share.column);
            if throughout || above {
                gaps.push((
                    what,
                    format!(
                        "the mapping says that {} is in {}, and it is empty in {} of {all} rows: {}",
                        share.column,
                        share.from,
                        percent(empty, all),
                        cost.costs
                    ),
                ));
            } else if self.turned(share) {
                gaps.push((
                    what,
                    format!(
                        "it is empty in {} of the rows before the release and in {} after it: what seems to begin or end there may be the logging",
                        percent(share.empty[0], self.rows[0]),
                        percent(share.empty[1], self.rows[1]),
                    ),
                ));
            }
        }
        gaps
    }

    /// Whether a column was filled on one side of the release and is not on
    /// the other.
    fn turned(&self, share: &Share) -> bool {
        let filled = |side: usize| {
            let filled = self.rows[side].saturating_sub(share.empty[side]);
            filled.saturating_mul(100).checked_div(self.rows[side])
        };
        let (Some(before), Some(after)) = (filled(0), filled(1)) else {
            return false;
        };
        // Less than 2 % here and more than 20 % there.
        before.min(after) < 2 && before.max(after) > 20
    }
}

/// A share as a person reads it; neither all nor nothing by rounding.
fn percent(part: u64, all: u64) -> String {
    if part == 0 || all == 0 {
        return "0 %".to_owned();
    }
    if part >= all {
        return "100 %".to_owned();
    }
    let percent = u128::from(part) * 100 / u128::from(all);
    match percent {
        0 => "less than 1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::logs::questions::{dialect, mapping, relation::Bounds};
    use serde_json::json;

    fn probed(name: &str, rows: &[Vec<Value>]) -> Result<Probed, Odd> {
        let mapping = mapping::shipped(name).unwrap().unwrap();
        let render = Render {
            sql: dialect("clickhouse").unwrap(),
            mapping: &mapping,
            bounds: Bounds {
                window: (0, 9),
                release: Some(5),
                tolerance: 0,
            },
        };
        Probed::read(&render, rows)
    }

    /// client, agent, method, path, query, status, bytes.
    fn alb(rows: &[[u64; 9]]) -> Probed {
        let rows: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| json!(cell.to_string())).collect())
            .collect();
        probed("alb", &rows).unwrap()
    }

    #[test]
    fn what_is_natural_is_no_gap() {
        let sound = alb(&[
            [0, 100, 0, 0, 0, 0, 90, 0, 30],
            [1, 300, 0, 0, 9, 9, 300, 2, 40],
        ]);
        assert_eq!(sound.all(), 400);
        assert!(sound.useless("alb").is_none());
        assert_eq!(sound.gaps(), []);
        let lines = sound.lines().join("\n");
        assert!(lines.contains("bytes is empty in 30 % before the release, 13 % after it"));
        assert!(
            lines.contains("status is empty in 0 % before the release, less than 1 % after it")
        );
    }

    #[test]
    fn what_is_too_empty_says_which_rules_it_costs() {
        let told = |row: [u64; 9]| {
            let gaps = alb(&[row]).gaps();
            gaps.into_iter()
                .map(|(what, why)| format!("{what}: {why}"))
                .collect::<Vec<_>>()
                .join("\n")
        };
        let bytes = told([1, 100, 0, 0, 0, 0, 50, 0, 51]);
        assert!(
            bytes.contains("column bytes") && bytes.contains("R3 and R4"),
            "{bytes}"
        );
        assert!(bytes.contains("51 % of 100 rows"), "{bytes}");
        assert!(!bytes.contains("column query"), "{bytes}");
        let query = told([1, 100, 0, 0, 0, 0, 100, 0, 0]);
        assert!(
            query.contains("column query"),
            "a mapped column that is empty throughout: {query}"
        );
        assert!(told([1, 100, 21, 0, 0, 0, 0, 0, 0]).contains("column client"));
    }

    #[test]
    fn logging_that_changed_with_the_release_is_told() {
        let gaps = alb(&[
            [0, 1_000, 0, 0, 0, 0, 999, 0, 0],
            [1, 1_000, 0, 0, 0, 0, 400, 0, 0],
        ])
        .gaps();
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert!(gaps[0].1.contains("may be the logging"), "{gaps:?}");
    }

    #[test]
    fn a_mapping_that_does_not_hold_ends_the_asking() {
        let why = |row| alb(&[row]).useless("alb").map(|failure| failure.why);
        let status = why([1, 50, 0, 0, 0, 0, 0, 50, 0]).unwrap();
        assert!(status.contains("status"), "{status}");
        let path = why([1, 50, 0, 0, 0, 50, 0, 0, 0]).unwrap();
        assert!(path.contains("path"), "{path}");
        assert_eq!(why([1, 50, 0, 0, 0, 49, 0, 49, 0]), None);
    }

    #[test]
    fn an_answer_of_another_form_is_refused() {
        for row in [
            vec![],
            vec![json!(1), json!(5)],
            vec![
                json!(2),
                json!(5),
                json!(0),
                json!(0),
                json!(0),
                json!(0),
                json!(0),
                json!(0),
                json!(0),
            ],
            vec![json!("x"); 9],
        ] {
            assert!(
                probed("alb", std::slice::from_ref(&row)).is_err(),
                "{row:?}"
            );
        }
        assert_eq!(probed("alb", &[]).unwrap().all(), 0);
    }
}
