import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { startBackfill } from '../../client/backfills.ts';
import { connectTemporal, type Temporal } from '../../client/connect.ts';
import { runningIds, runningRuns } from '../../client/running-runs.ts';
import { registerSearchAttributes } from '../../client/search-attributes.ts';

const SPAN = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', windowMs: null };

describe('queries for the runs of a pipeline', () => {
  let temporal: Temporal;
  const started: string[] = [];
  const odd = randomUUID().slice(0, 8);

  beforeAll(async () => {
    temporal = await connectTemporal({ address: inject('temporalAddress') });
    await registerSearchAttributes(temporal);
    started.push(await startBackfill(temporal, `nobody polls ${odd}`, { pipeline: odd, ...SPAN }));
    await vi.waitFor(async () => expect(await runningIds(temporal, odd, ['backfill'])).toEqual(started), {
      timeout: 60_000,
    });
  });

  afterAll(async () => {
    for (const id of started) await temporal.client.workflow.getHandle(id).terminate();
    await temporal.close();
  });

  // The server compares such a value as it is written, escapes and all: what has such a name is not found. No configuration has one.
  test.each([
    `${odd}x' OR MdtiPipeline != '`,
    `${odd}' OR WorkflowType = 'backfill' OR MdtiPipeline = '`,
    `${odd}\\`,
    `${odd}\\' OR 1 = 1 OR MdtiPipeline = '`,
    `${odd}''`,
    `${odd}"`,
    `${odd}%`,
    `${odd}\n`,
    `' OR MdtiPipeline = '${odd}`,
  ])('%j is one value, and finds no run of another pipeline', async (pipeline) => {
    expect(await runningIds(temporal, pipeline, ['backfill'])).toEqual([]);
    expect(await runningRuns(temporal, pipeline)).toEqual([]);
  });
});
