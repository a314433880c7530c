#!/usr/bin/env bash
# Installs the engines that the log check's questions are held against: the
# wheels chdb (ClickHouse's engine) and duckdb, into target/log-engines.
set -euo pipefail
cd "$(dirname "$0")/.."
place="${CARGO_TARGET_DIR:-$PWD/target}/log-engines"
if "$place/bin/python" -c 'import chdb, duckdb' 2>/dev/null; then
  exit 0
fi
mkdir -p "$(dirname "$place")"
python3 -m venv "$place"
"$place/bin/pip" install --quiet --disable-pip-version-check 'chdb==4.4.0' 'duckdb==2.0.1'
"$place/bin/python" -c 'import chdb, duckdb'
