import { defineConfig } from 'vitest/config';

const { VITEST_JSON, PROOFS } = process.env;

/** Minutes each, over random histories and kills: on PostgreSQL with PROOFS=1 only. */
const LONG_PROOFS = ['test/e2e/convergence.test.ts', 'test/e2e/killed-backfill.test.ts', 'test/e2e/backfill.test.ts'];

/** Several workers, roles, TLS: of a PostgreSQL server only. */
const OF_A_SERVER = ['test/ledger/server/**', 'test/e2e/server/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3,
    maxConcurrency: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // CI takes its closing line from this file.
    ...(VITEST_JSON === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: VITEST_JSON } }),
    projects: [
      {
        extends: true,
        test: { name: 'rooms', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**', ...OF_A_SERVER] },
      },
      {
        extends: true,
        test: {
          name: 'rooms on PostgreSQL',
          // What opens a ledger.
          include: ['test/{ledger,worker}/**/*.test.ts'],
          globalSetup: ['test/postgresql/server.ts'],
          provide: { ledgerEngine: 'postgresql' },
        },
      },
      {
        extends: true,
        test: {
          name: 'end to end',
          include: ['test/e2e/**/*.test.ts'],
          exclude: OF_A_SERVER,
          globalSetup: ['test/e2e/temporal-server.ts'],
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'end to end on PostgreSQL',
          include: ['test/e2e/**/*.test.ts'],
          // The demo has its embedded ledger; the others open none.
          exclude: [
            'test/e2e/demo.test.ts',
            'test/e2e/commands.test.ts',
            'test/e2e/sandbox-limits.test.ts',
            ...(PROOFS === undefined ? LONG_PROOFS : []),
          ],
          globalSetup: ['test/e2e/temporal-server.ts', 'test/postgresql/server.ts'],
          provide: { ledgerEngine: 'postgresql' },
          testTimeout: 300_000,
        },
      },
    ],
  },
});
