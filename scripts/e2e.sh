#!/usr/bin/env bash
# The browser tests on SQLite: all, or with T=NAME those whose file or title has NAME in it. A failure leaves a trace under end2end/test-results/.
. "$(dirname "$0")/lib.sh"

export MEMORY=on
scripts/build.sh
ensure_npm end2end
ensure_chromium
ensure_whole_chromium
ensure_firefox
ensure_postgres
cd end2end
node_modules/.bin/tsc --noEmit
files=()
if [ -n "${T:-}" ]; then
  # A path names files; anything else is looked for in titles.
  case $T in */*|*.spec.ts) files=("$T") ;; *) files=(--grep "$T") ;; esac
fi
# Tests of several nodes need a PostgreSQL: an SQLite file has one server.
throwaway_postgres bash -c 'export LATCHKEY_E2E_NODES="postgres://$PGUSER:${PGPASSWORD:-}@${PGHOST:-localhost}:$PGPORT"; exec "$@"' e2e \
  node_modules/.bin/playwright test "${files[@]}" "$@"
