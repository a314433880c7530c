#!/bin/sh
# Installs the optional peer of `cargo bench --bench database` into a virtual
# environment (default: target/peers) and prints how to name it. Fetching
# splinter.sql is left to the person who wants it in the table.
set -eu
place=${1:-target/peers}
python3 -m venv "$place"
"$place/bin/pip" install --quiet 'pgrls==0.57.1'
echo "FIRSTHOUR_BENCH_PGRLS=$place/bin/pgrls cargo bench --bench database"
