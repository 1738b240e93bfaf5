import { defineConfig } from 'vitest/config';

const { VITEST_JSON } = process.env;

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // CI takes its closing line from this file.
    ...(VITEST_JSON === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: VITEST_JSON } }),
    projects: [
      { extends: true, test: { name: 'rooms', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'] } },
      {
        extends: true,
        test: {
          name: 'end to end',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/temporal-server.ts'],
          testTimeout: 180_000,
        },
      },
    ],
  },
});
