//! The pages of the checks: for each id what it is, why it leaks, how it is
//! found, what only looks like it, and what to do.
//!
//! To add a check, write `pages/<ID>.md` and name the id below, in order. A
//! fixture of the same name in `tests/fixtures/checks` is what holds the page
//! to the truth; `docs/checks.md` is made from these pages.

use std::sync::LazyLock;

pub use crate::investigate::page::{HEADINGS, Page, WEIGHING, read};

/// Reads the files of the ids it is given.
macro_rules! texts {
    ($($id:ident)*) => {
        &[$((stringify!($id), include_str!(concat!("pages/", stringify!($id), ".md")))),*]
    };
}

/// One line a family, so that families can grow side by side.
#[rustfmt::skip]
const TEXTS: &[&[(&str, &str)]] = &[
    texts![C01 C02 C03 C04 C05],
    texts![D01 D02 D03 D04 D05 D06 D07 D08 D09 D10 D11 D12 D13 D14 D15 D16 D17 D18 D19],
    texts![G01 G02 G03 G04 G05 G06 G07 G08 G09 G10 G11 G12 G13 G14 G15 G16 G17 G18 G19 G20 G21 G22 G23],
    texts![P01 P02 P03 P04 P05 P06 P07 P08 P09],
    texts![P10 P11 P12 P13 P14 P15],
    texts![P16 P17 P18 P19 P20 P21 P22 P23 P24 P25 P26 P27],
];

/// Every page, by id.
pub static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let texts = TEXTS.iter().flat_map(|family| family.iter());
    texts.filter_map(|(id, text)| read(id, text)).collect()
});

/// The page of an id, in small or capital letters.
pub fn page(id: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_head_and_all_headings_with_text_below() {
        for (id, text) in TEXTS.iter().flat_map(|family| family.iter()) {
            let page = read(id, text).unwrap_or_else(|| panic!("{id}: a head as agreed"));
            let headings: Vec<&str> = page.sections.iter().map(|(heading, _)| *heading).collect();
            assert_eq!(headings, HEADINGS, "{id}");
            let told = page.sections.iter().all(|(_, text)| text.len() > 20);
            assert!(told, "{id}: text under each heading");
            assert!((13..=18).contains(&page.from), "{id}");
            assert!(text.lines().count() <= 80, "{id}");
            assert!(page.name.len() > 3, "{id}");
        }
    }

    #[test]
    fn prose_leaves_statements_and_marks_out() {
        let page = Page {
            sections: vec![("What", "A `view`.\n```sql\nselect 1;\n```\nIt reads.")],
            ..page("G01").unwrap().clone()
        };
        assert_eq!(page.prose("What"), "A view. It reads.");
        assert_eq!(page.prose("Else"), "");
        for page in PAGES.iter() {
            for heading in WEIGHING {
                assert!(!page.prose(heading).is_empty(), "{} {heading}", page.id);
            }
        }
    }

    #[test]
    fn ids_stand_in_order_and_are_found_in_small_letters() {
        let ids: Vec<&str> = PAGES.iter().map(|page| page.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        assert_eq!(page("g01").map(|page| page.id), Some("G01"));
        assert_eq!(page("G99"), None);
    }

    #[test]
    fn a_page_without_its_head_is_none() {
        assert_eq!(read("G01", "# G01 x\n\n## What\n\nno severity\n"), None);
    }
}
