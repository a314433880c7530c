//! What a page of a check is: what it looks for, why that leaks, what only
//! looks like it, what to do. A leaf; each source keeps its own pages.

use crate::domain::finding::Severity;

/// The headings of every page, in order.
pub const HEADINGS: [&str; 5] = [
    "What",
    "Why it leaks",
    "How it is found",
    "Not a leak when",
    "What to do",
];

/// Those of them that help to weigh a finding.
pub const WEIGHING: [&str; 3] = ["What", "Why it leaks", "Not a leak when"];

/// One check's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Such as `P13`.
    pub id: &'static str,
    /// Such as `captured-column`.
    pub name: &'static str,
    /// For a relation that holds people, tenants, payments or secrets.
    pub severity: Severity,
    /// The first major version of PostgreSQL it applies to; 0 where it is not
    /// about a database.
    pub from: u32,
    /// The text under each of [`HEADINGS`], in their order.
    pub sections: Vec<(&'static str, &'static str)>,
}

impl Page {
    /// The text under one heading.
    pub fn section(&self, heading: &str) -> Option<&'static str> {
        let mut sections = self.sections.iter();
        sections.find(|(h, _)| *h == heading).map(|(_, text)| *text)
    }

    /// The prose under one heading as one paragraph, without statements and
    /// without the marks of code; empty when there is none.
    pub fn prose(&self, heading: &str) -> String {
        let text = self.section(heading).unwrap_or_default();
        let lines = text.split("```").step_by(2).flat_map(str::lines);
        let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
        words.join(" ").replace('`', "")
    }
}

/// Reads a page; `None` when its head is not as agreed.
pub fn read(id: &'static str, text: &'static str) -> Option<Page> {
    let (head, body) = text.split_once("\n## ")?;
    let mut lines = head.lines().filter(|line| !line.is_empty());
    let name = lines.next()?.strip_prefix("# ")?.strip_prefix(id)?.trim();
    let severity = lines.next()?.strip_prefix("severity: ")?;
    let from = lines.next()?.strip_prefix("from: ")?;
    let sections = body.split("\n## ").filter_map(|part| {
        let (heading, text) = part.split_once('\n')?;
        Some((heading.trim(), text.trim()))
    });
    Some(Page {
        id,
        name,
        severity: Severity::parse(severity.trim())?,
        from: from.trim().parse().ok()?,
        sections: sections.collect(),
    })
}
