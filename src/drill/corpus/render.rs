//! The registry of renderings: one stream in the forms that hosts, proxies,
//! databases and programs write. One row a line.

mod nginx;
mod postgres;
mod session;
mod text;
mod vercel;

use super::stream::Corpus;
use std::io::{Result, Write};

/// One form of the stream.
#[derive(Debug, Clone, Copy)]
pub struct Rendering {
    pub name: &'static str,
    /// The file it is written to.
    pub file: &'static str,
    /// The format that is to read it.
    pub format: &'static str,
    /// Whether it names the person; otherwise it is an address.
    pub person: bool,
    pub write: fn(&Corpus, &mut dyn Write) -> Result<()>,
}

/// Every rendering.
pub const RENDERINGS: &[Rendering] = &[
    row("vercel", "vercel.ndjson", "vercel", true, vercel::write),
    row("nginx", "access.log", "combined", true, nginx::named),
    row("nginx-plain", "plain.log", "combined", false, nginx::plain),
    row("pg-csv", "postgresql.csv", "pg-csv", true, postgres::csv),
    row(
        "pg-json",
        "postgresql.json",
        "pg-json",
        true,
        postgres::json,
    ),
    row(
        "pg-stderr",
        "postgresql.log",
        "pg-stderr",
        true,
        postgres::stderr,
    ),
    row("pgaudit", "pgaudit.log", "pg-stderr", true, postgres::audit),
];

const fn row(
    name: &'static str,
    file: &'static str,
    format: &'static str,
    person: bool,
    write: fn(&Corpus, &mut dyn Write) -> Result<()>,
) -> Rendering {
    Rendering {
        name,
        file,
        format,
        person,
        write,
    }
}

/// The rendering of that name.
pub fn named(name: &str) -> Option<&'static Rendering> {
    RENDERINGS.iter().find(|rendering| rendering.name == name)
}
