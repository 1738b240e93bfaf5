#!/bin/sh
# Creates Temporal's two databases, and brings their tables up to this release. Safe to run again.
set -eu

SQL_PASSWORD="$(cat /run/temporal-db/password)"
export SQL_PASSWORD

set_up() { # DATABASE SCHEMA
  temporal-sql-tool --db "$1" create
  temporal-sql-tool --db "$1" setup-schema -v 0.0
  temporal-sql-tool --db "$1" update-schema --schema-name "$2"
}

set_up temporal postgresql/v12/temporal
set_up temporal_visibility postgresql/v12/visibility
