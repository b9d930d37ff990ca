#!/usr/bin/env bash
# The figures asked for beside those measured, on this machine. With `--all` also the benches of single pieces (Criterion).
. "$(dirname "$0")/lib.sh"

scripts/build.sh
# build.sh ran in a shell of its own: choose the same compiler here.
ensure_rust

say "measuring the server (about a minute)"
cargo bench --quiet -p server --bench http
if [ "${1:-}" = --all ]; then
  say "measuring single pieces"
  cargo bench --quiet -p domain
fi
