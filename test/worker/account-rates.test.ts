import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noopMetricMeter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { resolveSecrets } from '../../config/resolve-secrets.ts';
import { createMetrics } from '../../worker/metrics.ts';
import { openParts } from '../../worker/open-parts.ts';
import { parsed } from '../config/small-config.ts';

const TOGETHER = 'by a user of both';
const ALONE = 'by a user of its own';
/** Nothing listens there. */
const NOBODY = 'https://127.0.0.1:9';

/** The parts of a worker with pipelines of these users. */
async function open(pipelines: Record<string, { user: string; requestsPerSecond: number }>) {
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-rates-'));
  const text = stringify({
    ledger: { path: join(folder, 'ledger') },
    azure: { credential: 'managedIdentity' },
    pipelines: Object.fromEntries(
      Object.entries(pipelines).map(([name, { user, requestsPerSecond }]) => [
        name,
        {
          schedule: { every: '15m' },
          source: { workspaceId: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' },
          policy: { minimumScore: 75 },
          destination: {
            type: 'threatstream',
            baseUrl: NOBODY,
            user: { env: user },
            apiKey: { env: 'KEY' },
            requestsPerSecond,
          },
        },
      ]),
    ),
  });
  const resolved = await resolveSecrets(
    parsed(text).config,
    { BOTH: TOGETHER, OTHER: ALONE, KEY: 'key' },
    async () => '',
  );
  if (!resolved.ok) throw new Error(resolved.problems.join(' '));
  const { parts, close } = await openParts(resolved.config, createMetrics(noopMetricMeter, Object.keys(pipelines)));
  return {
    parts,
    async close() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let opened: Awaited<ReturnType<typeof open>>;
beforeAll(async () => {
  opened = await open({
    first: { user: 'BOTH', requestsPerSecond: 50 },
    second: { user: 'BOTH', requestsPerSecond: 20 },
    third: { user: 'OTHER', requestsPerSecond: 40 },
  });
});
afterAll(() => opened.close());

it('pipelines of one account share its rate, the lowest that is set for it', async () => {
  const { parts } = opened;
  expect(['first', 'second', 'third'].map((name) => parts.pipeline(name).destinationPerSecond)).toEqual([20, 20, 40]);
  for (const name of ['first', 'second', 'third']) {
    const { destination } = parts.pipeline(name);
    const { signal } = new AbortController();
    // What counts is that each waits for its turn.
    const asked = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(() =>
      destination.withdraw([{ id: 1, key: { type: 'domain', value: 'a.example' }, held: null }], signal),
    );
    await expect(asked).rejects.toThrow();
  }
  const { rows } = await sql<{ api: string; intervalMs: number; changes: number }>`
    select api, interval_ms as "intervalMs", revision::int as changes from rate_budgets order by interval_ms`.execute(
    parts.ledger,
  );
  expect(rows).toEqual([
    { api: expect.stringContaining(ALONE), intervalMs: 25, changes: 1 },
    { api: expect.stringContaining(TOGETHER), intervalMs: 50, changes: 2 },
  ]);
});
