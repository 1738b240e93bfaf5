#!/bin/sh
# Makes the passwords of the databases, once: a file that is there stays as it is.
set -eu

# keep FILE TEXT: whole or not at all; readable by the users of the containers that the volume is mounted in.
keep() {
  printf '%s' "$2" >"$1.new"
  chmod 0444 "$1.new"
  mv "$1.new" "$1"
}

made="${1:-/made}"
for database in temporal ledger ledger-owner; do
  [ ! -e "$made/$database/password" ] || continue
  password="$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
  if [ "${#password}" -ne 48 ]; then
    echo "There are no random numbers to make a password of." >&2
    exit 1
  fi
  keep "$made/$database/password" "$password"
done
[ -e "$made/ledger/url" ] ||
  keep "$made/ledger/url" "postgres://mdti_sync:$(cat "$made/ledger/password")@ledger-db:5432/mdti_sync"
