#!/usr/bin/env bash
# Pictures of every page: three languages, a phone and a desk, light and dark, and every screen of the kiosk. Leaves target/looks/index.html, one sheet
# with all of them. `--book` takes only the pictures of README and docs/, and puts them into docs/pictures. LATCHKEY_BINARY names a server to use
# instead of building one.
. "$(dirname "$0")/lib.sh"

[ -n "${LATCHKEY_BINARY:-}" ] || scripts/build.sh
ensure_npm end2end
ensure_chromium
ensure_postgres
files=(looks.spec.ts)
if [ "${1:-}" = --book ]; then files=(pictures.spec.ts); fi
export LATCHKEY_LOOKS=1
# Tests of several nodes need a PostgreSQL: an SQLite file has one server.
ok=0
(cd end2end && throwaway_postgres bash -c 'export LATCHKEY_E2E_NODES="postgres://$PGUSER:${PGPASSWORD:-}@${PGHOST:-localhost}:$PGPORT"; exec "$@"' looks \
  node_modules/.bin/playwright test "${files[@]}") || ok=$?
if [ "${1:-}" = --book ]; then
  mkdir -p docs/pictures
  cp end2end/test-results/looks/book/*.png docs/pictures/
else
  # What failed is on the sheet as well.
  node scripts/looks.mjs end2end/test-results/looks "$TARGET_DIR/looks"
  say "made $TARGET_DIR/looks/index.html"
fi
exit "$ok"
