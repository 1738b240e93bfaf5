import { defineConfig } from 'vitest/config';

/** Where to leave the result as JSON too, for what reads it (`.ci/run`). */
const json = process.env['VITEST_JSON'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    ...(json !== undefined && json !== '' && { reporters: ['default', 'json'], outputFile: { json } }),
  },
});
