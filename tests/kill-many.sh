#!/bin/sh
# Kills a real appending process at as many random points as asked for, and
# checks after each that no acknowledged entry is gone.
#
#   tests/kill-many.sh [KILLS]      (10000 when not given)
set -eu
cd -- "$(dirname -- "$0")/.."
FIRSTHOUR_TEST_KILLS=${1:-10000} exec cargo test --release --locked --test suite -- \
    --exact journal_kill::no_acknowledged_entry_is_lost_to_kill_9 --nocapture
