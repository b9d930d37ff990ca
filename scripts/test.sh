#!/usr/bin/env bash
# Everything that proves anything: unit and integration tests on SQLite and on a throw-away PostgreSQL, then Playwright in a
# real Chromium. Ends with one line `N passed, N failed`. Arguments go to Playwright (a file or -g NAME); with them Rust is left out.
. "$(dirname "$0")/lib.sh"

scripts/build.sh
# build.sh ran in a shell of its own: choose the same compiler here.
ensure_rust
ensure_npm end2end
ensure_chromium

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

if [ $# = 0 ]; then
  ensure_postgres
  say "running the Rust tests, on SQLite and on a throw-away PostgreSQL"
  cat >"$work/cargo.sh" <<'SCRIPT'
#!/usr/bin/env bash
set -euo pipefail
export LATCHKEY_TEST_POSTGRES="postgres://$PGUSER:${PGPASSWORD:-}@${PGHOST:-localhost}:$PGPORT"
ok=0
cargo test --release --no-fail-fast || ok=$?
# Most tests run on both engines by themselves; these start servers of their own and run on the one they are told.
LATCHKEY_TEST_ENGINE=postgres cargo test --release --no-fail-fast --test http -- link_ process:: growing:: || ok=$?
exit $ok
SCRIPT
  chmod +x "$work/cargo.sh"
  rust_ok=0
  throwaway_postgres "$work/cargo.sh" 2>&1 | tee "$work/cargo.log" || rust_ok=$?
  passed=$(awk '/^test result:/ {n += $4} END {print n + 0}' "$work/cargo.log")
  failed=$(awk '/^test result:/ {n += $6} END {print n + 0}' "$work/cargo.log")
  if [ "$rust_ok" != 0 ] && [ "$failed" = 0 ]; then failed=1; echo "the Rust tests did not run to their end" >&2; fi
fi

say "running Playwright in $CHROMIUM"
(cd end2end && node_modules/.bin/tsc --noEmit) || { failed=$((failed + 1)); echo "the end-to-end tests do not type-check" >&2; }
count() { # count FILE STATUS: adds what Playwright says in FILE
  local counts e2e_passed e2e_failed
  counts=$(node -e '
    const { stats } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    if (stats.skipped) console.error(`${stats.skipped} end-to-end tests were skipped: that counts as failed`);
    console.log(stats.expected, stats.unexpected + stats.flaky + stats.skipped);' "$1" || echo "0 1")
  read -r e2e_passed e2e_failed <<<"$counts"
  if [ "$2" != 0 ] && [ "$e2e_failed" = 0 ]; then e2e_failed=1; fi
  passed=$((passed + e2e_passed)) failed=$((failed + e2e_failed))
}

e2e_ok=0
(cd end2end && LATCHKEY_E2E_JSON="$work/e2e.json" node_modules/.bin/playwright test "$@") || e2e_ok=$?
count "$work/e2e.json" "$e2e_ok"

if [ $# = 0 ]; then
  # All but how pages look, which no database changes.
  say "running Playwright once more, on PostgreSQL"
  cat >"$work/e2e.sh" <<'SCRIPT'
#!/usr/bin/env bash
set -euo pipefail
export LATCHKEY_E2E_POSTGRES="postgres://$PGUSER:${PGPASSWORD:-}@${PGHOST:-localhost}:$PGPORT"
cd end2end
exec node_modules/.bin/playwright test auth business kiosk operator owner staff
SCRIPT
  chmod +x "$work/e2e.sh"
  e2e_ok=0
  LATCHKEY_E2E_JSON="$work/e2e-postgres.json" throwaway_postgres "$work/e2e.sh" || e2e_ok=$?
  count "$work/e2e-postgres.json" "$e2e_ok"
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
