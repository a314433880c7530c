//! The registry of log formats, and what each must offer.
//!
//! To add one: a file in `format/` that implements [`parser::Parser`], and one row in
//! [`FORMATS`]. A format turns records into events and nothing else;
//! joining, counting and judging happen behind the [`parser::Out`] it writes to.

pub mod alb;
pub mod app;
mod appkeys;
pub mod cloudflare;
pub mod cloudfront;
pub mod combined;
pub mod console;
pub mod container;
mod facts;
mod inner;
#[cfg(test)]
mod kept;
pub mod logfmt;
pub mod otlp;
pub mod parser;
pub mod postgres;
pub mod request;
mod said;
pub mod shallow;
pub mod supabase;
pub mod syslog;
pub mod vercel;
pub mod vercel_csv;
mod walk;

use parser::Format;
use shallow::is_shallow;
use std::borrow::Cow;

/// Every format, the more specific first.
pub const FORMATS: &[Format] = &[
    postgres::csvlog::FORMAT,
    postgres::jsonlog::FORMAT,
    postgres::stderr::FORMAT,
    vercel::FORMAT,
    vercel_csv::FORMAT,
    supabase::FORMAT,
    cloudflare::FORMAT,
    cloudfront::FORMAT,
    cloudfront::JSON,
    alb::FORMAT,
    otlp::FORMAT,
    container::FORMAT,
    combined::FORMAT,
    syslog::FORMAT,
    app::PINO,
    app::WINSTON,
    logfmt::FORMAT,
    // What anything may look like comes last, and claims one record at most.
    app::JSON,
    console::FORMAT,
];

/// The format of a sample; `None` when no format claims a record of it.
pub fn sniff(sample: &[u8]) -> Option<&'static Format> {
    let sound = shallow_lines(sample);
    let sample = &*sound;
    let mut best: Option<(usize, &'static Format)> = None;
    for format in FORMATS {
        let claimed = (format.claim)(sample);
        if claimed > best.map_or(0, |(count, _)| count) {
            best = Some((claimed, format));
        }
    }
    best.map(|(_, format)| format)
}

/// A sample without the lines that nest deeper than readers may recurse.
fn shallow_lines(sample: &[u8]) -> Cow<'_, [u8]> {
    if is_shallow(sample) {
        return Cow::Borrowed(sample);
    }
    let lines = sample.split_inclusive(|byte| *byte == b'\n');
    Cow::Owned(
        lines
            .filter(|line| is_shallow(line))
            .flatten()
            .copied()
            .collect(),
    )
}

/// The format of that name.
pub fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
