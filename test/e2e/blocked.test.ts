import { afterEach, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { startBackfill } from '../../client/backfills.ts';
import { oneWindow } from '../../client/cli/one-window.ts';
import type { FaultsPatch } from '../../sandbox/faults.ts';
import { progressQuery, resumeUpdate } from '../../workflows/handles.ts';
import { MdtiState } from '../../workflows/search-attributes.ts';
import { launch } from './command.ts';
import { openStack } from './open-stack.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const counts = z.object({
  requests: z.record(z.string(), z.number()),
  holds: z.number(),
  duplicates: z.number(),
  updates: z.number(),
});

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

interface Blocked {
  readonly workflowId: string;
  readonly stderr: string;
}

/** Runs the pipeline until it is blocked, and expects that it says so everywhere and does nothing meanwhile. */
async function untilBlocked(open: Stack, sentence: RegExp): Promise<Blocked> {
  const finished = await open.command('sync', '--pipeline', open.pipeline, '--json');
  expect(finished.stderr).toMatch(sentence);
  expect(finished.code).toBe(4);
  const { workflowId, state } = z.object({ workflowId: z.string(), state: z.string() }).parse(lastLine(finished));
  expect(state).toBe('blocked');

  const handle = open.temporal.client.workflow.getHandle(workflowId);
  const progress = await handle.query(progressQuery);
  expect(progress.state).toBe('blocked');
  expect(progress.blocked).toMatch(sentence);
  const { raw, typedSearchAttributes } = await handle.describe();
  expect(typedSearchAttributes.get(MdtiState)).toBe('blocked');
  expect([raw.pendingActivities, raw.pendingChildren]).toEqual([[], []]);

  const before = counts.parse(await tipCounts(open));
  const status = await open.command('status', '--pipeline', open.pipeline, '--json');
  expect(status.code).toBe(0);
  expect(counts.parse(await tipCounts(open))).toEqual(before);
  return { workflowId, stderr: finished.stderr };
}

/** Resumes the run and expects that nothing was lost and nothing was sent twice. */
async function resumed(open: Stack, workflowId: string): Promise<void> {
  const handle = open.temporal.client.workflow.getHandle(workflowId);
  expect(await handle.executeUpdate(resumeUpdate)).not.toBe('paused');
  const run = z
    .object({ rows: z.number(), confirmed: z.number(), rejected: z.number(), pending: z.number() })
    .parse(await handle.result());
  expect(run).toMatchObject({ rejected: 0, pending: 0 });
  expect(run.confirmed).toBeGreaterThan(30);
  const seen = counts.parse(await tipCounts(open));
  expect(seen).toMatchObject({ holds: run.confirmed, duplicates: 0, updates: 0 });
  const again = await open.sync();
  expect(again).toMatchObject({ confirmed: 0, pending: 0, rejected: 0 });
  expect((await handle.describe()).typedSearchAttributes.get(MdtiState)).toBe('done');
}

const SANDBOX = ['--indicators', '80'];
const SOURCE = { since: '2h', window: oneWindow(new Date()) };

test('a wrong client secret blocks the run; a worker with the right one lets it complete', async () => {
  const secret = 'a-secret-of-last-year';
  const open = await openStack({
    sandbox: SANDBOX,
    source: SOURCE,
    env: { AZURE_CLIENT_SECRET: secret },
  });
  stack = open;
  const worker = await open.startWorker();
  const { workflowId, stderr } = await untilBlocked(open, /azure\.clientSecret was refused by Entra ID/);
  expect(stderr).not.toContain(secret);
  await worker.stop();
  expect(worker.stderr()).not.toContain(secret);

  const { credentials } = open.sandbox;
  const mended = launch(['worker', '--log-level', 'warn'], {
    cwd: open.folder,
    env: {
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      MDTI_SYNC_CONFIG: open.configFile,
      AZURE_CLIENT_SECRET: credentials.clientSecret,
      THREATSTREAM_USER: credentials.threatstreamUser,
      THREATSTREAM_API_KEY: credentials.threatstreamApiKey,
    },
  });
  try {
    await mended.line('stderr', /The worker polls/);
    await resumed(open, workflowId);
  } finally {
    await mended.stop();
  }
});

interface Scenario {
  readonly what: string;
  readonly faults: FaultsPatch;
  readonly off: FaultsPatch;
  readonly sentence: RegExp;
  readonly destination?: Readonly<Record<string, unknown>>;
}

const scenarios: readonly Scenario[] = [
  {
    what: 'a missing MDTI licence',
    faults: { graph: { licence: true } },
    off: { graph: { licence: false } },
    sentence: /licen[cs]e/,
  },
  {
    what: 'a missing permission of Microsoft Graph',
    faults: { graph: { forbidden: true } },
    off: { graph: { forbidden: false } },
    sentence: /ThreatIntelligence\.Read\.All/,
  },
  // What was granted is in the tokens that are given from then on, and the worker has one of before.
  {
    what: 'a permission of Microsoft Graph that the token is older than',
    faults: { entra: { withoutPermission: ['graph.microsoft.com'] } },
    off: { entra: { withoutPermission: [] } },
    sentence: /ThreatIntelligence\.Read\.All.* asks for a new token/,
  },
  {
    what: 'a permission on the workspace that the token is older than',
    faults: { entra: { withoutPermission: ['api.loganalytics.io'] } },
    off: { entra: { withoutPermission: [] } },
    sentence: /Log Analytics Reader.* asks for a new token/,
  },
  {
    what: 'a missing permission to approve imports',
    faults: { threatstream: { noApprovePermission: true } },
    off: { threatstream: { noApprovePermission: false } },
    sentence: /lacks the permission to approve imports/,
    destination: { approval: 'automatic' },
  },
  {
    what: 'a missing permission to write without approval',
    faults: { threatstream: { noApprovePermission: true } },
    off: { threatstream: { noApprovePermission: false } },
    sentence: /lacks the permission to write without approval/,
    destination: { approval: 'bypass' },
  },
  {
    what: 'a trusted circle that does not exist',
    faults: { threatstream: { declineAll: true } },
    off: { threatstream: { declineAll: false } },
    sentence: /declined \d items, each alone, in the same words: .* no such circle/,
    destination: { trustedCircles: [99] },
  },
  {
    what: 'a forbidden workspace',
    faults: { logs: { forbidden: true } },
    off: { logs: { forbidden: false } },
    sentence: /Log Analytics Reader/,
  },
];

test.each(scenarios)('$what blocks the run, which completes once it is mended', async (scenario) => {
  const { faults, off, sentence, destination } = scenario;
  const open = await openStack({
    sandbox: SANDBOX,
    source: SOURCE,
    ...(destination === undefined ? {} : { destination }),
  });
  stack = open;
  await open.control('PUT', '/faults', faults);
  await open.startWorker();
  const { workflowId } = await untilBlocked(open, sentence);
  const { requests, holds } = counts.parse(await tipCounts(open));
  expect(holds).toBe(0);
  expect(requests['graph']).toBeLessThan(20);
  expect(requests['threatstream']).toBeLessThan(20);
  await open.control('PUT', '/faults', off);
  await resumed(open, workflowId);
});

test('a token that is revoked while it is in use, and batches whose 429s make them a 424, hold no run up', async () => {
  const open = await openStack({ sandbox: SANDBOX, source: SOURCE });
  stack = open;
  await open.startWorker();
  await open.control('PUT', '/faults', { graph: { everyNthInner429: 30, throttledBatch: 424 } });
  expect(await open.sync()).toMatchObject({ rejected: 0, pending: 0 });
  await open.control('POST', '/generate', { indicators: 40 });
  await open.control('PUT', '/faults', { entra: { era: 1 } });
  const run = await open.sync();
  expect(run).toMatchObject({ rejected: 0, pending: 0 });
  expect(run['confirmed']).toBeGreaterThan(10);
});

const waits = z.object({
  pipelines: z.array(z.object({ waiting: z.array(z.object({ api: z.string(), until: z.iso.datetime() })) })),
});

test('an API that asks to be left alone for a day is shown, for no longer than is set, and tried again at once by whoever resumes', async () => {
  const open = await openStack({ sandbox: SANDBOX, source: SOURCE });
  stack = open;
  await open.control('PUT', '/faults', { graph: { everyNth429: 1, retryAfterSeconds: 86_400 } });
  await open.startWorker();
  const to = new Date();
  const workflowId = await startBackfill(open.temporal, `queue of ${open.pipeline}`, {
    pipeline: open.pipeline,
    from: new Date(to.getTime() - 7_200_000).toISOString(),
    to: to.toISOString(),
    windowMs: null,
  });
  const status = async () => {
    const finished = await open.command('status', '--pipeline', open.pipeline, '--json');
    return waits.parse(lastLine(finished)).pipelines[0]?.waiting ?? [];
  };
  await expect.poll(status, { timeout: 60_000 }).toEqual([{ api: 'Microsoft Graph', until: expect.any(String) }]);
  const [{ until } = { until: '' }] = await status();
  expect(Date.parse(until)).toBeLessThanOrEqual(Date.now() + 3_600_000);
  expect((await open.command('status', '--pipeline', open.pipeline)).stdout).toContain(
    'Microsoft Graph asked to be left alone until',
  );
  await open.control('PUT', '/faults', { graph: { everyNth429: 0 } });
  const handle = open.temporal.client.workflow.getHandle(workflowId);
  await handle.executeUpdate(resumeUpdate);
  expect(await handle.result()).toMatchObject({ rejected: 0, pending: 0 });
  expect(await status()).toEqual([]);
});
