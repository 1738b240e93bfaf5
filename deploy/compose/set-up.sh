#!/bin/sh
# Checks the configuration, and prepares the Temporal namespace for it. Safe to run again.
set -eu

if grep -q 'https://sandbox:' "$MDTI_SYNC_CONFIG" && [ ! -e /var/lib/mdti-sync/ca.pem ]; then
  cat >&2 <<'SENTENCE'
This is the configuration of the sandbox, and the sandbox is not there.
For the demo, add --profile sandbox. For real, set MDTI_SYNC_DIR to the folder of your configuration and its secrets.
SENTENCE
  exit 2
fi

mdti-sync config check

# A namespace, and then an attribute, is known to the whole of Temporal after some seconds only.
tries=0
until mdti-sync setup && mdti-sync schedule apply; do
  tries=$((tries + 1))
  if [ "$tries" -ge 30 ]; then
    echo "The namespace could not be prepared; the sentences above say why." >&2
    exit 1
  fi
  sleep 4
done
