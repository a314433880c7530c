//! Screens and what lies over them. Each variant owns its own view state, so
//! nothing of a screen outlives it.

use super::offers::Aim;
use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use crate::domain::finding::{Confidence, RootCause};
use crate::domain::lines::LogLines;
use crate::domain::trail::LogPlace;

/// Where the cursor stands in a list, and what the list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListView {
    pub cursor: usize,
    /// Shown rows contain this text, case apart; `!text` inverts.
    pub filter: String,
    /// Lines the detail beside the list is scrolled by.
    pub detail: usize,
}

/// Where the cursor stands in the exposure matrix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MatrixView {
    pub list: ListView,
    pub column: usize,
}

/// What came of asking for lines of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinesSeen {
    /// They are being read.
    Asked,
    Read(Box<LogLines>),
    Failed(Failure),
}

/// The screen shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screen {
    Home(ListView),
    /// The playbook with the step in hand; the cursor walks all steps.
    Map(ListView),
    Findings(ListView),
    /// One finding, by its key.
    Finding {
        key: String,
        scroll: usize,
    },
    Matrix(MatrixView),
    /// One cell of it in full; the column is the principal's.
    Cell {
        relation: String,
        column: usize,
        scroll: usize,
    },
    Causes(ListView),
    Timeline(ListView),
    /// Every plan and the ledger of standing containments.
    Plans(ListView),
    /// One plan, to approve or refuse.
    Plan {
        digest: Digest,
        scroll: usize,
    },
    Jobs(ListView),
    /// Could read, joined with did read.
    Reads(ListView),
    /// Who read, as the logs tell.
    Logs(ListView),
    /// The lines at a place that a finding of the logs names.
    Lines {
        /// The finding's key, and which of its places.
        key: String,
        at: usize,
        scroll: usize,
        place: LogPlace,
        seen: LinesSeen,
    },
    /// One line of who could read and who did, in full.
    Read {
        relation: String,
        role: String,
        scroll: usize,
    },
    Help {
        scroll: usize,
    },
}

/// Which screen it is, without its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScreenKind {
    Home,
    Map,
    Findings,
    Finding,
    Matrix,
    Cell,
    Causes,
    Timeline,
    Plans,
    Plan,
    Jobs,
    Reads,
    Logs,
    Lines,
    Read,
    Help,
}

impl Screen {
    /// Which screen it is.
    pub const fn kind(&self) -> ScreenKind {
        match self {
            Self::Home(_) => ScreenKind::Home,
            Self::Map(_) => ScreenKind::Map,
            Self::Findings(_) => ScreenKind::Findings,
            Self::Finding { .. } => ScreenKind::Finding,
            Self::Matrix(_) => ScreenKind::Matrix,
            Self::Cell { .. } => ScreenKind::Cell,
            Self::Causes(_) => ScreenKind::Causes,
            Self::Timeline(_) => ScreenKind::Timeline,
            Self::Plans(_) => ScreenKind::Plans,
            Self::Plan { .. } => ScreenKind::Plan,
            Self::Jobs(_) => ScreenKind::Jobs,
            Self::Reads(_) => ScreenKind::Reads,
            Self::Logs(_) => ScreenKind::Logs,
            Self::Lines { .. } => ScreenKind::Lines,
            Self::Read { .. } => ScreenKind::Read,
            Self::Help { .. } => ScreenKind::Help,
        }
    }

    /// The list state of screens that are lists.
    pub const fn list(&self) -> Option<&ListView> {
        match self {
            Self::Home(list)
            | Self::Map(list)
            | Self::Findings(list)
            | Self::Causes(list)
            | Self::Timeline(list)
            | Self::Plans(list)
            | Self::Jobs(list)
            | Self::Reads(list)
            | Self::Logs(list) => Some(list),
            Self::Matrix(view) => Some(&view.list),
            Self::Finding { .. }
            | Self::Cell { .. }
            | Self::Plan { .. }
            | Self::Lines { .. }
            | Self::Read { .. }
            | Self::Help { .. } => None,
        }
    }

    /// Holds the scroll of a page or a detail to what is there.
    pub fn clip_scroll(&mut self, reach: usize) {
        match self {
            Self::Finding { scroll, .. }
            | Self::Cell { scroll, .. }
            | Self::Plan { scroll, .. }
            | Self::Lines { scroll, .. }
            | Self::Read { scroll, .. }
            | Self::Help { scroll } => {
                *scroll = (*scroll).min(reach);
            }
            screen => {
                if let Some(list) = screen.list_mut() {
                    list.detail = list.detail.min(reach);
                }
            }
        }
    }

    /// The list state, to change it.
    pub const fn list_mut(&mut self) -> Option<&mut ListView> {
        match self {
            Self::Home(list)
            | Self::Map(list)
            | Self::Findings(list)
            | Self::Causes(list)
            | Self::Timeline(list)
            | Self::Plans(list)
            | Self::Jobs(list)
            | Self::Reads(list)
            | Self::Logs(list) => Some(list),
            Self::Matrix(view) => Some(&mut view.list),
            Self::Finding { .. }
            | Self::Cell { .. }
            | Self::Plan { .. }
            | Self::Lines { .. }
            | Self::Read { .. }
            | Self::Help { .. } => None,
        }
    }
}

impl ScreenKind {
    /// The title in the header and the first line in plain form.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Map => "Playbook",
            Self::Findings => "Findings",
            Self::Finding => "Finding",
            Self::Matrix => "Exposure",
            Self::Cell => "Cell",
            Self::Causes => "Root causes",
            Self::Timeline => "Timeline",
            Self::Plans => "Plans",
            Self::Plan => "Plan",
            Self::Jobs => "Jobs",
            Self::Reads => "Who read",
            Self::Logs => "Who read, from logs",
            Self::Lines => "Lines of a log",
            Self::Read => "One read",
            Self::Help => "Help",
        }
    }
}

/// Something that lies over the screen and takes the keys first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overlay {
    Palette { query: String, cursor: usize },
    Prompt(Prompt),
}

/// A line being typed, with what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    pub purpose: Purpose,
    /// The question, one line.
    pub label: String,
    /// Numbered choices; when present a digit or the word picks one.
    pub choices: Vec<String>,
    pub text: String,
    /// Why the last try was refused.
    pub problem: Option<String>,
}

/// What a typed line will be used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    Answer {
        ask: String,
    },
    SkipReason {
        step: String,
    },
    HandNote {
        step: String,
    },
    AllowHelpers {
        check: String,
    },
    Note,
    Observe,
    CauseState {
        cause: RootCause,
    },
    CauseReason {
        cause: RootCause,
        state: Confidence,
    },
    /// Which containment to plan for it.
    Contain {
        aim: Aim,
    },
    Approve {
        plan: Digest,
    },
    RefuseReason {
        plan: Digest,
    },
    Correct {
        entry: Digest,
    },
    CloseSentence,
    ExportFormat,
    Filter,
}
