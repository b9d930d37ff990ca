#!/usr/bin/env bash
# The loop while writing: format, clippy, the rules' tests and the use cases' tests on SQLite. No wasm, no browser, no PostgreSQL.
. "$(dirname "$0")/lib.sh"

ensure_rust
STAGES=$(mktemp); trap 'rm -f "$STAGES"' EXIT
stage "format" check_format
stage "clippy" cargo clippy --quiet --release --config scripts/quick.toml --all-targets -- -D warnings
# The whole workspace is selected, so that features, and with them the dependencies, are those of every other build.
stage "tests" cargo test --quiet --release --config scripts/quick.toml --lib --test guard --test kiosk --test qr --test "token_*" --test backend
stages
