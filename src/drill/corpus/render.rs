//! The registry of renderings: one stream in the forms that hosts, proxies,
//! databases and programs write. One row a line.

mod edge;
mod nginx;
mod postgres;
mod program;
mod session;
mod supabase;
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
    row(
        "pg-csv",
        "postgresql.csv",
        "postgres-csv",
        true,
        postgres::csv,
    ),
    row(
        "pg-json",
        "postgresql.json",
        "postgres-json",
        true,
        postgres::json,
    ),
    row(
        "pg-stderr",
        "postgresql.log",
        "postgres-stderr",
        true,
        postgres::stderr,
    ),
    row(
        "pgaudit",
        "pgaudit.log",
        "postgres-stderr",
        true,
        postgres::audit,
    ),
    row("pino", "pino.ndjson", "pino", true, program::pino),
    row("logfmt", "app.logfmt", "logfmt", true, program::logfmt),
    row("otlp", "otlp.ndjson", "otlp", true, program::otlp),
    row("alb", "alb.log", "alb", false, edge::alb),
    row(
        "cloudfront",
        "cloudfront.log",
        "cloudfront",
        false,
        edge::cloudfront,
    ),
    row(
        "cloudflare",
        "logpush.ndjson",
        "cloudflare",
        false,
        edge::cloudflare,
    ),
    row(
        "supabase-old",
        "edge-old.ndjson",
        "supabase",
        true,
        supabase::old,
    ),
    row(
        "supabase-new",
        "edge-new.ndjson",
        "supabase",
        true,
        supabase::new,
    ),
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
