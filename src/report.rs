//! Entries made readable for those who were not there: pure, no I/O.
//!
//! A format is one file that turns a [`source::Source`] (or the recorded
//! lines themselves) into bytes. The same input gives the same bytes. To add a
//! format: a file here, a variant of [`Format`] and its arms.

pub mod escape;
pub mod exposure;
pub mod jsonl;
pub mod markdown;
pub mod source;

/// The forms a record can be exported in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A report for people, with blank places for what only people know.
    Markdown,
    /// The recorded lines, byte for byte: still verifiable.
    Jsonl,
    /// The exposure matrix as a table for a spreadsheet.
    ExposureCsv,
    /// The exposure matrix as one JSON object.
    ExposureJson,
}

impl Format {
    /// All formats, in the order they are offered.
    pub const ALL: [Self; 4] = [
        Self::Markdown,
        Self::Jsonl,
        Self::ExposureCsv,
        Self::ExposureJson,
    ];

    /// The word that selects the format; it is also recorded.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Jsonl => "jsonl",
            Self::ExposureCsv => "exposure-csv",
            Self::ExposureJson => "exposure-json",
        }
    }

    /// The usual ending of a file in this format, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Jsonl => "jsonl",
            Self::ExposureCsv => "csv",
            Self::ExposureJson => "json",
        }
    }

    /// Reads a format's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }
}
