#!/usr/bin/env bash
# Fills corpus/ with what the program itself makes up, so that a target begins
# among records that make sense: fuzz/seeds.sh [PATH of a built firsthour].
set -euo pipefail
cd "$(dirname "$0")"
program=${1:-../target/debug/firsthour}
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
mkdir -p corpus/{formats,scan,split,unpack,sql,time,aggregates,known}
at=0
# The samples of the test of formats, one a line: ("name", "text" or r#"text"#).
grep -oE '^    \("[a-z0-9-]+", r?#?".*"#?\),$' ../src/investigate/logs/format/tests.rs |
  sed -E 's/^    \("[a-z0-9-]+", r?#?"(.*)"#?\),$/\1/' |
  while IFS= read -r sample; do
    text=$(printf '%b' "${sample//\\\"/\"}")
    at=$((at + 1))
    printf '%s\n' "$text" >"corpus/scan/sample$at"
    printf '%s\n' "$text" | gzip -c >"corpus/unpack/sample$at.gz"
    for framing in 0 1 2; do
      { printf "\\x0$framing\\x07"; printf '%s\n' "$text"; } >"corpus/split/sample$at-$framing"
    done
    for format in $(seq 0 47); do
      { printf "\\x$(printf %02x "$format")"; printf '%s\n' "$text"; } >"corpus/formats/sample$at-$format"
    done
  done
for text in '2026-03-10T08:00:02.123Z' '10/Mar/2026:08:00:02 +0000' '1773129602123' '2026-03-10 08:00:02.5+05:30'; do
  printf '%s' "$text" >"corpus/time/$(printf '%s' "$text" | tr -c '0-9A-Za-z\n' _)"
done
printf 'select c.*, o.name from customers c join orgs o on o.id = c.org_id where c.org_id = $1 and c.id in ($2, 3) limit 10\0$1 = '"'7', \$2 = NULL" >corpus/sql/join
printf 'with x as (select 1) insert into t select * from x where exists (select 1 from "q"."T" where a = '"'it''s'"')\0' >corpus/sql/with
printf '\0id,uuid,email,role,org_id,assigned_orgs,status\nu1,x,a@b.example,admin,o1,o2;o3,active\n' >corpus/known/users
printf '\1id,org_id\n1,o1\n' >corpus/known/customers
printf '\2[{"route":"/a/[id]","method":"GET","kind":"list","roles":["member"],"private":true}]' >corpus/known/routes
printf '203.0.113.9 - u1 [10/Mar/2026:08:00:02 +0000] "GET /api/c/1 HTTP/1.1" 200 12 "-" "x"\n' >"$made/x.log"
HOME=$made "$program" check logs "$made/x.log" --emit-aggregates "$made/out" --release-at 2026-03-10T08:00:00Z >/dev/null || true
[ ! -f "$made/out" ] || cp "$made/out" corpus/aggregates/one
