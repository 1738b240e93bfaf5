import type { WorkflowHandle } from '@temporalio/client';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { triggerSchedule } from '../../client/schedules.ts';
import type { ArrivingRow } from '../../sandbox/rows/arrived-row.ts';
import { progressQuery, resumeUpdate } from '../../workflows/handles.ts';
import type { Running } from './command.ts';
import { FeedStory, type Happening, happenings, LATEST_MS } from './feed-story.ts';
import { openStack } from './open-stack.ts';
import { type Held, heldAfter, POLICY } from './reference-model.ts';
import { holding } from './shown-holding.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';
import { NO_TROUBLE, TROUBLES, type Trouble } from './troubles.ts';

/** One sync, and what happens before it and around it. */
interface Step {
  readonly arriving: readonly Happening[];
  /** An analyst approves what waits before the sync. */
  readonly approved: boolean;
  readonly trouble: Trouble;
  /** What becomes of the worker once the sync has made so many requests. */
  readonly worker: 'stays' | 'is stopped' | 'is killed';
  readonly afterRequests: number;
  /** What arrives while the sync runs. */
  readonly meanwhile: readonly Happening[];
}

const step: fc.Arbitrary<Step> = fc.record({
  arriving: happenings,
  approved: fc.boolean(),
  trouble: fc.constantFrom(...TROUBLES),
  worker: fc.oneof(
    { weight: 12, arbitrary: fc.constant('stays' as const) },
    { weight: 2, arbitrary: fc.constant('is stopped' as const) },
    { weight: 1, arbitrary: fc.constant('is killed' as const) },
  ),
  afterRequests: fc.integer({ min: 1, max: 8 }),
  meanwhile: fc.oneof(fc.constant([]), happenings),
});

const counts = z.object({
  requests: z.object({ entra: z.number(), logs: z.number(), graph: z.number(), threatstream: z.number() }),
  duplicates: z.number(),
  publicShares: z.number(),
  publicTags: z.number(),
});
const run = z.object({ windows: z.number(), new: z.number(), changed: z.number(), retracted: z.number() });
const statusShape = z.object({ pipelines: z.array(z.unknown()) });

let stack: Stack;
let worker: Running;
/** Every row that arrived, in all stories: they share the pipeline. */
const arrived: ArrivingRow[] = [];

beforeAll(async () => {
  stack = await openStack({
    sandbox: ['--indicators', '0', '--seed', String(POLICY.seed)],
    source: { since: '10m', overlap: `${LATEST_MS + 500}ms` },
    policy: {
      minimumScore: POLICY.minimumScore,
      exclude: {
        reservedAddresses: false,
        cidrs: [`${POLICY.excludedAddresses}0/24`],
        domains: [POLICY.excludedDomain],
      },
    },
  });
  worker = await stack.startWorker();
});
afterAll(() => stack?.close());

interface Dated {
  readonly row: ArrivingRow;
  readonly lateMs: number;
}

async function arrive(rows: readonly Dated[]): Promise<void> {
  const now = Date.now();
  const dated: ArrivingRow[] = [];
  for (const { row, lateMs } of rows) dated.push({ ...row, IngestionTime: new Date(now - lateMs).toISOString() });
  await stack.control('POST', '/rows', dated);
  arrived.push(...dated);
}

async function seen(): Promise<z.infer<typeof counts>> {
  return counts.parse(await tipCounts(stack));
}

async function totalRequests(): Promise<number> {
  const { requests } = await seen();
  return Object.values(requests).reduce((sum, each) => sum + each, 0);
}

interface Sync {
  readonly handle: WorkflowHandle;
  readonly result: Promise<z.infer<typeof run>>;
  ended: boolean;
}

async function startSync(): Promise<Sync> {
  const { workflowId } = await triggerSchedule(stack.temporal, stack.pipeline);
  const handle = stack.temporal.client.workflow.getHandle(workflowId);
  const sync: Sync = { handle, ended: false, result: handle.result().then((result) => run.parse(result)) };
  const end = (): void => {
    sync.ended = true;
  };
  sync.result.then(end, end);
  return sync;
}

/** Waits for the condition, or for the end of the sync. */
async function until(sync: Sync, condition: () => Promise<boolean>): Promise<void> {
  await vi.waitFor(async () => expect(sync.ended || (await condition())).toBe(true), {
    timeout: 300_000,
    interval: 20,
  });
}

/** One sync with what goes wrong around it. */
async function take({ trouble, worker: fate, afterRequests, meanwhile }: Step, story: FeedStory): Promise<void> {
  const before = (await seen()).requests[trouble.api];
  await stack.control('PUT', '/faults', trouble.faults);
  const quiet = await totalRequests();
  const sync = await startSync();
  const isMet = async (): Promise<boolean> =>
    trouble.blocks === true
      ? (await sync.handle.query(progressQuery)).state === 'blocked'
      : (await seen()).requests[trouble.api] >= before + trouble.requests;
  await until(sync, async () => (await totalRequests()) >= quiet + afterRequests || (await isMet()));
  await arrive(meanwhile.flatMap(({ event, lateMs }) => story.rowsOf(event).map((row) => ({ row, lateMs }))));
  if (fate !== 'stays') {
    await worker.stop(fate === 'is killed' ? 'SIGKILL' : 'SIGTERM');
    worker = await stack.startWorker();
  }
  await until(sync, isMet);
  await stack.control('PUT', '/faults', NO_TROUBLE);
  if (trouble.blocks === true && !sync.ended) await sync.handle.executeUpdate(resumeUpdate);
  await sync.result;
}

async function approve(): Promise<void> {
  await stack.control('POST', '/tips/threatstream/review', { decision: 'approve' });
}

/** Syncs until one finds nothing to do. */
async function settle(): Promise<void> {
  for (let left = 1; left > 0; ) {
    const { result } = await startSync();
    const { windows, new: fresh, changed, retracted } = await result;
    expect(windows).toBeGreaterThan(0);
    left = fresh + changed + retracted;
  }
}

/** What is active in the sandbox's ThreatStream. */
async function held(): Promise<ReadonlyMap<string, Held>> {
  const holdings = z.array(holding).parse(await stack.control('POST', '/tips/threatstream/holdings'));
  return new Map(
    holdings.flatMap(({ value, status, type, confidence, tlp, expiration, tags }) => {
      const own = tags.filter((tag) => tag.startsWith('campaign:')).toSorted();
      return status !== 'active' ? [] : [[value, { type, confidence, tlp, expiration, tags: own }] as const];
    }),
  );
}

test('whatever arrives and whatever goes wrong, the destination ends up with what the model says', async () => {
  let stories = 0;
  const schedules = fc.array(step, { minLength: 3, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(schedules, async (steps) => {
      stories += 1;
      const story = new FeedStory(`s${stories}`, () => new Date());
      let overtaken: Dated[] = [];
      for (const each of steps) {
        const late = overtaken;
        const onTime: Dated[] = [];
        overtaken = [];
        for (const { event, lateMs, overtaken: isOvertaken } of each.arriving) {
          const rows = story.rowsOf(event).map((row) => ({ row, lateMs }));
          (isOvertaken ? overtaken : onTime).push(...rows);
        }
        await arrive([...onTime, ...late]);
        if (each.approved) await approve();
        await take(each, story);
      }
      await arrive(overtaken);
      await settle();
      await approve();
      await settle();
      expect(await held()).toEqual(heldAfter(arrived, POLICY, new Date()));
      expect(await seen()).toMatchObject({ duplicates: 0, publicShares: 0, publicTags: 0 });
    }),
    { numRuns: 5, seed: 20_261_124, endOnFailure: true },
  );
  const status = statusShape.parse(lastLine(await stack.command('status', '--pipeline', stack.pipeline, '--json')));
  expect(status.pipelines).toMatchObject([{ gaps: [], open: [] }]);
});
