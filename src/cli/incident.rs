//! Finds the incident a person means: by id, by codename, by a beginning of
//! either that fits one only, or by folder.

use crate::config::Paths;
use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use crate::journal::{Listed, list};
use std::path::{Path, PathBuf};

/// How many incidents a failure lists.
const TOLD: usize = 8;

/// The folder of the incident that `name` means.
///
/// # Errors
/// When nothing fits, or more than one does; the failure lists what exists.
pub fn find(paths: &Paths, name: &str) -> Result<PathBuf, Failure> {
    let folder = Path::new(name);
    let is_path = name.contains(std::path::MAIN_SEPARATOR) || matches!(name, "." | "..");
    if is_path || folder.join("INCIDENT.json").is_file() {
        return existing(folder);
    }
    let known = list(&paths.incidents);
    match choose(&known, name).as_slice() {
        [one] => Ok(one.folder.clone()),
        [] => Err(Failure::new(
            format!("no incident fits \"{name}\""),
            told("known here", &known.iter().collect::<Vec<_>>()),
            "give an id, a codename, the beginning of either, or an incident's folder",
        )),
        several => Err(Failure::new(
            format!("more than one incident fits \"{name}\""),
            told("they are", several),
            "give more of the id",
        )),
    }
}

/// The folder of the newest incident that is neither closed nor damaged.
///
/// # Errors
/// When there is none.
pub fn newest_open(paths: &Paths) -> Result<PathBuf, Failure> {
    let known = list(&paths.incidents);
    let open = known
        .iter()
        .find(|listed| !listed.closed && listed.damaged.is_none());
    open.map(|listed| listed.folder.clone()).ok_or_else(|| {
        Failure::new(
            "there is nothing to resume",
            told("known here", &known.iter().collect::<Vec<_>>()),
            "start one with firsthour start, or practise with firsthour drill",
        )
    })
}

fn existing(folder: &Path) -> Result<PathBuf, Failure> {
    if folder.is_dir() {
        return Ok(folder.to_owned());
    }
    Err(Failure::new(
        "the incident was not found",
        format!("{} is no folder", folder.display()),
        "give the folder that holds INCIDENT.json",
    ))
}

/// An exact id wins, then an exact codename, then a beginning of either.
/// Ids may be given without their `inc-`.
fn choose<'a>(known: &'a [Listed], name: &str) -> Vec<&'a Listed> {
    let begins = |id: &str| {
        id.starts_with(name)
            || id
                .strip_prefix("inc-")
                .is_some_and(|short| short.starts_with(name))
    };
    let all = |fits: &dyn Fn(&Listed) -> bool| known.iter().filter(|l| fits(l)).collect::<Vec<_>>();
    if name.is_empty() {
        return Vec::new();
    }
    let exact = all(&|l| l.id == name || l.id.strip_prefix("inc-") == Some(name));
    if !exact.is_empty() {
        return exact;
    }
    let named = all(&|l| l.codename == name);
    if !named.is_empty() {
        return named;
    }
    all(&|l| begins(&l.id) || l.codename.starts_with(name))
}

fn told(lead: &str, list: &[&Listed]) -> String {
    if list.is_empty() {
        return "there is no incident yet".to_owned();
    }
    let names: Vec<String> = list
        .iter()
        .take(TOLD)
        .map(|l| match l.codename.as_str() {
            "" => visible(&l.id),
            codename => format!("{} ({codename})", l.id),
        })
        .collect();
    let more = list.len().saturating_sub(TOLD);
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{lead}: {}{rest}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(id: &str, codename: &str) -> Listed {
        Listed {
            folder: PathBuf::from(id),
            id: id.to_owned(),
            codename: codename.to_owned(),
            title: String::new(),
            mode: None,
            created: None,
            last: None,
            entries: 0,
            closed: false,
            damaged: None,
        }
    }

    fn chosen(name: &str) -> Vec<String> {
        let known = [
            listed("inc-20260822-k7f3", "amber-otter"),
            listed("inc-20260822-k7f9", "blue-heron"),
            listed("inc-20260823-a2b3", "amber-otter"),
        ];
        choose(&known, name).iter().map(|l| l.id.clone()).collect()
    }

    #[test]
    fn ids_beginnings_and_codenames_are_understood() {
        assert_eq!(chosen("inc-20260822-k7f3"), ["inc-20260822-k7f3"]);
        assert_eq!(chosen("20260822-k7f9"), ["inc-20260822-k7f9"]);
        assert_eq!(chosen("20260823"), ["inc-20260823-a2b3"]);
        assert_eq!(chosen("blue-heron"), ["inc-20260822-k7f9"]);
        assert_eq!(chosen("blue"), ["inc-20260822-k7f9"]);
        assert_eq!(chosen("amber-otter").len(), 2);
        assert_eq!(chosen("inc-20260822").len(), 2);
        assert!(chosen("").is_empty() && chosen("zebra").is_empty());
    }

    #[test]
    fn a_failure_lists_what_exists() {
        let known: Vec<Listed> = (0..10).map(|n| listed(&format!("inc-{n}"), "")).collect();
        let text = told("known here", &known.iter().collect::<Vec<_>>());
        assert!(text.starts_with("known here: inc-0, ") && text.ends_with(" and 2 more"));
        assert_eq!(told("known here", &[]), "there is no incident yet");
    }
}
