//! Writes made-up logs for benchmarks and for trying by hand.
//!
//! `cargo run --release --example corpus -- FOLDER [RENDERING,..|all] [MEGABYTES] [SEED] [PEOPLE]`
//!
//! With a size each rendering named gets its own stream, as long as it takes;
//! without one all of them show the same stream of 60,000 requests.

use firsthour::drill::corpus::options::Options;
use firsthour::drill::corpus::render::RENDERINGS;
use firsthour::drill::corpus::{sized, tell, write};
use std::path::PathBuf;

#[expect(
    clippy::print_stderr,
    reason = "says what it wrote, and how it is used"
)]
fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(folder) = words.first().map(PathBuf::from) else {
        let names: Vec<&str> = RENDERINGS.iter().map(|rendering| rendering.name).collect();
        eprintln!("corpus FOLDER [RENDERING,..|all] [MEGABYTES] [SEED] [PEOPLE]");
        eprintln!("renderings: {}", names.join(" "));
        return Ok(());
    };
    let word = |at: usize| words.get(at).map(String::as_str);
    let number = |at: usize| word(at).and_then(|word| word.parse::<u64>().ok());
    let names: Vec<&str> = match word(1) {
        None | Some("all") => Vec::new(),
        Some(some) => some.split(',').collect(),
    };
    let seed = number(3).unwrap_or(1);
    let options = Options {
        people: number(4).map_or(400, |people| usize::try_from(people).unwrap_or(400)),
        ..Options::default()
    };
    match number(2).filter(|size| *size > 0) {
        None => {
            let truth = write(&folder, seed, &options, &names)?;
            tell(&folder, &truth)?;
            eprintln!("{} requests in {}", truth.requests, folder.display());
        }
        Some(megabytes) => {
            for rendering in RENDERINGS {
                if names.is_empty() || names.contains(&rendering.name) {
                    let into = folder.join(rendering.name);
                    let truth = sized(&into, seed, &options, rendering, megabytes)?;
                    tell(&into, &truth)?;
                    eprintln!("{} requests in {}", truth.requests, into.display());
                }
            }
        }
    }
    Ok(())
}
