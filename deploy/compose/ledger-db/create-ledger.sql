-- The ledger's database, and a role for the workers that owns it and nothing else.
\set password `cat /run/ledger/password`
CREATE ROLE mdti_sync LOGIN PASSWORD :'password';
CREATE DATABASE mdti_sync OWNER mdti_sync;
REVOKE CONNECT ON DATABASE postgres, mdti_sync FROM PUBLIC;
