import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import { freePort } from '../../client/dev-server/free-port.ts';
import { resumeUpdate } from '../../workflows/handles.ts';
import { openStack } from './open-stack.ts';
import { type Sample, scrape, total } from './scraped-metrics.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const counts = z.object({
  requests: z.record(z.string(), z.number()),
  throttled: z.record(z.string(), z.number()),
  lookUps: z.number(),
  holds: z.number(),
  withdrawn: z.number(),
});
const run = z.looseObject({ rows: z.number(), held: z.number(), confirmed: z.number(), rejected: z.number() });
const OUTCOMES = ['new', 'changed', 'unchanged', 'excluded', 'malformed', 'merged'] as const;

describe('the metrics of a worker', () => {
  let stack: Stack;
  let listen: string;
  let page: string;

  beforeAll(async () => {
    listen = `127.0.0.1:${await freePort()}`;
    stack = await openStack({
      sandbox: ['--indicators', '60'],
      source: { since: '2h', window: oneWindow(new Date()) },
      config: { worker: { metrics: { listen } } },
    });
    await stack.control('POST', '/rows', [
      { Id: 'unreadable--1', ObservableKey: 'ipv4-addr:value', ObservableValue: 'unreadable-address' },
    ]);
    await stack.startWorker();
  });
  afterAll(() => stack.close());

  const seen = async () => counts.parse(await tipCounts(stack));
  const ours = { pipeline: '' };
  const gauge = async (name: string): Promise<number | null> => total(await scrape(listen), name, ours);

  test('count what the sandbox counts, through faults that make everything be tried again', async () => {
    ours.pipeline = stack.pipeline;
    await stack.control('PUT', '/faults', {
      logs: { everyNth429: 5, partialOverRows: 40, retryAfterSeconds: 0 },
      graph: { everyNthInner500: 13 },
      threatstream: { everyNth503: 13, lostAcks: 3 },
    });
    const result = await stack.sync();
    const sums = run.parse(result);
    const sandbox = await seen();
    const samples = await scrape(listen);
    const value = (name: string, labels: Sample['labels'] = {}) => total(samples, name, { ...ours, ...labels });

    expect(value('mdti_sync_rows_total')).toBe(sums.rows);
    for (const outcome of OUTCOMES)
      expect(value('mdti_sync_indicators_total', { outcome }), outcome).toBe(result[outcome]);
    expect(value('mdti_sync_quarantined_total')).toBe(result['malformed']);
    expect(result['malformed']).toBeGreaterThan(0);
    expect(value('mdti_sync_decisions_total', { decision: 'deliver' })).toBe(sandbox.holds);
    expect(value('mdti_sync_decisions_total', { decision: 'hold' })).toBe(sums.held);
    expect(value('mdti_sync_deliveries_total', { state: 'confirmed' })).toBe(sandbox.holds);
    expect(value('mdti_sync_deliveries_total', { state: 'rejected' })).toBe(0);
    const answered = ['scored', 'no-reputation'].map((outcome) => value('mdti_sync_lookups_total', { outcome }) ?? 0);
    expect(answered.reduce((sum, each) => sum + each)).toBe(sandbox.lookUps);
    expect(value('mdti_sync_lookups_total', { outcome: 'failed' })).toBeGreaterThan(0);

    // For each of two scopes, a look at Entra ID's metadata and a token.
    expect(sandbox.requests['entra']).toBeLessThanOrEqual(4);
    for (const api of ['entra', 'logs', 'graph', 'threatstream']) {
      const requests = (status?: string) =>
        total(samples, 'mdti_sync_requests_total', { api, ...(status === undefined ? {} : { status }) });
      expect(requests(), api).toBe(sandbox.requests[api]);
      expect(total(samples, 'mdti_sync_request_seconds_count', { api }), api).toBe(sandbox.requests[api]);
    }
    expect(total(samples, 'mdti_sync_requests_total', { api: 'logs', status: '429' })).toBe(sandbox.throttled['logs']);
    expect(sandbox.throttled['logs']).toBeGreaterThan(0);
    expect(total(samples, 'mdti_sync_requests_total', { api: 'threatstream', status: '5xx' })).toBeGreaterThan(0);
    for (const api of ['logs', 'graph', 'threatstream']) {
      expect(total(samples, 'mdti_sync_rate_wait_seconds_count', { api })).toBeGreaterThan(0);
    }
  });

  test('show that coverage is complete', async () => {
    await stack.control('PUT', '/faults', { logs: { everyNth429: 0 } });
    await stack.sync();
    await expect.poll(() => gauge('mdti_sync_coverage_lag_seconds'), { timeout: 60_000 }).toBeLessThan(60);
    expect(await gauge('mdti_sync_coverage_gaps')).toBe(0);
    expect(await gauge('mdti_sync_blocked')).toBe(0);
  });

  test('show a run that is blocked, until it is mended', async () => {
    await stack.control('PUT', '/faults', { logs: { forbidden: true } });
    const blocked = await stack.command('sync', '--pipeline', stack.pipeline, '--json');
    expect(blocked.code).toBe(4);
    await expect.poll(() => gauge('mdti_sync_blocked'), { timeout: 60_000 }).toBe(1);
    await stack.control('PUT', '/faults', { logs: { forbidden: false } });
    const handle = stack.temporal.client.workflow.getHandle(String(lastLine(blocked)['workflowId']));
    await handle.executeUpdate(resumeUpdate);
    await handle.result();
    await expect.poll(() => gauge('mdti_sync_blocked'), { timeout: 60_000 }).toBe(0);
  });

  test('are on one page with those of Temporal, and name no indicator', async () => {
    page = await (await fetch(`http://${listen}/metrics`)).text();
    expect(page).toMatch(/^temporal_activity_execution_latency_bucket\{/m);
    expect(page).toMatch(/^temporal_workflow_completed\{/m);
    const holdings = z
      .array(z.object({ value: z.string() }))
      .parse(await stack.control('POST', '/tips/threatstream/holdings'));
    expect(holdings.length).toBeGreaterThan(20);
    expect(holdings.filter(({ value }) => page.includes(value))).toEqual([]);
  });
});
