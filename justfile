# The recipes are the steps of .ci/run; `just` lists them.

default:
    @just --list

# Formatting, as rustfmt has it.
fmt:
    cargo fmt --check

# Every lint is an error.
lint:
    cargo clippy --all-targets --locked -- -D warnings

# The documentation builds without a broken link.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

# All tests, as the README says.
test:
    cargo test --locked

# Benchmarks compile.
bench-check:
    cargo check --benches --locked

# Fuzz targets compile.
fuzz-check:
    cargo check --locked --manifest-path fuzz/Cargo.toml

# Benchmarks run.
bench:
    cargo bench --locked

# Licences, bans and sources; advisories when their database can be reached.
deny:
    cargo deny check licenses bans sources
    cargo deny check advisories

# Writes the keys table of the README, docs/checks.md and docs/corpus.md anew from the program.
readme:
    FIRSTHOUR_README=write cargo test --locked --test suite -- readme database::corpus

# Draws assets/drill.svg from a real session of the program.
picture:
    FIRSTHOUR_PICTURE=write cargo test --locked --test suite picture -- --nocapture

# Everything that CI runs.
ci:
    .ci/run
