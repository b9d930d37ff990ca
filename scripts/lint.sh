#!/usr/bin/env bash
# Format, spelling, clippy with warnings denied for the server and for the wasm files, licences, advisories and sources of dependencies, unused dependencies.
. "$(dirname "$0")/lib.sh"

ensure_rust
if [ -z "${STAGES:-}" ]; then STAGES=$(mktemp); trap 'stages; rm -f "$STAGES"' EXIT; fi

stage "format" check_format
stage "spelling" check_spelling
stage "dependencies" check_dependencies
stage "clippy of the wasm files" lint_wasm
stage "clippy and compiling the Rust tests" compile_rust_tests
