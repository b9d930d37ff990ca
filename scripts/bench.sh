#!/usr/bin/env bash
# The figures asked for beside those measured, on this machine. With `--all` also the benches of single pieces (Criterion).
. "$(dirname "$0")/lib.sh"

scripts/build.sh
# build.sh ran in a shell of its own: choose the same compiler here.
ensure_rust
ensure_npm end2end
ensure_chromium

say "measuring the server (about a minute)"
cargo bench --quiet -p server --bench http
say "measuring the scanner in $CHROMIUM (half a minute)"
(cd end2end && node_modules/.bin/playwright test --config playwright.bench.config.ts)
if [ "${1:-}" = --all ]; then
  say "measuring single pieces"
  cargo bench --quiet -p domain
fi
