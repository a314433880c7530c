//! The page under construction. Everything written through it is escaped;
//! there is no door for raw text.

use crate::report::escape::{fenced, inline};

/// A Markdown page. Blocks are parted by one blank line.
#[derive(Debug, Default)]
pub struct Doc {
    out: String,
}

impl Doc {
    /// A heading; level 1 is the page's title.
    pub fn heading(&mut self, level: usize, text: &str) {
        self.block(&format!("{} {}\n", "#".repeat(level), inline(text)));
    }

    /// A paragraph of one line.
    pub fn say(&mut self, text: &str) {
        self.block(&format!("{}\n", inline(text)));
    }

    /// A banner that stands out on every code host and on paper.
    pub fn banner(&mut self, word: &str, text: &str) {
        self.block(&format!("> **{}** {}\n", inline(word), inline(text)));
    }

    /// A list.
    pub fn list<S: AsRef<str>>(&mut self, items: &[S]) {
        let mut lines = String::new();
        for item in items {
            lines.push_str(&format!("- {}\n", inline(item.as_ref())));
        }
        self.block(&lines);
    }

    /// A list of named facts; those without a value are left out.
    pub fn facts(&mut self, facts: &[(&str, String)]) {
        let mut lines = String::new();
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            lines.push_str(&format!("- **{}:** {}\n", inline(name), inline(value)));
        }
        self.block(&lines);
    }

    /// A table; every row has as many cells as the head.
    pub fn table<const N: usize>(&mut self, head: [&str; N], rows: &[[String; N]]) {
        let mut lines = row(&head.map(str::to_owned));
        lines.push_str(&format!("|{}\n", " --- |".repeat(N)));
        for cells in rows {
            lines.push_str(&row(cells));
        }
        self.block(&lines);
    }

    /// A block of statements or output.
    pub fn code(&mut self, language: &str, text: &str) {
        self.block(&fenced(language, text));
    }

    /// Opens a part that a tool may write again.
    pub fn open(&mut self, part: &str) {
        self.block(&format!("<!-- firsthour:generated {part} -->\n"));
    }

    /// Opens a part that belongs to people and is never written again.
    pub fn open_for_people(&mut self, part: &str) {
        self.block(&format!("<!-- firsthour:people {part} -->\n"));
    }

    /// Closes the part.
    pub fn close(&mut self, part: &str) {
        self.block(&format!("<!-- firsthour:end {part} -->\n"));
    }

    /// The finished page.
    pub fn finish(self) -> String {
        self.out
    }

    fn block(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.push_str(text);
    }
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| inline(cell)).collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_its_shape() {
        let mut doc = Doc::default();
        doc.table(["a", "b"], &[["x|y".to_owned(), "1\n2".to_owned()]]);
        assert_eq!(doc.finish(), "| a | b |\n| --- | --- |\n| x\\|y | 1^J2 |\n");
    }

    #[test]
    fn blocks_are_parted_by_one_blank_line() {
        let mut doc = Doc::default();
        doc.heading(2, "One");
        doc.list::<&str>(&[]);
        doc.say("two");
        assert_eq!(doc.finish(), "## One\n\ntwo\n");
    }
}
