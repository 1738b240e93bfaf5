import { defineConfig } from 'vitest/config';

const { VITEST_JSON, PROOFS } = process.env;

/** Minutes each, over random histories and kills: run with PROOFS=1, not at every change. */
const LONG_PROOFS = ['test/e2e/convergence.test.ts', 'test/e2e/killed-backfill.test.ts', 'test/e2e/backfill.test.ts'];

/** Of servers only: several workers, roles, TLS. */
const ON_POSTGRESQL_ONLY = ['test/ledger/server/**'];

const onPostgresql = { globalSetup: ['test/postgresql/server.ts'], provide: { ledgerEngine: 'postgresql' as const } };

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // CI takes its closing line from this file.
    ...(VITEST_JSON === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: VITEST_JSON } }),
    projects: [
      {
        extends: true,
        test: { name: 'rooms', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**', ...ON_POSTGRESQL_ONLY] },
      },
      {
        extends: true,
        test: { name: 'ledger on PostgreSQL', include: ['test/{ledger,worker}/**/*.test.ts'], ...onPostgresql },
      },
      {
        extends: true,
        test: {
          name: 'end to end',
          include: ['test/e2e/**/*.test.ts'],
          exclude: PROOFS === undefined ? LONG_PROOFS : [],
          globalSetup: ['test/e2e/temporal-server.ts'],
          testTimeout: 300_000,
        },
      },
    ],
  },
});
