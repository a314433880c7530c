//! `check database --compare OTHER`, `--save FILE` and `--against FILE`: what
//! a database lets through that another does not, or did not before.
//!
//! Exit code 0: nothing opens and everything was compared; 1: something
//! opens, or it is unclear whether it does; 2: one side did not show all.

mod file;
mod table;

use super::hear::{Warnings, heard, tell, unshaped};
use crate::cli::world::World;
use crate::config::targets::Target;
use crate::domain::check::Gap;
use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use crate::investigate::database::drift::{Drift, Effect, Portrait, compare, portrait};
use crate::runtime::edge::reach_of;
use std::path::PathBuf;

/// Arguments of the comparison.
#[derive(Debug, Default, clap::Args)]
pub struct Asked {
    /// Tell what this database lets through that another does not.
    #[arg(long, value_name = "TARGET|URL", conflicts_with_all = ["rehearse", "probe_helpers", "matrix"])]
    pub compare: Option<String>,
    /// Write this database's rights, without rows, to a new file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rehearse", "probe_helpers", "matrix"])]
    pub save: Option<PathBuf>,
    /// Tell what this database lets through that it did not when saved.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rehearse", "probe_helpers", "matrix", "compare"])]
    pub against: Option<PathBuf>,
}

impl Asked {
    /// Whether rights are to be compared or saved.
    pub const fn any(&self) -> bool {
        self.compare.is_some() || self.save.is_some() || self.against.is_some()
    }
}

/// A side of a comparison: what it is called, and its rights.
struct Side {
    name: String,
    portrait: Portrait,
}

/// Reads, compares and saves as asked: the answer and the exit code.
///
/// # Errors
/// When a side cannot be read, a file not used or written.
pub fn run(
    asked: &Asked,
    place: Option<&str>,
    json: bool,
    world: &mut World<'_>,
) -> Result<(String, u8), Failure> {
    // Both are refused before anything is connected to.
    let before = asked.against.as_deref().map(file::read).transpose()?;
    if let Some(path) = &asked.save {
        file::vacant(path)?;
    }
    let target = resolved(place, world)?;
    let other = asked
        .compare
        .as_deref()
        .map(|other| resolved(Some(other), world));
    let other = other.transpose()?;
    let first = drawn(target, world)?;
    if let Some(path) = &asked.save {
        file::write(path, &first.portrait.bytes()?)?;
        tell(
            world,
            &format!(
                "firsthour: saved the rights of {} in {}",
                first.name,
                visible(&path.display().to_string())
            ),
        )?;
    }
    let second = match (before, other) {
        (Some(portrait), _) => {
            let saved = format!("saved {}", visible(&portrait.database));
            Some(Side {
                name: saved,
                portrait,
            })
        }
        (None, Some(target)) => Some(drawn(target, world)?),
        (None, None) => None,
    };
    let empty = || Drift {
        differences: Vec::new(),
        compared: first.portrait.things.len(),
    };
    let drift = second
        .as_ref()
        .map_or_else(empty, |second| compare(&first.portrait, &second.portrait));
    let sides: Vec<&Side> = [Some(&first), second.as_ref()]
        .into_iter()
        .flatten()
        .collect();
    let gaps = gaps(&sides);
    let names: Vec<&str> = sides.iter().map(|side| side.name.as_str()).collect();
    let text = if json {
        lines(&names, &drift, &gaps)?
    } else {
        table::render(&names, &drift, &gaps)
    };
    Ok((text, code(&drift, &gaps)))
}

fn resolved(place: Option<&str>, world: &mut World<'_>) -> Result<Target, Failure> {
    let target = Target::resolve(place, world.env, world.paths)?;
    for warning in &target.warnings {
        tell(world, &format!("firsthour: {}", visible(warning)))?;
    }
    Ok(target)
}

fn drawn(target: Target, world: &mut World<'_>) -> Result<Side, Failure> {
    let name = visible(&target.name);
    let reach = reach_of(target);
    let portrait = heard(world, |sink: Warnings| {
        let reach = &reach;
        async move { portrait(reach, &sink).await }
    })?;
    Ok(Side { name, portrait })
}

/// What each side did not show, with the side's name.
fn gaps(sides: &[&Side]) -> Vec<Gap> {
    let of = |side: &&Side| {
        let named = |gap: &Gap| Gap::new(&format!("{} of {}", gap.what, side.name), &gap.why);
        side.portrait.gaps.iter().map(named).collect::<Vec<Gap>>()
    };
    sides.iter().flat_map(of).collect()
}

/// The contract of `--json`: differences, then coverage.
fn lines(names: &[&str], drift: &Drift, gaps: &[Gap]) -> Result<String, Failure> {
    let mut out = String::new();
    for difference in &drift.differences {
        let mut line = serde_json::to_value(difference).map_err(|error| unshaped(&error))?;
        if let Some(object) = line.as_object_mut() {
            object.insert("kind".to_owned(), "difference".into());
        }
        out.push_str(&format!("{line}\n"));
    }
    let last = serde_json::json!({
        "kind": "coverage",
        "check": "database.drift",
        "sides": names,
        "looked_at": drift.compared,
        "could_not": gaps,
    });
    out.push_str(&format!("{last}\n"));
    Ok(out)
}

fn code(drift: &Drift, gaps: &[Gap]) -> u8 {
    let matters = |effect| matches!(effect, Effect::Opens | Effect::Unclear);
    if drift.differences.iter().any(|d| matters(d.effect)) {
        1
    } else if gaps.is_empty() {
        0
    } else {
        2
    }
}
