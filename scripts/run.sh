#!/usr/bin/env bash
# Builds what is not built yet and starts a demo on http://127.0.0.1:3000. Arguments go to `latchkey demo`, such as
# `--http 0.0.0.0:3000 --tls-self-signed`.
. "$(dirname "$0")/lib.sh"

scripts/build.sh
exec "$TARGET_DIR/release/latchkey" demo "$@"
