#!/usr/bin/env bash
# Installs the judges (requirements*.txt) where judges.ts looks for them; at once when they are there already. Ends with 1 and a
# sentence where they cannot be installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

folder="${JUDGES_FOLDER:-${XDG_CACHE_HOME:-$HOME/.cache}/mdti-sync/judges}"

give_up() {
  echo "The judges are not installed: $1" >&2
  exit 1
}

python="$(command -v python3)" || give_up "there is no python3."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || give_up "python3 is older than 3.11."
"$python" -c 'import ensurepip, venv' 2>/dev/null || give_up "python3 has no venv (on Debian: apt-get install python3-venv)."

# Named by the digest of the list, so that another list is another environment; under its name only once it is whole.
install() {
  local place half
  place="$folder/$("$python" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()[:16])' "$1")"
  if [ -d "$place" ]; then return; fi
  mkdir -p "$folder" && half="$(mktemp -d "$folder/half-XXXXXX")" || return 1
  if "$python" -m venv "$half" &&
    "$half/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --retries 1 --timeout 30 --requirement "$1"; then
    # Whoever installs at the same time may have been first.
    [ -d "$place" ] || mv "$half" "$place"
  fi
  rm -rf "$half"
  [ -d "$place" ]
}

install requirements.txt &
first=$!
install requirements-pycti.txt || { wait "$first" || true; give_up "pip could not install requirements-pycti.txt."; }
wait "$first" || give_up "pip could not install requirements.txt."
