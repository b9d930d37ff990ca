#!/usr/bin/env bash
# Leaves target/dist/latchkey-VERSION-MACHINE.tar.gz: the one binary and what to read.
. "$(dirname "$0")/lib.sh"

build_dist
version=$(awk -F'"' '/^version = / {print $2; exit}' Cargo.toml)
name=latchkey-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
dist=$TARGET_DIR/dist
rm -rf "${dist:?}/$name"
mkdir -p "$dist/$name"
cp "$TARGET_DIR/dist/latchkey" "$dist/$name/"
for file in README.md LICENSE docs; do
  if [ -e "$file" ]; then cp -r "$file" "$dist/$name/"; fi
done
tar -C "$dist" --sort=name --owner=0 --group=0 -czf "$dist/$name.tar.gz" "$name"
say "made $dist/$name.tar.gz"
