//! `firsthour explain`: the page of a check, or the list of all of them.

use super::world::World;
use crate::domain::failure::Failure;
use crate::domain::suggest::nearest;
use crate::investigate::page::Page;
use crate::investigate::pages::{all, page};
use crate::ui::text::wrap;

/// Text is not set wider than one can read.
const WIDEST: usize = 100;

/// Says what a check looks for, why it leaks, what only looks like it and
/// what to do. Without an id it lists every check.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The id of a check as findings show it, such as P13, or its name
    pub id: Option<String>,
}

/// Prints the page or the list, within a width.
///
/// # Errors
/// When there is no such check, or the output can't be written.
pub fn run(args: &Args, columns: usize, world: &mut World<'_>) -> Result<u8, Failure> {
    let text = match &args.id {
        None => list(),
        Some(id) => render(find(id)?, columns.clamp(20, WIDEST)),
    };
    world.out.write_all(text.as_bytes()).map_err(|error| {
        Failure::new(
            "the page was not printed",
            error.to_string(),
            "run it again with its output on a terminal or in a file",
        )
    })?;
    Ok(0)
}

fn find(id: &str) -> Result<&'static Page, Failure> {
    let named = || all().find(|page| page.name == id);
    page(id).or_else(named).ok_or_else(|| {
        let near = near(id);
        let hint = if near.is_empty() {
            "run firsthour explain to list every check".to_owned()
        } else {
            format!(
                "did you mean {}? firsthour explain lists every check",
                near.join(", ")
            )
        };
        Failure::new(
            "no page was printed",
            format!("there is no check {id}"),
            hint,
        )
    })
}

/// Ids that may have been meant: a part of a name, a slip, the same family.
fn near(id: &str) -> Vec<String> {
    let small = id.to_lowercase();
    let with_name = |page: &Page| format!("{} {}", page.id, page.name);
    let ids = all().map(|page| page.id);
    let slip = nearest(&id.to_uppercase(), ids).and_then(page);
    let parts = all().filter(|page| small.len() > 2 && page.name.contains(&small));
    let mut found: Vec<String> = slip.into_iter().chain(parts).map(with_name).collect();
    found.dedup();
    found.truncate(5);
    found
}

fn list() -> String {
    let lines = all().map(|page| {
        let severity = page.severity.word();
        format!("{:<5}{severity:<10}{}\n", page.id, page.name)
    });
    lines.collect()
}

fn render(page: &Page, columns: usize) -> String {
    let mut lines = vec![format!("{} {}", page.id, page.name)];
    let from = match page.from {
        0 => "found in logs".to_owned(),
        from => format!("PostgreSQL {from} and later"),
    };
    lines.push(format!("severity {}, {from}", page.severity.word()));
    for (heading, text) in &page.sections {
        lines.push(String::new());
        lines.push((*heading).to_owned());
        lines.extend(body(text, columns));
    }
    lines.join("\n") + "\n"
}

/// Prose is set to the width; statements are left as they are.
fn body(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut statement = false;
    for line in text.lines() {
        if line.starts_with("```") {
            statement = !statement;
        } else if statement {
            lines.push(format!("    {line}"));
        } else {
            let set = wrap(line, columns.saturating_sub(2));
            lines.extend(
                set.iter()
                    .map(|line| format!("  {line}").trim_end().to_owned()),
            );
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_within_the_width_and_shows_every_heading() {
        let page = page("G01").unwrap();
        for columns in [50, 80] {
            let text = render(page, columns);
            assert!(text.lines().all(|line| line.chars().count() <= columns));
            for (heading, _) in &page.sections {
                assert!(text.lines().any(|line| line == *heading), "{heading}");
            }
        }
    }

    #[test]
    fn statements_are_not_broken_and_their_fences_not_shown() {
        let long = "select ".repeat(20);
        let lines = body(&format!("Prose.\n\n```sql\n{long}\n```"), 40);
        assert_eq!(lines, ["  Prose.", "", &format!("    {long}")]);
    }

    #[test]
    fn a_slip_or_a_part_of_a_name_leads_to_the_check() {
        assert_eq!(find("g01").unwrap().id, "G01");
        assert_eq!(find("rls-off-reachable").unwrap().id, "G01");
        assert!(find("G0l").unwrap_err().hint.contains("G01 rls-off"));
        assert!(find("reachable").unwrap_err().hint.contains("G01"));
        assert!(find("zzzzzzzz").unwrap_err().hint.starts_with("run "));
    }

    #[test]
    fn the_list_has_a_line_for_each_check() {
        assert_eq!(list().lines().count(), all().count());
        assert!(list().contains("G01  critical  rls-off-reachable"));
    }
}
