#!/usr/bin/env bash
# Builds everything: wasm → wasm-bindgen → wasm-opt and esbuild → Tailwind → Brotli → target/release/latchkey, site inside.
. "$(dirname "$0")/lib.sh"

ensure_rust
ensure_wasm_bindgen
ensure_npm style

put() { # put FILE TARGET: copies only what changed, so that what depends on the target is not rebuilt
  cmp -s "$1" "$2" || { mkdir -p "$(dirname "$2")"; cp "$1" "$2"; }
}

# Clippy's driver is the compiler with lints added, and another compiler gives other bytes; so it compiles the wasm files wherever there is one, and
# what CI tests is what everybody gets. It looks for lints where LINT=1 asks for them.
wasm_cargo=(cargo)
if clippy-driver --version >/dev/null 2>&1; then
  lints=--cap-lints=allow
  if [ -n "${LINT:-}" ]; then lints=-Dwarnings; fi
  wasm_cargo=(env RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS="${lints}__CLIPPY_HACKERY__" cargo)
fi

packing=()

wasm() { # wasm NAME PACKAGE [CARGO ARGUMENT...] [-- COMPILER ARGUMENT...]: one of the wasm files with its script
  local name=$1 package=$2 work=$TARGET_DIR/wasm-site/$1; shift 2
  if [ -f "$SITE_DIR/pkg/${name}_bg.wasm" ] && fresh "$work/stamp"; then return; fi
  mkdir -p "$work"
  # As old as the sources that the compiler is about to read.
  rustc --version | tee "$work/stamp.new" >"$work/linted.new"
  say "building the wasm file '$name'"
  "${wasm_cargo[@]}" rustc --quiet --lib --profile wasm-release --target wasm32-unknown-unknown -p "$package" "$@"
  if [ -n "${LINT:-}" ]; then mv "$work/linted.new" "$work/linted"; else rm -f "$work/linted.new" "$work/linted"; fi
  if ! cmp -s "$TARGET_DIR/wasm32-unknown-unknown/wasm-release/$package.wasm" "$work/input.wasm" || [ ! -f "$work/opt.wasm" ]; then
    rm -f "$work/opt.wasm"
    cp "$TARGET_DIR/wasm32-unknown-unknown/wasm-release/$package.wasm" "$work/input.wasm"
  fi
  # Beside the compiler, which uses one core at the end of each file.
  pack "$name" "frontend/$package/worker.js" &
  packing+=($!)
}

shrink() { # shrink FILE TARGET
  style/node_modules/.bin/wasm-opt -Oz -Oz --flatten --rereloop -Oz -Oz --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals \
    --enable-reference-types --enable-multivalue --reorder-functions --strip-producers --strip-target-features "$1" -o "$2.new"
  mv "$2.new" "$2"
}

pack() { # pack NAME WORKER: makes the compiled file small; WORKER, if there is one, is the script around it
  local name=$1 worker=$2 work=$TARGET_DIR/wasm-site/$1 script file split=()
  script=$work/$name.js
  if [ ! -f "$work/opt.wasm" ]; then
    rm -f "$work"/{split,chunk}_*.wasm
    if [ "$name" = kiosk ]; then split=(--split); fi
    "$WASM_BINDGEN" "$work/input.wasm" "$work" "$name" "${split[@]}"
    for file in "$work"/{split,chunk}_*.wasm; do
      if [ -f "$file" ]; then shrink "$file" "$file.opt"; fi
    done
    shrink "$work/${name}_bg.wasm" "$work/opt.wasm"
  fi
  if [ -f "$worker" ]; then cp "$worker" "$work/worker.js"; script=$work/worker.js; fi
  style/node_modules/.bin/esbuild "$script" --bundle --minify --format=esm --target=es2022 --external:./codes.js --log-level=warning --outfile="$work/$name.min.js" --allow-overwrite
  put "$work/$name.min.js" "$SITE_DIR/pkg/$name.js"
  put "$work/opt.wasm" "$SITE_DIR/pkg/${name}_bg.wasm"
  for file in "$work"/{split,chunk}_*.wasm; do
    [ -f "$file" ] || continue
    case " ${SPLIT_FILES[*]} " in *" ${file##*/} "*) ;; *) die "$file was split off, and scripts/lib.sh does not list it" ;; esac
    put "$file.opt" "$SITE_DIR/pkg/${file##*/}"
  done
  mv "$work/stamp.new" "$work/stamp"
}

# What lies below the server compiles at the same time: at the end of each wasm file the compiler uses one core.
(cargo build --quiet --release -p backend -p pages >/dev/null 2>&1) & early=$!

# The one that takes longest to pack first.
wasm kiosk frontend --no-default-features --features kiosk -- -Clink-arg=--emit-relocs
wasm staff frontend --no-default-features --features staff
wasm scan frontend --no-default-features --features scan
wasm owner frontend --no-default-features --features owner
wasm decoder decoder
wasm outbox outbox
wasm codes codes
for job in "${packing[@]}"; do wait "$job" || die "a wasm file could not be packed"; done

say "building the styles"
(cd style && node_modules/.bin/tailwindcss --input main.css --output "$TARGET_DIR/wasm-site/latchkey.css" --minify >/dev/null 2>"$TARGET_DIR/wasm-site/tailwind.log") \
  || { cat "$TARGET_DIR/wasm-site/tailwind.log" >&2; die "the styles did not build"; }
put "$TARGET_DIR/wasm-site/latchkey.css" "$SITE_DIR/pkg/latchkey.css"
for file in style/public/*; do put "$file" "$SITE_DIR/${file##*/}"; done
# What an earlier version left behind would be embedded and served.
for file in "$SITE_DIR"/* "$SITE_DIR"/pkg/*; do
  name=${file##*/} name=${name%.br}
  case $file in
    "$SITE_DIR/pkg") ;;
    "$SITE_DIR"/pkg/*) case " latchkey.css ${WASM_FILES[*]/%/.js} ${WASM_FILES[*]/%/_bg.wasm} ${SPLIT_FILES[*]} " in *" $name "*) ;; *) rm -f "$file" ;; esac ;;
    *) [ -e "style/public/$name" ] || rm -f "$file" ;;
  esac
done
node scripts/compress.mjs "$SITE_DIR"
# The server embeds target/site, also where CARGO_TARGET_DIR names another place to build in; it would find nothing there and have no pages' files.
if [ "$SITE_DIR" != "$ROOT/target/site" ]; then
  mkdir -p target
  [ -L target/site ] || rm -rf target/site
  ln -sfn "$SITE_DIR" target/site
fi

say "building the server"
# Where it failed, the build of the server below reports why.
wait "$early" || true
# What was compiled is noted, so that `make test` can tell whether its own build compiles a dependency again.
cargo build --quiet --release --message-format=json-render-diagnostics >"$TARGET_DIR/built.json"
