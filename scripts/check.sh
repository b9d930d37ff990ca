#!/usr/bin/env bash
# The loop while writing: format, clippy, the rules' tests and the use cases' tests on SQLite. No wasm, no browser, no PostgreSQL.
. "$(dirname "$0")/lib.sh"

ensure_rust
STAGES=$(mktemp); trap 'rm -f "$STAGES"' EXIT
stage "format" check_format
lint_while_compiling
# The whole workspace is selected, so that features, and with them the dependencies, are those of every other build.
stage "clippy and compiling" cargo test --quiet --release "${QUICK[@]}" --no-run
# In memory: this loop asks whether the rules hold, `make test` also whether they hold on a disk.
if [ -w /dev/shm ]; then export TMPDIR=/dev/shm; fi
export RUST_TEST_THREADS=$(($(nproc) * 2))
stage "tests" cargo test --quiet --release "${QUICK[@]}" --lib --test documents --test guard --test kiosk --test qr --test "token_*" --test backend
stages
