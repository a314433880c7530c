#!/usr/bin/env bash
# Builds a target with libFuzzer's instrumentation on the stable compiler, and
# runs it: fuzz/run.sh TARGET [libFuzzer's options].
set -euo pipefail
cd "$(dirname "$0")"
target=${1:?which target}
shift
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=16"
host=$(rustc -vV | sed -n 's/^host: //p')
cargo build --release --locked --target "$host" --bin "$target"
mkdir -p "corpus/$target" "artifacts/$target"
exec "target/$host/release/$target" "corpus/$target" -artifact_prefix="artifacts/$target/" "$@"
