//! The roles text can play, and nothing else about looks.
//!
//! Only the terminal's own sixteen colours are named, never white or black,
//! so the reader's theme, light or dark, decides how they look. Every role
//! also differs without colour, and no state is told by a role alone: a word
//! or a mark always stands beside it.

use crate::domain::exposure::Verdict;
use crate::domain::finding::{Confidence, Severity};
use crate::domain::stance::Stance;
use ratatui::style::{Color, Modifier, Style};

/// Where styles come from. `colour` is off under `NO_COLOR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    pub colour: bool,
}

impl Palette {
    fn tinted(self, hue: Color, modifier: Modifier) -> Style {
        let style = Style::new().add_modifier(modifier);
        if self.colour { style.fg(hue) } else { style }
    }

    /// Running text.
    pub const fn plain(self) -> Style {
        Style::new()
    }

    /// What may be overlooked: units, rules, what no longer counts.
    pub const fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Headings, and what a responder must read first.
    pub const fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Done, holding, recorded.
    pub fn good(self) -> Style {
        self.tinted(Color::Green, Modifier::empty())
    }

    /// Not proven, not looked at, waiting for a person. Magenta, because
    /// yellow can't be read on a light ground.
    pub fn warn(self) -> Style {
        self.tinted(Color::Magenta, Modifier::empty())
    }

    /// Leaking, failed, blocked.
    pub fn bad(self) -> Style {
        self.tinted(Color::Red, Modifier::BOLD)
    }

    /// Keys, and what Enter will do.
    pub fn accent(self) -> Style {
        self.tinted(Color::Cyan, Modifier::BOLD)
    }

    /// The row under the cursor; a `>` stands before it as well.
    pub const fn selected(self) -> Style {
        Style::new()
            .add_modifier(Modifier::BOLD)
            .add_modifier(Modifier::REVERSED)
    }

    /// The stance word in the header.
    pub fn stance(self, stance: Stance) -> Style {
        let role = match stance {
            Stance::Live => self.bad(),
            Stance::ReadOnly => self.warn(),
            Stance::Drill => self.good(),
        };
        role.add_modifier(Modifier::BOLD | Modifier::REVERSED)
    }

    /// How bad a finding is.
    pub fn severity(self, severity: Severity) -> Style {
        match severity {
            Severity::Critical => self.bad(),
            Severity::High => self.strong(),
            Severity::Medium => self.plain(),
            Severity::Low | Severity::Info => self.dim(),
        }
    }

    /// How sure a claim is.
    pub fn confidence(self, confidence: Confidence) -> Style {
        match confidence {
            Confidence::Confirmed => self.bad(),
            Confidence::Suspected => self.warn(),
            Confidence::Unknown => self.plain(),
            Confidence::RuledOut => self.good(),
        }
    }

    /// What a principal reads.
    pub fn verdict(self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Foreign | Verdict::All => self.bad(),
            Verdict::Undecided | Verdict::Would => self.warn(),
            Verdict::Own => self.good(),
            Verdict::None => self.dim(),
        }
    }
}
