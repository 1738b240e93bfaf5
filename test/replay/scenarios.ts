import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { FaultsPatch } from '../../sandbox/faults.ts';
import { lastLine, type Stack, type StackOptions } from '../e2e/stack.ts';

export interface Scenario {
  readonly name: string;
  readonly options: Omit<StackOptions, 'address'>;
  /** Settings of the pipeline beside those of its parts. */
  readonly pipeline?: Readonly<Record<string, unknown>>;
  /** What is done with a stack whose worker runs. */
  readonly play: (stack: Stack) => Promise<unknown>;
  /** Of which types of workflow so many histories are kept, the longest first. */
  readonly keep: Readonly<Record<string, number>>;
}

const SMALL = ['--indicators', '40'];
const ARTIFACTS = ['--indicators', '0', '--made-up-artifacts', '60'];

/** Between them they come along every branch of the workflows that an event of a history can show. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'plain',
    options: { sandbox: SMALL, source: { since: '2h' } },
    async play(stack) {
      await stack.sync();
      await stack.command('status', '--pipeline', stack.pipeline);
    },
    keep: { sync: 1, window: 1, batch: 1, ask: 1 },
  },
  {
    name: 'enrich',
    options: { sandbox: ARTIFACTS, enrich: { batchSize: 10, write: { comment: true, score: true } } },
    async play(stack) {
      await stack.sync();
      await stack.sync();
    },
    keep: { enrich: 2, enrichBatch: 1 },
  },
  {
    name: 'enrich-blocked',
    options: { sandbox: ARTIFACTS, enrich: {} },
    async play(stack) {
      await faults(stack, { threatstream: { unauthorised: true } });
      const run = await blockedRun(stack);
      await run.executeUpdate('pause');
      await faults(stack, { threatstream: { unauthorised: false } });
      await run.executeUpdate('resume');
      await run.result();
    },
    keep: { enrich: 1, enrichBatch: 1 },
  },
  {
    name: 'nothing-to-do',
    options: { sandbox: ['--indicators', '0'], source: { since: '2h' } },
    play: (stack) => stack.sync(),
    keep: { sync: 1 },
  },
  {
    name: 'nothing-to-do-for-long',
    options: { sandbox: ['--indicators', '0'], source: { since: '4h', window: '1h' } },
    play: (stack) => stack.sync(),
    keep: { sync: 1, window: 1 },
  },
  {
    name: 'too-large',
    options: { sandbox: SMALL, source: { since: '2h' } },
    async play(stack) {
      await faults(stack, { logs: { timeoutOverRows: 15 } });
      await stack.sync();
    },
    keep: { window: 1 },
  },
  {
    name: 'blocked',
    options: { sandbox: SMALL, source: { since: '2h' } },
    async play(stack) {
      await faults(stack, { threatstream: { unauthorised: true } });
      const run = await blockedRun(stack);
      await faults(stack, { threatstream: { unauthorised: false } });
      await run.executeUpdate('resume');
      await run.result();
    },
    keep: { sync: 1, window: 2, batch: 2 },
  },
  {
    name: 'blocked-at-once',
    options: { sandbox: SMALL, source: { since: '2h' } },
    async play(stack) {
      await faults(stack, { logs: { forbidden: true } });
      const run = await blockedRun(stack);
      await faults(stack, { logs: { forbidden: false } });
      await run.executeUpdate('resume');
      await run.result();
    },
    keep: { window: 2 },
  },
  {
    name: 'blocked-and-paused',
    options: { sandbox: SMALL, source: { since: '2h' } },
    async play(stack) {
      await faults(stack, { threatstream: { unauthorised: true } });
      const run = await blockedRun(stack);
      await run.executeUpdate('pause');
      await faults(stack, { threatstream: { unauthorised: false } });
      await run.executeUpdate('resume');
      await run.result();
    },
    keep: { sync: 1, window: 1 },
  },
  {
    name: 'paused-while-reading',
    options: { sandbox: SMALL, source: { since: '4h', window: '20m' } },
    async play(stack) {
      await faults(stack, { logs: { everyNth503: 1 } });
      const run = await startedRun(stack);
      await run.executeUpdate('pause');
      await faults(stack, { logs: { everyNth503: 0 } });
      await run.executeUpdate('resume');
      await run.result();
    },
    keep: { sync: 1, window: 1 },
  },
  {
    name: 'steered',
    options: { sandbox: SMALL, source: { since: '2h' } },
    async play(stack) {
      await faults(stack, { threatstream: { outage: true } });
      const run = await startedRun(stack);
      await untilDelivering(stack);
      await run.executeUpdate('pause');
      await run.executeUpdate('setConcurrency', { args: [2] });
      await run.executeUpdate('resume');
      await faults(stack, { threatstream: { outage: false } });
      await run.result();
    },
    keep: { sync: 1, window: 1 },
  },
  {
    name: 'many-windows',
    options: { sandbox: ['--indicators', '20'], source: { since: '4h', window: '20m' } },
    play: (stack) => stack.sync(),
    keep: { sync: 3, window: 1 },
  },
  {
    name: 'many-batches',
    options: { sandbox: ['--indicators', '240'], source: { since: '2h' } },
    pipeline: { batchSize: 10 },
    play: (stack) => stack.sync(),
    keep: { window: 2 },
  },
  {
    // A window that is scored as a whole before its batches are formed: those above are of a release that scored batch by batch.
    name: 'scored-first',
    options: { sandbox: SMALL, source: { since: '2h' } },
    play: (stack) => stack.sync(),
    keep: { sync: 1, window: 1, batch: 1 },
  },
  {
    name: 'scored-in-parts',
    options: { sandbox: ['--indicators', '240'], source: { since: '2h' } },
    pipeline: { batchSize: 5 },
    play: (stack) => stack.sync(),
    keep: { window: 3 },
  },
  {
    name: 'backfill',
    options: { sandbox: SMALL },
    async play(stack) {
      await stack.command(...backfill(stack, 6));
    },
    keep: { backfill: 1 },
  },
  {
    name: 'backfill-cancelled',
    options: { sandbox: SMALL },
    async play(stack) {
      await faults(stack, { threatstream: { outage: true } });
      const run = stack.temporal.client.workflow.getHandle(
        String(lastLine(await stack.command(...backfill(stack, 6), '--detach', '--json'))['workflowId']),
      );
      await untilDelivering(stack);
      await run.cancel();
      await run.result().catch(() => undefined);
    },
    keep: { backfill: 1, window: 1, batch: 1 },
  },
];

/** Brings the stack's configuration to the scenario's settings; before its worker starts. */
export async function configure(stack: Stack, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const file = z.looseObject({ pipelines: z.record(z.string(), z.looseObject({})) });
  const config = file.parse(parse(await readFile(stack.configFile, 'utf8')));
  const pipeline = { ...config.pipelines[stack.pipeline], ...settings };
  await writeFile(stack.configFile, stringify({ ...config, pipelines: { [stack.pipeline]: pipeline } }));
}

async function faults(stack: Stack, patch: FaultsPatch): Promise<void> {
  await stack.control('PUT', '/faults', patch);
}

async function startedRun(stack: Stack): Promise<WorkflowHandle> {
  const triggered = lastLine(await stack.command('schedule', 'trigger', '--pipeline', stack.pipeline, '--json'));
  return stack.temporal.client.workflow.getHandle(String(triggered['workflowId']));
}

async function blockedRun(stack: Stack): Promise<WorkflowHandle> {
  const finished = await stack.command('sync', '--pipeline', stack.pipeline, '--json');
  const { state, workflowId } = lastLine(finished);
  if (state !== 'blocked') throw new Error(`The run is to be blocked, and is not: ${finished.stdout}`);
  return stack.temporal.client.workflow.getHandle(String(workflowId));
}

/** The hours up to now, in windows of an hour. */
function backfill({ pipeline }: Stack, hours: number): readonly string[] {
  const from = new Date(Date.now() - hours * 3_600_000).toISOString();
  return [
    'backfill',
    '--pipeline',
    pipeline,
    '--from',
    from,
    '--to',
    new Date().toISOString(),
    '--window',
    '1h',
    '--yes',
  ];
}

/** Until a batch has tried to deliver and failed. */
async function untilDelivering({ temporal: { client }, pipeline }: Stack): Promise<void> {
  const query = `WorkflowType = 'batch' and MdtiPipeline = '${pipeline}' and ExecutionStatus = 'Running'`;
  for (;;) {
    for await (const { workflowId } of client.workflow.list({ query })) {
      const { raw } = await client.workflow.getHandle(workflowId).describe();
      if (
        raw.pendingActivities?.some(({ activityType, lastFailure }) => activityType?.name === 'deliver' && lastFailure)
      ) {
        return;
      }
    }
    await sleep(100);
  }
}
