//! The registry of log formats, and what each must offer.
//!
//! To add one: a file in `format/` that implements [`parser::Parser`], and one row in
//! [`FORMATS`]. A format turns records into events and nothing else;
//! joining, counting and judging happen behind the [`parser::Out`] it writes to.

pub mod access_json;
pub mod alb;
pub mod app;
mod appkeys;
pub mod auth0;
mod aws;
pub mod clerk;
pub mod cloudflare;
pub mod cloudfront;
pub mod cloudtrail;
pub mod combined;
pub mod console;
pub mod container;
mod facts;
pub mod gcp;
mod headers;
mod inner;
#[cfg(test)]
mod kept;
mod keyed;
pub mod logfmt;
pub mod mixed;
pub mod otlp;
pub mod parser;
pub mod postgres;
pub mod request;
pub mod s3;
mod said;
pub mod sentry;
pub mod shallow;
pub mod stripe;
pub mod supabase;
pub mod syslog;
mod table;
pub mod vercel;
pub mod vercel_csv;
mod walk;
pub mod wrapped;

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
    supabase::CSV,
    supabase::SIGN_IN,
    cloudflare::FORMAT,
    cloudflare::CSV,
    cloudtrail::FORMAT,
    s3::FORMAT,
    gcp::FORMAT,
    auth0::FORMAT,
    clerk::FORMAT,
    stripe::FORMAT,
    sentry::FORMAT,
    cloudfront::FORMAT,
    cloudfront::JSON,
    alb::FORMAT,
    otlp::FORMAT,
    access_json::CADDY,
    access_json::TRAEFIK,
    access_json::FORMAT,
    container::FORMAT,
    wrapped::CLOUDWATCH,
    wrapped::JOURNAL,
    // Before what it may wrap: a line of nginx behind a header of syslog.
    syslog::FORMAT,
    combined::FORMAT,
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
    let both = (mixed::FORMAT.claim)(sample);
    if both > best.map_or(0, |(count, _)| count) {
        return Some(&mixed::FORMAT);
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

#[cfg(test)]
mod tests;
