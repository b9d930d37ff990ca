#!/usr/bin/env bash
# The loop while writing: format, clippy, the rules' tests and the use cases' tests on SQLite. No wasm, no browser, no PostgreSQL.
. "$(dirname "$0")/lib.sh"

ensure_rust
STAGES=$(mktemp); trap 'rm -f "$STAGES"' EXIT
stage "format" check_format
lint_while_compiling
# The whole workspace is selected, so that features, and with them the dependencies, are those of every other build. The tests of a whole server,
# which this loop does not run, are linted and compiled by `make test` and `make lint`.
rules=(--lib --test boards --test documents --test guard --test kiosk --test qr --test "token_*" --test typed)
use_cases=(--test backend)
tests() { cargo test --quiet --release "${QUICK[@]}" "$@"; }
stage "clippy and compiling" tests --no-run "${rules[@]}" "${use_cases[@]}"
# In memory: this loop asks whether the rules hold, `make test` also whether they hold on a disk.
if [ -w /dev/shm ]; then export TMPDIR=/dev/shm; fi
export RUST_TEST_THREADS=$(($(nproc) * 2))
# The use cases wait for files and clocks now and then: the rules' tests run beside them.
output=$(mktemp); trap 'rm -f "$STAGES" "$output"' EXIT
stage "tests of rules" tests "${rules[@]}" >"$output" 2>&1 & job=$!
failed=0
stage "tests of use cases" tests "${use_cases[@]}" || failed=1
wait "$job" || failed=1
cat "$output"
stages
[ "$failed" = 0 ]
