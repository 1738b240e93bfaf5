import { defineConfig } from 'vitest/config';

/** `ALL_ON_BOTH=1` runs all on both kinds of ledger. */
const { VITEST_JSON, ALL_ON_BOTH } = process.env;

/** Of the embedded ledger, or of none. */
const EMBEDDED = ['commands', 'commands-config', 'dead-ledger', 'demo', 'restored-ledger', 'sandbox-limits'].map(
  (name) => `test/e2e/${name}.test.ts`,
);
/** Several workers, roles, TLS: of a PostgreSQL server only. */
const OF_A_SERVER = ['test/ledger/server/**', 'test/e2e/server/**'];

/** Of the embedded ledger's folder and thread, of no ledger at all, or long and about a destination's answers. */
const NOT_OF_A_SERVER = [
  'test/activities/fault-boundary.test.ts',
  'test/delivery/{bounded-effort,declined-whatever,growing-wait,progress,unanswered}.test.ts',
  'test/delivery/{file-delivery,misp,opencti,taxii-delivery}.test.ts',
  'test/ledger/{damaged,embedded-folder,embedded-thread,full-disk,hold-folder,server-address}.test.ts',
  'test/worker/account-rates.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    // More than there are processors: end-to-end tests wait more than they compute.
    maxWorkers: 4,
    maxConcurrency: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // CI takes its closing line from this file.
    ...(VITEST_JSON === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: VITEST_JSON } }),
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          isolate: false,
          setupFiles: ['test/property-seed.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/workflows/**', ...OF_A_SERVER],
          globalSetup: ['test/ledger/template.ts'],
        },
      },
      {
        extends: true,
        // On a server that skips the time in which nothing happens.
        test: {
          name: 'workflows',
          include: ['test/workflows/**/*.test.ts'],
          globalSetup: ['test/workflows/test-server.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'rooms on PostgreSQL',
          isolate: false,
          setupFiles: ['test/property-seed.ts'],
          // What opens a ledger.
          include: ['test/{activities,delivery,enrichment,ledger,rates,worker}/**/*.test.ts'],
          exclude: ALL_ON_BOTH === undefined ? NOT_OF_A_SERVER : [],
          globalSetup: ['test/postgresql/server.ts'],
          provide: { ledgerEngine: 'postgresql' },
        },
      },
      {
        extends: true,
        test: {
          name: 'end to end',
          // The others are about more than the ledger, whose own tests run on both: once is enough at every change.
          include: ALL_ON_BOTH === undefined ? EMBEDDED : ['test/e2e/**/*.test.ts'],
          exclude: OF_A_SERVER,
          globalSetup: ['test/e2e/temporal-server.ts', 'test/ledger/template.ts'],
          // So long only on a machine that is busy with something else.
          testTimeout: 900_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'end to end on PostgreSQL',
          include: ['test/e2e/**/*.test.ts'],
          exclude: EMBEDDED,
          globalSetup: ['test/e2e/temporal-server.ts', 'test/postgresql/server.ts'],
          provide: { ledgerEngine: 'postgresql' },
          // So long only on a machine that is busy with something else.
          testTimeout: 900_000,
        },
      },
    ],
  },
});
