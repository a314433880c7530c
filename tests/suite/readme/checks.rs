//! `docs/checks.md`, held against the pages of the checks.

use super::read;
use crate::support::cli::firsthour;
use firsthour::config::Env;
use firsthour::investigate::database::pages::{PAGES, Page};
use firsthour::investigate::pages;
use std::path::Path;

/// The whole document: a table of all checks, then each page.
fn expected() -> String {
    let mut text = String::from(
        "# The checks of the database\n\n\
         Made from `src/investigate/database/pages` by `just readme`. `firsthour explain ID` prints one of them.\n\
         The severity is that of a relation which holds people, tenants, payments or secrets.\n\n\
         | Id | Name | Severity | PostgreSQL |\n| --- | --- | --- | --- |\n",
    );
    for page in PAGES.iter() {
        let (id, name, severity) = (page.id, page.name, page.severity.word());
        let anchor = format!("{id}-{name}").to_lowercase();
        text.push_str(&format!(
            "| [{id}](#{anchor}) | {name} | {severity} | {}+ |\n",
            page.from
        ));
    }
    text.extend(PAGES.iter().map(section));
    text
}

fn section(page: &Page) -> String {
    let mut text = format!("\n## {} {}\n", page.id, page.name);
    for (heading, body) in &page.sections {
        text.push_str(&format!("\n### {heading}\n\n{body}\n"));
    }
    text
}

#[test]
fn the_document_of_checks_is_made_from_their_pages() {
    if Env::read().get("FIRSTHOUR_README") == Some("write") {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checks.md");
        std::fs::write(file, expected()).unwrap();
    }
    assert!(
        read("docs/checks.md") == expected(),
        "docs/checks.md is not made from the pages in use; run `just readme`"
    );
}

#[test]
fn explain_prints_pages_and_lists_them_in_a_pipe() {
    let home = tempfile::tempdir().unwrap();
    let page = firsthour(home.path(), &["explain", "g01"]).go();
    assert_eq!(page.code, Some(0), "{page:?}");
    assert!(
        page.stdout.starts_with("G01 rls-off-reachable\n"),
        "{page:?}"
    );
    assert!(page.stdout.lines().all(|line| line.len() <= 80), "{page:?}");
    let list = firsthour(home.path(), &["explain"]).go().stdout;
    assert_eq!(list.lines().count(), pages::all().count());
    let unknown = firsthour(home.path(), &["explain", "X\u{1b}[2J"]).go();
    assert_eq!(unknown.code, Some(3), "{unknown:?}");
    assert!(!unknown.stderr.contains('\u{1b}'), "{unknown:?}");
}
