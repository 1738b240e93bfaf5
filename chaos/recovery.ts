import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { askLedger } from '../client/ask-ledger.ts';
import { type RunningRun, runningRuns } from '../client/running-runs.ts';
import { resumeUpdate } from '../workflows/handles.ts';
import { AT_REST } from './at-rest.ts';
import { enrichSteps } from './enriching/recovery.ts';
import { taskQueueOf } from './pipelines.ts';
import { causeOf, isSentence, sentenceOf } from './sentences.ts';
import { approveSessions } from './troubles/analyst.ts';
import type { World } from './world.ts';

export interface Recovery {
  readonly seconds: number;
  /** Why it did not come to rest in time; null when it did. */
  readonly restless: string | null;
}

const LOOK_EVERY_MS = 500;
const result = z.object({ new: z.number(), changed: z.number(), retracted: z.number() });

/**
 * Every fault is over, whoever died is started again, a person resumes what is blocked or paused, and an analyst approves what waits:
 * runs the pipelines until they find nothing to do, but no longer than the patience.
 */
export async function recover(world: World, patienceMs: number): Promise<Recovery> {
  const begun = performance.now();
  const elapsed = (): number => performance.now() - begun;
  await world.setWire([]);
  for (const { source } of world.pipelines) await source.finish();
  world.say('all faults are over');
  const step = world.observables === null ? () => deliverStep(world) : enrichSteps(world, { helped, resultOf });
  let last = 'nothing was tried';
  while (elapsed() < patienceMs) {
    try {
      await world.workers.start();
      last = await step();
      if (last === AT_REST) return { seconds: elapsed() / 1_000, restless: null };
    } catch (error) {
      last = causeOf(error);
      world.say(`recovering: ${sentenceOf(error)}: ${last}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
  const running = await helped(world).catch(() => []);
  return { seconds: elapsed() / 1_000, restless: [last, ...running.map(described)].join('; ') };
}

async function deliverStep(world: World): Promise<string> {
  if ((await helped(world)).length > 0) return 'runs go on';
  for (const { name } of world.pipelines) {
    for (const span of world.wanted) await resultOf(world, await world.startBackfill(name, span));
    const ended = result.parse(await resultOf(world, await world.startSync(name)));
    if (ended.new + ended.changed + ended.retracted > 0) return 'there was something to do';
  }
  if ((await approveSessions(world)) > 0) return 'an analyst had something to do';
  return (await waitsForReviews(world)) ? 'what was decided is not known yet' : AT_REST;
}

/** Of a session that says too little of what it brought, it is known only after a while what became of that. */
async function waitsForReviews({ stack, pipelines }: World): Promise<boolean> {
  for (const { name } of pipelines) {
    const question = { kind: 'status', pipeline: name } as const;
    const { review } = await askLedger(stack.temporal, taskQueueOf(stack), question);
    if ((review?.shipments ?? 0) > 0) return true;
  }
  return false;
}

async function resultOf(world: World, workflowId: string | null): Promise<unknown> {
  if (workflowId === null) throw new Error('A run could not be started.');
  const { client, connection } = world.stack.temporal;
  return connection.withDeadline(Date.now() + WAIT_MS, () => client.workflow.getHandle(workflowId).result());
}

/** Then somebody looks whether it waits for a person. */
const WAIT_MS = 20_000;

/** A person looks at what is running, and resumes what waits for one. */
export async function helpBlocked(world: World): Promise<void> {
  try {
    await helped(world);
  } catch (error) {
    world.say(`nobody could help: ${sentenceOf(error)}`);
  }
}

async function helped(world: World): Promise<readonly RunningRun[]> {
  const { temporal } = world.stack;
  const running: RunningRun[] = [];
  for (const { name } of world.pipelines) running.push(...(await runningRuns(temporal, name)));
  for (const { workflowId, progress } of running) {
    if (progress?.state !== 'blocked' && progress?.state !== 'paused') continue;
    world.say(`${progress.state}, resumed: ${workflowId}: ${progress.blocked ?? 'by a person'}`);
    if (progress.state === 'blocked' && !isSentence(progress.blocked)) {
      world.found.push(`${workflowId} is blocked without a sentence: ${String(progress.blocked)}`);
    }
    await temporal.client.workflow.getHandle(workflowId).executeUpdate(resumeUpdate);
  }
  return running;
}

function described({ workflowId, progress }: RunningRun): string {
  if (progress === null) return `${workflowId} does not answer`;
  const { state, step: at, done, total, blocked } = progress;
  return `${workflowId} is ${state} at "${at}", ${done} of ${total}${blocked === null ? '' : `: ${blocked}`}`;
}
