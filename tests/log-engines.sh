#!/usr/bin/env bash
# Installs the engines that the log check's questions are held against: the
# wheels chdb (ClickHouse's engine), duckdb, and sqlglot, which reads what is
# written for Trino and BigQuery; into target/log-engines.
set -euo pipefail
cd "$(dirname "$0")/.."
place="${CARGO_TARGET_DIR:-$PWD/target}/log-engines"
if "$place/bin/python" -c 'import chdb, duckdb, sqlglot' 2>/dev/null; then
  exit 0
fi
mkdir -p "$(dirname "$place")"
python3 -m venv "$place"
"$place/bin/python" -m pip install --quiet --disable-pip-version-check 'chdb==4.4.0' 'duckdb==2.0.1' 'sqlglot==30.30.0'
"$place/bin/python" -c 'import chdb, duckdb, sqlglot'
