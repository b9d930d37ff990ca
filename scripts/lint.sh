#!/usr/bin/env bash
# Format check and clippy with warnings denied, for the server and for both wasm files.
. "$(dirname "$0")/lib.sh"

ensure_rust

say "checking the format"
fmt=(cargo fmt)
# Debian's compiler pair has no rustfmt; any other installed toolchain's will do.
if ! cargo fmt --version >/dev/null 2>&1; then
  command -v rustup >/dev/null && fmt=(env -u RUSTUP_TOOLCHAIN cargo fmt)
  "${fmt[@]}" --version >/dev/null 2>&1 || { apt_install rustfmt-web || apt_install rustfmt; }
fi
"${fmt[@]}" --all --check

cargo clippy --version >/dev/null 2>&1 || die "clippy is missing: rustup component add clippy"
say "clippy: the server"
cargo clippy --quiet --release --all-targets -- -D warnings
for features in "" "--no-default-features --features kiosk"; do
  say "clippy: the wasm file ${features:-of ordinary pages}"
  # shellcheck disable=SC2086 # several arguments on purpose
  cargo clippy --quiet --profile wasm-release --target wasm32-unknown-unknown -p frontend $features -- -D warnings
done
