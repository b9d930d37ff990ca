#!/usr/bin/env bash
# The figures asked for beside those measured, on this machine. With `--all` also the benches of single pieces (Criterion).
. "$(dirname "$0")/lib.sh"

build_dist
# What is measured is what operators get.
export LATCHKEY_BENCH_SERVER=$TARGET_DIR/dist/latchkey
ensure_npm end2end
# The whole browser, as phones have it.
CHROMIUM=${CHROMIUM:-$(command -v chromium || true)}
ensure_chromium

ensure_postgres
ensure_nginx
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A peer to measure beside; its database is compiled here where Node's headers are installed, else downloaded.
peer=$work/peer
cp -r server/benches/http/peer "$peer"
if (cd "$peer" && { [ ! -d /usr/include/node ] || export npm_config_nodedir=/usr; } && npm install --no-audit --no-fund >"$CACHE/peer.log" 2>&1 \
  && node -e 'import("better-sqlite3")'); then export LATCHKEY_BENCH_NODE=$peer; fi
cat >"$work/bench.sh" <<'SCRIPT'
#!/usr/bin/env bash
set -euo pipefail
export LATCHKEY_BENCH_POSTGRES="postgres://$PGUSER:${PGPASSWORD:-}@${PGHOST:-localhost}:$PGPORT"
export LATCHKEY_BENCH_RESTART="pg_ctlcluster $PGVERSION regress restart -m immediate"
cargo bench --quiet -p server --bench http
exec cargo bench --quiet -p backend --bench search
SCRIPT
chmod +x "$work/bench.sh"
say "measuring the server (about fifteen minutes, and 5 GB in the temporary directory)"
FSYNC=on throwaway_postgres "$work/bench.sh"
say "measuring the scanner in $CHROMIUM (half a minute)"
(cd end2end && node_modules/.bin/playwright test --config playwright.bench.config.ts)
if [ "${1:-}" = --all ]; then
  say "measuring single pieces"
  cargo bench --quiet -p domain
fi
