#!/usr/bin/env bash
# A city's traffic against nodes of its own on this machine: a table, and the picture target/city.svg. All options go to the program
# (`--help`); `--postgres` puts it on a throw-away PostgreSQL, which several nodes need: `scripts/load.sh --postgres --nodes 3 --rate 600`.
. "$(dirname "$0")/lib.sh"

scripts/build.sh
# build.sh ran in a shell of its own: choose the same compiler here.
ensure_rust

load=(cargo bench --quiet -p server --bench http -- city)
options=()
for option in "$@"; do [ "$option" = --postgres ] || options+=("$option"); done
if [ "${#options[@]}" = $# ]; then exec "${load[@]}" "$@"; fi

ensure_postgres
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/load.sh" <<'SCRIPT'
#!/usr/bin/env bash
set -euo pipefail
createdb latchkey_city
exec "$@" --database "postgres://$PGUSER:${PGPASSWORD:-}@${PGHOST:-localhost}:$PGPORT/latchkey_city"
SCRIPT
chmod +x "$work/load.sh"
throwaway_postgres "$work/load.sh" "${load[@]}" "${options[@]}"
