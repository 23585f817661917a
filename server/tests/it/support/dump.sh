# Dumps the PostgreSQL database $1 and restores it into $2, as an operator does.
set -eu
BIN=
for dump in /usr/lib/postgresql/*/bin/pg_dump "$(command -v pg_dump || true)"; do
  [ -x "$dump" ] && BIN=$(dirname "$dump") && break
done
[ -n "$BIN" ] || { echo "pg_dump is not installed, and this test needs it." >&2; exit 1; }
FILE=$(mktemp)
trap 'rm -f "$FILE"' EXIT
"$BIN/pg_dump" --format=custom --file="$FILE" "$1"
"$BIN/pg_restore" --exit-on-error --dbname="$2" "$FILE"
