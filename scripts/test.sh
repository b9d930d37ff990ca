#!/usr/bin/env bash
# All tests: unit and integration tests on SQLite and on a throw-away PostgreSQL, and Playwright in a real Chromium on both. Ends with the names of
# the tests that failed and one line `N passed, N failed`. With T=NAME only the Rust tests whose path has NAME in it.
. "$(dirname "$0")/lib.sh"

export MEMORY=on
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
export STAGES=${STAGES:-$work/stages}

rust_tests() { # rust_tests COMMAND_FILE: runs it with a PostgreSQL
  chmod +x "$1"
  throwaway_postgres "$1" 2>&1
}

if [ -n "${T:-}" ]; then
  ensure_rust
  ensure_postgres
  ensure_nginx
  ensure_pypi_peers
  # The server's tests embed the site.
  [ -d "$SITE_DIR/pkg" ] || scripts/build.sh
  lint_while_compiling
  cat >"$work/cargo.sh" <<SCRIPT
#!/usr/bin/env bash
set -euo pipefail
export LATCHKEY_TEST_POSTGRES="postgres://\$PGUSER:\${PGPASSWORD:-}@\${PGHOST:-localhost}:\$PGPORT"
exec cargo test --quiet --release ${QUICK[*]} --no-fail-fast -- '${T//\'/}'
SCRIPT
  rust_tests "$work/cargo.sh" && exit 0
  exit 1
fi

stage "build" scripts/build.sh
# build.sh ran in a shell of its own: choose the same compiler here.
ensure_rust
ensure_npm end2end
ensure_chromium
ensure_whole_chromium
ensure_firefox
ensure_postgres
ensure_nginx
ensure_pypi_peers
passed=0 failed=0

# Browsers meet the optimised binary; the tests below compile their own.
export LATCHKEY_BINARY=$work/latchkey
cp "$TARGET_DIR/release/latchkey" "$LATCHKEY_BINARY"

# Most tests run on both engines by themselves; those that start servers of their own run once more on the engine they are told.
run_rust_tests() {
  cat >"$work/cargo.sh" <<'SCRIPT'
#!/usr/bin/env bash
set -euo pipefail
export LATCHKEY_TEST_POSTGRES="postgres://$PGUSER:${PGPASSWORD:-}@${PGHOST:-localhost}:$PGPORT"
# They wait for disks, databases and clocks most of the time.
export RUST_TEST_THREADS=$(($(nproc) * 2))
ok=0
cargo test --release --config scripts/quick.toml --no-fail-fast || ok=$?
LATCHKEY_TEST_ENGINE=postgres cargo test --release --config scripts/quick.toml --no-fail-fast --test http -- link:: process::binary:: process::growing:: || ok=$?
exit $ok
SCRIPT
  rust_tests "$work/cargo.sh"
}

# The Rust tests in the file $work/rust-failed once more, with nothing beside them, on both engines.
rerun_rust_tests() {
  cat >"$work/again.sh" <<SCRIPT
#!/usr/bin/env bash
set -euo pipefail
export LATCHKEY_TEST_POSTGRES="postgres://\$PGUSER:\${PGPASSWORD:-}@\${PGHOST:-localhost}:\$PGPORT"
mapfile -t names <"$work/rust-failed"
cargo test --release --config scripts/quick.toml --no-fail-fast -- --exact "\${names[@]}"
LATCHKEY_TEST_ENGINE=postgres exec cargo test --release --config scripts/quick.toml --test http -- --exact "\${names[@]}"
SCRIPT
  rust_tests "$work/again.sh"
}

count_rust() { # count_rust STATUS
  local rust_failed
  rust_failed=$(awk '/^test result:/ {n += $6} END {print n + 0}' "$work/cargo.log")
  passed=$((passed + $(awk '/^test result:/ {n += $4} END {print n + 0}' "$work/cargo.log")))
  if [ "$1" != 0 ] && [ "$rust_failed" = 0 ]; then rust_failed=1; echo "the Rust tests did not compile without a warning, or did not run to their end" >&2; fi
  failed=$((failed + rust_failed))
}

count_browser() { # count_browser FILE STATUS: adds what Playwright reports in FILE
  local counts e2e_passed e2e_failed
  counts=$(node -e '
    const { stats } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    if (stats.skipped) console.error(`${stats.skipped} end-to-end tests were skipped: that counts as failed`);
    console.log(stats.expected, stats.unexpected + stats.flaky + stats.skipped);' "$1" || echo "0 1")
  read -r e2e_passed e2e_failed <<<"$counts"
  if [ "$2" != 0 ] && [ "$e2e_failed" = 0 ]; then e2e_failed=1; fi
  passed=$((passed + e2e_passed)) failed=$((failed + e2e_failed))
}

# On SQLite all, and on PostgreSQL those in which rows are written or read in a way of their own (end2end/README.md). Several nodes always share a
# PostgreSQL: an SQLite file has one server.
browser_tests() {
  cat >"$work/e2e.sh" <<'SCRIPT'
#!/usr/bin/env bash
set -euo pipefail
export LATCHKEY_E2E_NODES="postgres://$PGUSER:${PGPASSWORD:-}@${PGHOST:-localhost}:$PGPORT" LATCHKEY_E2E_BOTH=1
cd end2end
exec node_modules/.bin/playwright test "$@"
SCRIPT
  chmod +x "$work/e2e.sh"
  LATCHKEY_E2E_JSON="$work/e2e.json" throwaway_postgres "$work/e2e.sh" "$@"
}

# name_failures: writes the names of the tests that failed to $work/rust-failed and $work/browser-failed.
name_failures() {
  sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$work/cargo.log" | sed 's/ - should panic$//' | sort -u >"$work/rust-failed"
  node -e '
    const walk = (suite, file) => [
      ...(suite.specs ?? []).filter((spec) => !spec.ok).map((spec) => `${file ?? spec.file}:${spec.line} ${spec.title}`),
      ...(suite.suites ?? []).flatMap((inner) => walk(inner, file ?? inner.file)),
    ];
    for (const line of walk(JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")))) console.log(line);' \
    "$work/e2e.json" >"$work/browser-failed" || true
}

# A few that failed are run once more with nothing beside them. They stay failed; what passes then is named apart, because it met a time that it could not
# keep on two busy cores.
rerun_failures() {
  if [ -s "$work/rust-failed" ] && rerun_rust_tests >"$work/again.log"; then mv "$work/rust-failed" "$work/rust-late"; fi
  if [ -s "$work/browser-failed" ] && browser_tests --last-failed; then mv "$work/browser-failed" "$work/browser-late"; fi
}

# Where and why each Rust test that failed did so, a line or two each.
reasons() {
  awk '/^---- .* stdout ----$/ {name = $2} /panicked at/ && name {print "  " name; print "    " $0; getline; print "    " substr($0, 1, 300); name = ""}' \
    "$work/cargo.log" | head -n 30 || true
}

list() { # list TITLE FILE...: the lines of those files that exist, under the title
  local title=$1 file; shift
  for file in "$@"; do
    [ -s "$file" ] || continue
    say "$title"
    sed 's/^/  /' "$file"
  done
}

# Most Rust tests wait for disks, databases and clocks, so they run beside the browsers, which have their binary already.
compile_and_run_rust_tests() {
  local ok=0
  stage "clippy and compiling the Rust tests" compile_rust_tests || ok=$?
  lint_while_compiling
  stage "Rust tests" run_rust_tests >"$work/cargo.log" || ok=$?
  return "$ok"
}

stage "types of the browser tests" bash -c "cd end2end && node_modules/.bin/tsc --noEmit" || { failed=$((failed + 1)); echo "the end-to-end tests do not type-check" >&2; }
compile_and_run_rust_tests & rust_tests=$!
ok=0; stage "browser tests" browser_tests || ok=$?
count_browser "$work/e2e.json" "$ok"
ok=0; wait "$rust_tests" || ok=$?
cat "$work/cargo.log"
count_rust "$ok"

name_failures
named=$(cat "$work/rust-failed" "$work/browser-failed" | wc -l)
# Each failure has a name: what did not compile, or ended early, is not run again.
if [ "$failed" -gt 0 ] && [ "$failed" -le 5 ] && [ "$named" -gt 0 ] && [ "$named" -le "$failed" ]; then
  stage "tests that failed, once more with nothing beside them" rerun_failures
fi

stages
list "failed beside other tests, and passed alone: find out what they wait for" "$work/rust-late" "$work/browser-late"
if [ -s "$work/rust-failed" ] || [ -s "$work/rust-late" ]; then reasons; fi
list "failed" "$work/rust-failed" "$work/browser-failed"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
