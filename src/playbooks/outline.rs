//! Markdown cut into front matter, headings, prose and fences.
//!
//! Nothing is interpreted here but what Markdown itself says; whatever could
//! hide text from a reader or run something (HTML, templates) is refused.

use super::diagnostic::{Code, Note};
use super::source::{Located, Source, Span};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// Marks of templates and includes; a playbook has neither.
const TEMPLATES: [&str; 4] = ["{{", "{%", "<%", "!include"];

/// The file in pieces, in document order.
#[derive(Debug, Default)]
pub struct Outline {
    /// The YAML of the front matter.
    pub front: Option<Span>,
    pub sections: Vec<Section>,
}

/// A heading with what stands beneath it.
#[derive(Debug)]
pub struct Section {
    /// Number of `#`.
    pub level: u8,
    /// The heading line without its `#`.
    pub text: Located<String>,
    pub prose: Vec<String>,
    /// Where the prose starts.
    pub prose_at: Option<Span>,
    pub fences: Vec<Fence>,
}

/// A fenced block.
#[derive(Debug)]
pub struct Fence {
    /// The word after the backticks.
    pub name: Located<String>,
    /// The lines between the fence lines.
    pub body: Span,
}

/// Cuts a playbook into pieces and notes what has no place in one.
pub fn outline(source: &Source<'_>, notes: &mut Vec<Note>) -> Outline {
    let mut out = Outline::default();
    let body = front_matter(source, &mut out, notes);
    templates(source, notes);
    let mut walk = Walk {
        source,
        base: body,
        notes,
        sections: &mut out.sections,
        prose: Prose::default(),
    };
    let mut events = Parser::new_ext(&source.text[body..], Options::empty()).into_offset_iter();
    while let Some((event, range)) = events.next() {
        walk.block(event, range, &mut events);
    }
    out
}

/// Finds the front matter; returns the byte where Markdown begins.
fn front_matter(source: &Source<'_>, out: &mut Outline, notes: &mut Vec<Note>) -> usize {
    if source.line(0).trim_start_matches('\u{feff}').trim_end() != "---" {
        notes.push(
            Note::new(
                Code::FrontMatter,
                source.line_span(0),
                "the playbook does not start with its front matter",
            )
            .help("start the file with a line `---`, then format, id, title and so on, then `---`"),
        );
        return 0;
    }
    let start = source.byte_at(1, 0);
    let lines = source.text.lines().count();
    for index in 1..lines {
        if source.line(index).trim_end() == "---" {
            let end = source.byte_at(index, 0);
            out.front = Some(Span::new(start, end));
            return source.byte_at(index, usize::MAX);
        }
    }
    notes.push(
        Note::new(
            Code::FrontMatter,
            Span::new(0, 3),
            "the front matter is not closed",
        )
        .help("end it with a line `---`"),
    );
    source.text.len()
}

fn templates(source: &Source<'_>, notes: &mut Vec<Note>) {
    let mut at = 0;
    for line in source.text.split_inclusive('\n') {
        // One word a line is enough; the line is shown whole.
        let hit = TEMPLATES
            .iter()
            .find_map(|mark| Some((*mark, line.find(mark)?)));
        if let Some((mark, inside)) = hit {
            let start = at + inside;
            notes.push(
                Note::new(
                    Code::Markup,
                    Span::new(start, start + mark.len()),
                    format!("`{mark}` looks like a template, and playbooks hold all their text"),
                )
                .help("write the text out; a value that differs each time is a question (`ask`)"),
            );
        }
        at += line.len();
    }
}

struct Walk<'s, 'a> {
    source: &'s Source<'a>,
    /// Byte where the Markdown begins; event ranges count from here.
    base: usize,
    notes: &'s mut Vec<Note>,
    sections: &'s mut Vec<Section>,
    prose: Prose,
}

/// The line of prose being put together.
#[derive(Debug, Default)]
struct Prose {
    line: String,
    /// Marker of each open list: the next number, or a dash.
    lists: Vec<Option<u64>>,
    links: Vec<String>,
}

impl<'a> Walk<'_, 'a> {
    fn span(&self, range: &Range<usize>) -> Span {
        Span::new(range.start + self.base, range.end + self.base)
    }

    fn block(
        &mut self,
        event: Event<'a>,
        range: Range<usize>,
        events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    ) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.heading(level, &range);
                // The raw line was taken; its inline events are not needed.
                for (event, _) in events.by_ref() {
                    if matches!(event, Event::End(TagEnd::Heading(_))) {
                        break;
                    }
                }
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let mut body: Option<Range<usize>> = None;
                for (event, part) in events.by_ref() {
                    if matches!(event, Event::End(_)) {
                        break;
                    }
                    let start = body.as_ref().map_or(part.start, |b| b.start);
                    body = Some(start..part.end);
                }
                self.code(&kind, &range, body);
            }
            Event::Html(_) | Event::InlineHtml(_) => self.html(&range),
            other => self.inline(other, &range),
        }
    }

    fn heading(&mut self, level: HeadingLevel, range: &Range<usize>) {
        let line = self.source.line_span(range.start + self.base);
        let raw = &self.source.text[line.start..line.end];
        let text = raw.trim_start_matches('#').trim_start();
        let start = line.end - text.len();
        self.sections.push(Section {
            level: level as u8,
            text: Located {
                value: text.trim_end().to_owned(),
                span: Span::new(start, line.end),
            },
            prose: Vec::new(),
            prose_at: None,
            fences: Vec::new(),
        });
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>, range: &Range<usize>, body: Option<Range<usize>>) {
        let whole = self.span(range);
        let head = self.source.line_span(whole.start);
        let CodeBlockKind::Fenced(info) = kind else {
            let note = Note::new(
                Code::FencePlace,
                head,
                "indented code cannot be told from prose",
            );
            self.notes
                .push(note.help("put it into the step's `hand` fence"));
            return;
        };
        let name = Located {
            value: info.trim().to_owned(),
            span: fence_word(self.source, head),
        };
        let problem = if !self.prose.lists.is_empty() {
            Some("a fence inside a list does nothing")
        } else if !closed(self.source, whole) {
            Some("this fence is not closed")
        } else if self.sections.last().is_none_or(|s| s.level != 3) {
            Some("this fence belongs to no step")
        } else {
            None
        };
        if let Some(problem) = problem {
            let note = Note::new(Code::FencePlace, name.span, problem);
            self.notes.push(note.help(
                "fences stand at the left margin under a `###` heading and end with a line of backticks",
            ));
        }
        let after = self
            .source
            .byte_at(self.source.line_index(head.start) + 1, 0);
        let body = body.map_or(Span::new(after, after), |b| {
            let first = self.source.line_index(b.start + self.base);
            Span::new(self.source.byte_at(first, 0), b.end + self.base)
        });
        if let Some(section) = self.sections.last_mut() {
            section.fences.push(Fence { name, body });
        }
    }

    fn html(&mut self, range: &Range<usize>) {
        let span = self.source.line_span(range.start + self.base);
        let span = Span::new(range.start + self.base, span.end);
        if self
            .notes
            .last()
            .is_some_and(|n| n.code == Code::Markup && n.span == span)
        {
            return;
        }
        self.notes.push(
            Note::new(
                Code::Markup,
                span,
                "raw HTML can hide text from the person who reads",
            )
            .help("write plain Markdown; put `<words in angle brackets>` between backticks"),
        );
    }

    fn inline(&mut self, event: Event<'a>, range: &Range<usize>) {
        match event {
            Event::Text(text) => self.prose.line.push_str(&text),
            Event::Code(code) => self.prose.line.push_str(&format!("`{code}`")),
            Event::SoftBreak => self.prose.line.push(' '),
            Event::HardBreak => self.flush(range),
            Event::Start(Tag::List(first)) => {
                self.flush(range);
                self.prose.lists.push(first);
            }
            Event::End(TagEnd::List(_)) => {
                self.prose.lists.pop();
            }
            Event::Start(Tag::Item) => {
                self.flush(range);
                self.prose.line = self.marker();
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                self.prose.links.push(dest_url.to_string());
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                let url = self.prose.links.pop().unwrap_or_default();
                if !self.prose.line.ends_with(&url) {
                    self.prose.line.push_str(&format!(" ({url})"));
                }
            }
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::BlockQuote(_)) => {
                self.flush(range);
            }
            _ => {}
        }
    }

    /// The dash or number of a list item, indented by its depth.
    fn marker(&mut self) -> String {
        let indent = "  ".repeat(self.prose.lists.len().saturating_sub(1));
        match self.prose.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{indent}{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => format!("{indent}- "),
        }
    }

    fn flush(&mut self, range: &Range<usize>) {
        let line = std::mem::take(&mut self.prose.line);
        if line.trim().is_empty() {
            return;
        }
        let at = self.source.line_span(range.start + self.base);
        if let Some(section) = self.sections.last_mut() {
            section.prose.push(line.trim_end().to_owned());
            section.prose_at.get_or_insert(at);
        }
    }
}

/// The word after the backticks, or the backticks when there is none.
fn fence_word(source: &Source<'_>, head: Span) -> Span {
    let line = &source.text[head.start..head.end];
    let word = line.trim_start_matches(['`', '~']).trim_start();
    if word.is_empty() {
        head
    } else {
        Span::new(head.end - word.len(), head.end)
    }
}

/// Whether the block ends with a line of backticks of its own.
fn closed(source: &Source<'_>, whole: Span) -> bool {
    let text = source.text[whole.start..whole.end].trim_end();
    let last = text.rsplit('\n').next().unwrap_or_default().trim();
    // A fence line inside is the beginning of the next block, taken for text.
    let swallowed = text
        .lines()
        .skip(1)
        .any(|line| line.starts_with("```") && line.trim_end().len() > 3);
    let bare =
        last.len() >= 3 && (last.bytes().all(|b| b == b'`') || last.bytes().all(|b| b == b'~'));
    bare && !swallowed && text.contains('\n')
}
