//! What the reader and the lint have to say, each with a stable code.
//!
//! To add a code: add a row to [`Code`], to [`Code::ALL`] and [`Code::id`],
//! and a fixture to `tests/suite/playbooks.rs`. Codes are never reused.

use super::source::{Place, Source, Span};
use crate::domain::untrusted::visible;

/// Whether a playbook with this diagnostic may be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It may be run, but somebody should look at it.
    Warning,
    /// It may not be run.
    Error,
}

impl Level {
    /// The word printed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The stable name of one kind of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The YAML block at the top is missing or not closed.
    FrontMatter,
    /// A block is not YAML, or a value has the wrong shape.
    Yaml,
    UnknownKey,
    MissingKey,
    /// A value has the right shape but is not one of those allowed.
    BadValue,
    /// A `##` or `###` heading cannot be read, or there is none.
    Heading,
    UnknownFence,
    /// A fence that asks to be run in a shell.
    ShellFence,
    /// A fence outside a step, inside a list, repeated, or one too many.
    FencePlace,
    Expression,
    /// Raw HTML, a template marker or an include.
    Markup,
    DuplicateId,
    BadId,
    UnknownStep,
    /// A branch without its `unknown` or `else`.
    Unrouted,
    Unreachable,
    /// A step from which the end cannot be reached.
    DeadEnd,
    /// A check or action nobody registered.
    UnknownAbility,
    UnknownField,
    UnknownQuestion,
    /// A comparison that can never hold.
    NeverHolds,
    /// A check or action without a way by hand.
    NoHand,
    StepBudget,
    PhaseBudget,
    /// The review or drill date is too old, or lies ahead.
    Stale,
    NoInstruction,
}

impl Code {
    /// Every code, in order of number.
    pub const ALL: [Self; 26] = [
        Self::FrontMatter,
        Self::Yaml,
        Self::UnknownKey,
        Self::MissingKey,
        Self::BadValue,
        Self::Heading,
        Self::UnknownFence,
        Self::ShellFence,
        Self::FencePlace,
        Self::Expression,
        Self::Markup,
        Self::DuplicateId,
        Self::BadId,
        Self::UnknownStep,
        Self::Unrouted,
        Self::Unreachable,
        Self::DeadEnd,
        Self::UnknownAbility,
        Self::UnknownField,
        Self::UnknownQuestion,
        Self::NeverHolds,
        Self::NoHand,
        Self::StepBudget,
        Self::PhaseBudget,
        Self::Stale,
        Self::NoInstruction,
    ];

    /// The code as printed, such as `FH003`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::FrontMatter => "FH001",
            Self::Yaml => "FH002",
            Self::UnknownKey => "FH003",
            Self::MissingKey => "FH004",
            Self::BadValue => "FH005",
            Self::Heading => "FH006",
            Self::UnknownFence => "FH007",
            Self::ShellFence => "FH008",
            Self::FencePlace => "FH009",
            Self::Expression => "FH010",
            Self::Markup => "FH011",
            Self::DuplicateId => "FH020",
            Self::BadId => "FH021",
            Self::UnknownStep => "FH022",
            Self::Unrouted => "FH023",
            Self::Unreachable => "FH024",
            Self::DeadEnd => "FH025",
            Self::UnknownAbility => "FH026",
            Self::UnknownField => "FH027",
            Self::UnknownQuestion => "FH028",
            Self::NeverHolds => "FH029",
            Self::NoHand => "FH030",
            Self::StepBudget => "FH031",
            Self::PhaseBudget => "FH032",
            Self::Stale => "FH033",
            Self::NoInstruction => "FH034",
        }
    }

    const fn level(self) -> Level {
        match self {
            Self::Stale => Level::Warning,
            _ => Level::Error,
        }
    }
}

/// A mistake before it is tied to a file: what, where as bytes, and what to
/// do. All texts may carry outside words; they are made printable on binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub code: Code,
    pub span: Span,
    pub message: String,
    pub label: String,
    pub help: String,
}

impl Note {
    /// A mistake with its message; label and help stay empty.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            span,
            message: message.into(),
            label: String::new(),
            help: String::new(),
        }
    }

    /// Adds the words beside the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds the line that says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Ties the mistake to a file.
    pub(super) fn bind(&self, source: &Source<'_>, origin: &str) -> Diagnostic {
        Diagnostic {
            code: self.code,
            level: self.code.level(),
            message: visible(&self.message),
            origin: visible(origin),
            place: source.place(self.span),
            label: visible(&self.label),
            help: visible(&self.help),
        }
    }
}

/// One mistake with everything needed to print it; all text is printable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub level: Level,
    pub message: String,
    /// The file or shipped name it was read from.
    pub origin: String,
    pub place: Place,
    /// Words beside the caret; may be empty.
    pub label: String,
    /// What to write instead; may be empty.
    pub help: String,
}

impl Diagnostic {
    /// Renders the mistake over several lines: headline, place, the source
    /// line with a caret, and the help.
    pub fn text(&self) -> String {
        let number = self.place.line.to_string();
        let gutter = " ".repeat(number.len());
        let indent = " ".repeat(self.place.indent);
        let caret = "^".repeat(self.place.width);
        let mut out = format!(
            "{}[{}]: {}\n{gutter}--> {}:{}:{}\n{gutter} |\n{number} | {}\n{gutter} | {indent}{caret}",
            self.level.word(),
            self.code.id(),
            self.message,
            self.origin,
            self.place.line,
            self.place.column,
            self.place.shown,
        );
        if !self.label.is_empty() {
            out.push_str(&format!(" {}", self.label));
        }
        if !self.help.is_empty() {
            out.push_str(&format!("\n{gutter} = help: {}", self.help));
        }
        out
    }

    /// Renders the mistake as one JSON object on one line.
    pub fn json(&self) -> String {
        serde_json::json!({
            "code": self.code.id(),
            "level": self.level.word(),
            "message": self.message,
            "file": self.origin,
            "line": self.place.line,
            "column": self.place.column,
            "end_column": self.place.end_column,
            "source": self.place.shown,
            "label": self.label,
            "help": self.help,
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        let ids: Vec<_> = Code::ALL.iter().map(|code| code.id()).collect();
        assert!(ids.is_sorted());
        assert_eq!(
            ids.len(),
            ids.iter().collect::<std::collections::BTreeSet<_>>().len()
        );
    }

    #[test]
    fn a_mistake_shows_its_line_with_a_caret() {
        let text = "a: 1\ngoals: x\n";
        let note = Note::new(Code::UnknownKey, Span::new(5, 10), "unknown key `goals`")
            .label("did you mean `goal`?")
            .help("a step fence takes goal, owner, budget");
        let shown = note.bind(&Source::new(text), "my.md").text();
        let want = "error[FH003]: unknown key `goals`\n --> my.md:2:1\n  |\n2 | goals: x\n  | ^^^^^ did you mean `goal`?\n  = help: a step fence takes goal, owner, budget";
        assert_eq!(shown, want);
    }

    #[test]
    fn outside_text_cannot_drive_the_terminal() {
        let note = Note::new(Code::Yaml, Span::new(0, 4), "bad \u{1b}[31m");
        let bound = note.bind(&Source::new("\u{1b}[2J"), "\u{202e}x.md");
        assert!(!bound.text().contains('\u{1b}'));
        assert!(!bound.text().contains('\u{202e}'));
        assert!(bound.json().contains("^[[2J"));
    }
}
