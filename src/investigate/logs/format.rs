//! The registry of log formats, and what each must offer.
//!
//! To add one: a file in `format/` that implements [`parser::Parser`], and one row in
//! [`FORMATS`]. A format turns records into events and nothing else;
//! joining, counting and judging happen behind the [`parser::Out`] it writes to.

mod appkeys;
pub mod combined;
mod facts;
#[cfg(test)]
mod kept;
pub mod parser;
pub mod request;
mod said;
pub mod vercel;
mod walk;

use parser::Format;

/// Every format, the more specific first.
pub const FORMATS: &[Format] = &[vercel::FORMAT, combined::FORMAT];

/// The format of a sample; `None` when no format claims a record of it.
pub fn sniff(sample: &[u8]) -> Option<&'static Format> {
    let mut best: Option<(usize, &'static Format)> = None;
    for format in FORMATS {
        let claimed = (format.claim)(sample);
        if claimed > best.map_or(0, |(count, _)| count) {
            best = Some((claimed, format));
        }
    }
    best.map(|(_, format)| format)
}

/// The format of that name.
pub fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
