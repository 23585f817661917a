# A PostgreSQL for one test run: starts it, prints "ready <directory>", and takes it away once
# standard input ends. The operating system closes that pipe however the tests end.
set -u
fail() { echo "$1"; exit 1; }

BIN=
for initdb in /usr/lib/postgresql/*/bin/initdb "$(command -v initdb || true)"; do
  [ -x "$initdb" ] && BIN=$(dirname "$initdb")
done
[ -n "$BIN" ] || fail "PostgreSQL is not installed, and these tests need it. Install it (apt-get install postgresql on Debian, brew install postgresql on macOS), or set TEST_DATABASE_URL to a server that tests may fill."

# the path of a socket is limited to about 100 bytes, so not under TMPDIR
# in memory where there is room, since every test makes a database of its own
ROOM=/tmp
[ -w /dev/shm ] && ROOM=/dev/shm
DIR=$(mktemp -d "$ROOM/grantport-it-XXXXXX")
trap 'rm -rf "$DIR"' EXIT
AS=
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL refuses to run as root
  chown postgres "$DIR" || fail "PostgreSQL does not run as root, and there is no user named postgres to lend it to."
  AS="runuser -u postgres --"
fi
cd "$DIR"
$AS "$BIN/initdb" -D "$DIR/data" -U postgres -A trust --no-sync -E UTF8 --locale=C >initdb.log 2>&1 ||
  fail "PostgreSQL could not be set up: $(tail -n 3 initdb.log)"
$AS "$BIN/pg_ctl" -D "$DIR/data" -w -s -l "$DIR/log" -o "-c listen_addresses='' -c unix_socket_directories='$DIR' \
  -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300" start >pg_ctl.log 2>&1 ||
  fail "PostgreSQL did not start: $(tail -n 3 "$DIR/log" 2>/dev/null)"
echo "ready $DIR"
cat >/dev/null
$AS "$BIN/pg_ctl" -D "$DIR/data" -m immediate -s stop >/dev/null 2>&1
