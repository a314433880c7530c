//! The pages of the log check's rules. To add one, write `pages/<ID>.md` and
//! name the id below, in the order of the rules.

use crate::investigate::page::{Page, read};
use std::sync::LazyLock;

/// Reads the files of the ids it is given.
macro_rules! texts {
    ($($id:ident)*) => {
        &[$((stringify!($id), include_str!(concat!("pages/", stringify!($id), ".md")))),*]
    };
}

const TEXTS: &[(&str, &str)] = texts![R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12];

/// Every page, in the order of the rules.
pub static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let texts = TEXTS.iter();
    texts.filter_map(|(id, text)| read(id, text)).collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::logs::rules::RULES;
    use crate::investigate::page::HEADINGS;

    #[test]
    fn every_rule_has_a_whole_page() {
        assert_eq!(PAGES.len(), TEXTS.len());
        for page in PAGES.iter() {
            let headings: Vec<&str> = page.sections.iter().map(|(heading, _)| *heading).collect();
            assert_eq!(headings, HEADINGS, "{}", page.id);
            assert_eq!(page.from, 0);
        }
        for rule in RULES {
            assert!(PAGES.iter().any(|page| page.id == rule.id), "{}", rule.id);
        }
    }
}
