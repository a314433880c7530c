#!/usr/bin/env bash
# Fills corpus/ with the samples of the tests and with what the program itself
# writes, so that a target begins among records that make sense:
# fuzz/seeds.sh [PATH of a built firsthour]. Needs perl.
set -euo pipefail
cd "$(dirname "$0")"
program=${1:-../target/debug/firsthour}
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
mkdir -p corpus/{formats,scan,split,unpack,sql,time,aggregates,known}
# Each sample stands as ("name", "text") or ("name", r#"text"#).
perl -0777 -ne '
  while (/\(\s*"([a-z0-9-]+)",\s*(?:r#"(.*?)"#|"((?:[^"\\]|\\.)*)"),?\s*\)/gs) {
    my ($name, $text) = ($1, defined $2 ? $2 : $3);
    unless (defined $2) { my %plain = (n => "\n", t => "\t"); $text =~ s/\\(.)/$plain{$1} \/\/ $1/ge; }
    $text .= "\n";
    my $put = sub { open my $out, ">", "corpus/$_[0]" or die; print $out $_[1]; };
    $put->("scan/$name", $text);
    $put->("split/$name-$_", chr($_) . chr(7) . $text) for 0 .. 2;
    $put->("formats/$name-$_", chr($_) . $text) for 0 .. 47;
  }' ../src/investigate/logs/format/tests.rs
for sample in corpus/scan/*; do
  gzip -c <"$sample" >"corpus/unpack/$(basename "$sample").gz"
done
tar -cf corpus/unpack/all.tar corpus/scan
at=0
for text in '2026-03-10T08:00:02.123Z' '10/Mar/2026:08:00:02 +0000' '1773129602123' '2026-03-10 08:00:02.5+05:30'; do
  at=$((at + 1))
  printf '%s' "$text" >"corpus/time/$at"
done
printf 'select c.*, o.name from customers c join orgs o on o.id = c.org_id where c.org_id = $1 and c.id in ($2, 3) limit 10\0$1 = '"'7', \$2 = NULL" >corpus/sql/join
printf 'with x as (select 1) insert into t select * from x where exists (select 1 from "q"."T" where a = '"'it''s'"')\0' >corpus/sql/with
printf '\0id,uuid,email,role,org_id,assigned_orgs,status\nu1,x,a@b.example,admin,o1,o2;o3,active\n' >corpus/known/users
printf '\1id,org_id\n1,o1\n' >corpus/known/customers
printf '\2[{"route":"/a/[id]","method":"GET","kind":"list","roles":["member"],"private":true}]' >corpus/known/routes
printf '203.0.113.9 - u1 [10/Mar/2026:08:00:02 +0000] "GET /api/c/1 HTTP/1.1" 200 12 "-" "x"\n' >"$made/x.log"
HOME=$made "$program" check logs "$made/x.log" --emit-aggregates "$made/out" --release-at 2026-03-10T08:00:00Z >/dev/null || true
[ ! -f "$made/out" ] || cp "$made/out" corpus/aggregates/one
