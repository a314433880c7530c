//! Makes text harmless in Markdown: it can start no block, no markup, no link
//! and no table cell, and holds nothing that moves a cursor.

use crate::domain::untrusted::{visible, visible_lines};

/// Text inside a line: a paragraph, a heading, a list item or a table cell.
///
/// The text is first made printable by [`visible`]; then every sign with a
/// meaning in Markdown gets a backslash. Underscores inside a word have none.
pub fn inline(text: &str) -> String {
    let shown = visible(text);
    let chars: Vec<char> = shown.trim().chars().collect();
    let digits = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    let ends_word = |at: usize| chars.get(at + 1).is_none_or(|c| *c == ' ');
    let mut out = String::with_capacity(shown.len() + 8);
    for (at, &c) in chars.iter().enumerate() {
        let starts_block = (at == 0 && matches!(c, '#' | '-' | '+' | '='))
            || (at == digits && digits > 0 && matches!(c, '.' | ')') && ends_word(at));
        if starts_block || is_markup(&chars, at) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn is_markup(chars: &[char], at: usize) -> bool {
    let word = |i: Option<usize>| {
        i.and_then(|i| chars.get(i))
            .is_some_and(|c| c.is_alphanumeric())
    };
    match chars[at] {
        '\\' | '`' | '*' | '<' | '>' | '|' | '[' | ']' | '~' | '&' | '$' => true,
        '_' => !(word(at.checked_sub(1)) && word(Some(at + 1))),
        // A bare address would become a link that a reader may follow.
        ':' => chars.get(at + 1) == Some(&'/'),
        '.' => ends_with_www(&chars[..at]),
        _ => false,
    }
}

fn ends_with_www(before: &[char]) -> bool {
    before.len() >= 3
        && before[before.len() - 3..]
            .iter()
            .all(|c| c.eq_ignore_ascii_case(&'w'))
}

/// A fenced block; its fence is longer than any run of backticks inside. No
/// line in it starts like a machine marker: such a line is moved one column.
pub fn fenced(language: &str, text: &str) -> String {
    let mut lines = visible_lines(text);
    for line in lines.iter_mut().filter(|line| line.starts_with("<!--")) {
        line.insert(0, ' ');
    }
    let longest = lines
        .iter()
        .flat_map(|line| line.split(|c| c != '`').map(str::len))
        .max()
        .unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_is_told_not_meant() {
        assert_eq!(inline("<b>*x*|[y](z)`"), "\\<b\\>\\*x\\*\\|\\[y\\](z)\\`");
        assert_eq!(
            inline("public.customer_invoices"),
            "public.customer_invoices"
        );
        assert_eq!(inline("_private_"), "\\_private\\_");
        assert_eq!(
            inline("a & &lt; $x$ ~~y~~"),
            "a \\& \\&lt; \\$x\\$ \\~\\~y\\~\\~"
        );
    }

    #[test]
    fn no_block_starts() {
        assert_eq!(inline("# title"), "\\# title");
        assert_eq!(inline("- item"), "\\- item");
        assert_eq!(inline("+ item"), "\\+ item");
        assert_eq!(inline("> quote"), "\\> quote");
        assert_eq!(inline("=== "), "\\===");
        assert_eq!(inline("12. item"), "12\\. item");
        assert_eq!(inline("3) item"), "3\\) item");
        assert_eq!(inline("    code"), "code");
        assert_eq!(inline("12.5 rows"), "12.5 rows");
    }

    #[test]
    fn addresses_are_not_links() {
        assert_eq!(inline("https://evil.test/x"), "https\\://evil.test/x");
        assert_eq!(inline("www.evil.test"), "www\\.evil.test");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(
            fenced("sql", "select 1\n```\n````x"),
            "`````sql\nselect 1\n```\n````x\n`````\n"
        );
        assert_eq!(fenced("", "a\u{1b}[2J"), "```\na^[[2J\n```\n");
        assert_eq!(fenced("", "x\n<!-- y"), "```\nx\n <!-- y\n```\n");
    }

    proptest! {
        #[test]
        fn a_table_row_stays_one_row_of_its_cells(text in "(?s).*") {
            let cell = inline(&text);
            prop_assert!(!cell.chars().any(char::is_control));
            let mut escaped = false;
            for c in cell.chars() {
                if matches!(c, '|' | '<' | '`' | '[') {
                    prop_assert!(escaped, "{cell}");
                }
                escaped = c == '\\' && !escaped;
            }
        }

        #[test]
        fn what_is_fenced_stays_inside(text in "(?s)[`a\n ]{0,60}") {
            let block = fenced("sql", &text);
            let fence: String = block.chars().take_while(|c| *c == '`').collect();
            prop_assert_eq!(block.matches(&fence).count(), 2);
        }
    }
}
