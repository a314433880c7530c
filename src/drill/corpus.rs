//! A made-up company's logs: tenants, people, hours of requests around a
//! release, leaks planted in them, look-alikes beside them, and the truth.
//!
//! One stream is rendered in many log formats; the same seed gives the same
//! bytes on every machine. A new format is one file in `corpus/render/` and
//! one row in `render::RENDERINGS`.

mod background;
mod decoys;
mod dice;
pub mod hit;
pub mod model;
pub mod options;
mod plants;
pub mod render;
pub mod routes;
mod side;
mod stage;
pub mod stream;
pub mod truth;

use options::Options;
use render::{RENDERINGS, Rendering};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use stream::Corpus;
use truth::Truth;

/// Writes a corpus into a folder: each rendering named, or every one where
/// none is; `users.csv`, `customers.csv`, `routes.json` and `truth.json`.
///
/// Logs go into a folder `logs` of their own, so that a check can be pointed
/// at all of them.
///
/// # Errors
/// When the folder can't be written.
pub fn write(
    folder: &Path,
    seed: u64,
    options: &Options,
    renderings: &[&str],
) -> std::io::Result<Truth> {
    let corpus = Corpus::new(seed, options);
    let logs = folder.join("logs");
    std::fs::create_dir_all(&logs)?;
    for rendering in RENDERINGS {
        if renderings.is_empty() || renderings.contains(&rendering.name) {
            into(&logs.join(rendering.file), |out| {
                (rendering.write)(&corpus, out)
            })?;
        }
    }
    beside(folder, &corpus)?;
    Ok(corpus.truth)
}

/// Requests of the trial that tells how many bytes one takes.
const TRIAL: usize = 4_000;

/// Writes one rendering of about so many megabytes, and the rest as
/// [`write()`] does.
///
/// # Errors
/// When the folder can't be written.
pub fn sized(
    folder: &Path,
    seed: u64,
    options: &Options,
    rendering: &Rendering,
    megabytes: u64,
) -> std::io::Result<Truth> {
    let trial = Corpus::new(
        seed,
        &Options {
            requests: TRIAL,
            plants: Vec::new(),
            decoys: Vec::new(),
            ..options.clone()
        },
    );
    let mut bytes = Vec::new();
    (rendering.write)(&trial, &mut bytes)?;
    let each = bytes.len() as u64 / trial.hits.len().max(1) as u64;
    let wanted = megabytes.saturating_mul(1_000_000) / each.max(1);
    let options = Options {
        requests: usize::try_from(wanted).unwrap_or(usize::MAX),
        ..options.clone()
    };
    write(folder, seed, &options, &[rendering.name])
}

/// Writes the truth into `truth.json`.
///
/// # Errors
/// When the folder can't be written.
pub fn tell(folder: &Path, truth: &Truth) -> std::io::Result<()> {
    into(&folder.join("truth.json"), |out| {
        serde_json::to_writer_pretty(&mut *out, truth)?;
        out.write_all(b"\n")
    })
}

/// Writes what is known besides the logs.
///
/// # Errors
/// When the folder can't be written.
pub fn beside(folder: &Path, corpus: &Corpus) -> std::io::Result<()> {
    into(&folder.join("users.csv"), |out| side::users(corpus, out))?;
    into(&folder.join("customers.csv"), |out| {
        side::customers(corpus, out)
    })?;
    into(&folder.join("routes.json"), side::routes)
}

fn into(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 18, File::create(path)?);
    write(&mut out)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that draws or writes otherwise gives another number here.
    #[test]
    fn a_seed_gives_the_same_bytes_everywhere() {
        let options = Options {
            requests: 1_500,
            ..Options::default()
        };
        let corpus = Corpus::new(11, &options);
        let sums: Vec<(&str, u64)> = RENDERINGS
            .iter()
            .filter(|rendering| ["vercel", "nginx"].contains(&rendering.name))
            .map(|rendering| {
                let mut out = Vec::new();
                (rendering.write)(&corpus, &mut out).unwrap();
                (rendering.name, twox_hash::XxHash3_64::oneshot(&out))
            })
            .collect();
        assert_eq!(
            sums,
            [
                ("vercel", 8_702_096_363_349_617_246),
                ("nginx", 987_096_052_620_135_553)
            ]
        );
    }

    #[test]
    fn a_folder_holds_logs_and_what_is_known_besides() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            requests: 300,
            ..Options::default()
        };
        let truth = write(folder.path(), 1, &options, &["nginx"]).unwrap();
        assert_eq!(truth.seed, 1);
        let mut names: Vec<String> = std::fs::read_dir(folder.path().join("logs"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["access.log"]);
        for file in ["users.csv", "customers.csv", "routes.json"] {
            assert!(folder.path().join(file).is_file(), "{file}");
        }
        assert!(!folder.path().join("truth.json").exists());
        tell(folder.path(), &truth).unwrap();
        assert!(folder.path().join("truth.json").is_file());
    }
}
