//! The pages of all checks, whatever their source.

use super::page::Page;
use super::{database, logs};

/// Every page: those of the database, then those of logs.
pub fn all() -> impl Iterator<Item = &'static Page> {
    database::pages::PAGES
        .iter()
        .chain(logs::pages::PAGES.iter())
}

/// The page of an id as a finding has it, in small or capital letters.
pub fn page(id: &str) -> Option<&'static Page> {
    let bare = id.strip_prefix("logs.").unwrap_or(id);
    all().find(|page| page.id.eq_ignore_ascii_case(bare))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_of_either_source_lead_to_their_pages() {
        assert_eq!(page("logs.R1").unwrap().name, "foreign-objects");
        assert_eq!(page("r12").unwrap().id, "R12");
        assert_eq!(page("P13").unwrap().id, "P13");
        let mut ids: Vec<&str> = all().map(|page| page.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all().count());
    }
}
