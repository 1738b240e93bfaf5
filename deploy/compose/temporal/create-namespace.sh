#!/bin/sh
# Creates the namespace if it is not there yet. Closed runs stay to be looked at for 30 days.
set -eu

tries=0
until temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d; do
  tries=$((tries + 1))
  if [ "$tries" -ge 30 ]; then
    echo "The namespace $TEMPORAL_NAMESPACE could not be created." >&2
    exit 1
  fi
  sleep 2
done
