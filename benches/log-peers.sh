#!/bin/sh
# Installs the optional peers of `cargo bench --bench logs`: DuckDB into a
# virtual environment (default: target/peers), and where apt is at hand and
# may be used, mawk, pgbadger and lnav. Prints how to name DuckDB.
set -eu
place=${1:-target/peers}
python3 -m venv "$place"
"$place/bin/pip" install --quiet duckdb
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get install -y -q mawk pgbadger lnav
else
  echo "mawk, pgbadger and lnav are taken from the path where they are"
fi
echo "FIRSTHOUR_BENCH_DUCKDB=$place/bin/python cargo bench --bench logs"
