//! A report as a Markdown reader sees it: what it would show, and what it
//! would take for structure.

use pulldown_cmark::{Event, Options, Parser, Tag};
use std::collections::BTreeMap;

/// What a reader makes of a page.
#[derive(Debug, Default)]
pub struct Parsed {
    /// How often each kind of structure begins.
    pub structure: BTreeMap<String, usize>,
    /// Everything that is text, one block or cell a line.
    pub text: String,
}

/// Reads a page with every extension a code host would use.
pub fn parse(page: &str) -> Parsed {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    let mut parsed = Parsed::default();
    for event in Parser::new_ext(page, options) {
        match event {
            Event::Text(text) | Event::Code(text) => parsed.text.push_str(&text),
            Event::Start(tag) => parsed.count(&name(&tag)),
            Event::End(_) => parsed.text.push('\n'),
            Event::Html(html) | Event::InlineHtml(html) => {
                let marker = html.starts_with("<!-- firsthour:") && html.ends_with(" -->\n");
                parsed.count(if marker { "marker" } else { "html" });
            }
            other => parsed.count(&format!("{other:?}")),
        }
    }
    parsed
}

impl Parsed {
    fn count(&mut self, what: &str) {
        *self.structure.entry(what.to_owned()).or_default() += 1;
    }
}

/// The kind of a tag, without the text it may carry.
fn name(tag: &Tag<'_>) -> String {
    let told = match tag {
        Tag::Heading { level, .. } => format!("{level}"),
        other => format!("{other:?}"),
    };
    let end = told.find(['(', ' ', '{']).unwrap_or(told.len());
    told[..end].to_owned()
}
