import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type RunningRun, runningRuns } from '../client/running-runs.ts';
import { resumeUpdate } from '../workflows/handles.ts';
import { sentenceOf, type World } from './world.ts';

export interface Recovery {
  readonly seconds: number;
  /** Why it did not come to rest in time; null when it did. */
  readonly restless: string | null;
}

const LOOK_EVERY_MS = 500;
const result = z.object({ new: z.number(), changed: z.number(), retracted: z.number() });

/**
 * Every fault is over, whoever died is started again, and a person resumes what is blocked or paused: runs the pipeline until it
 * finds nothing to do, but no longer than the patience.
 */
export async function recover(world: World, patienceMs: number): Promise<Recovery> {
  const begun = performance.now();
  const elapsed = (): number => performance.now() - begun;
  const { stack, workers, say } = world;
  await world.setWire([]);
  await world.source.finish();
  say('all faults are over');
  let last = 'nothing was tried';
  while (elapsed() < patienceMs) {
    try {
      await workers.start();
      last = await step(world);
      if (last === 'at rest') return { seconds: elapsed() / 1_000, restless: null };
    } catch (error) {
      last = sentenceOf(error);
      say(`recovering: ${last}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
  const running = await runningRuns(stack.temporal, stack.pipeline).catch(() => []);
  return { seconds: elapsed() / 1_000, restless: [last, ...running.map(described)].join('; ') };
}

async function step(world: World): Promise<string> {
  const { stack } = world;
  const running = await runningRuns(stack.temporal, stack.pipeline);
  for (const { workflowId, progress } of running) {
    if (progress?.state !== 'blocked' && progress?.state !== 'paused') continue;
    world.say(`${progress.state}, resumed: ${workflowId}: ${progress.blocked ?? 'paused'}`);
    if (progress.state === 'blocked' && !isSentence(progress.blocked))
      return `blocked without a sentence: ${workflowId}`;
    await stack.temporal.client.workflow.getHandle(workflowId).executeUpdate(resumeUpdate);
  }
  if (running.length > 0) return 'runs go on';
  const workflowId = await world.startSync();
  if (workflowId === null) return 'no sync could be started';
  const ended = await stack.temporal.client.workflow.getHandle(workflowId).result().then(result.parse);
  return ended.new + ended.changed + ended.retracted === 0 ? 'at rest' : 'there was something to do';
}

export function isSentence(text: string | null | undefined): boolean {
  return typeof text === 'string' && /^\S.{9,}[.!?)]$/s.test(text.trim());
}

function described({ workflowId, progress }: RunningRun): string {
  return progress === null
    ? `${workflowId} does not answer`
    : `${workflowId} is ${progress.state} at "${progress.step}", ${progress.done} of ${progress.total}${progress.blocked === null ? '' : `: ${progress.blocked}`}`;
}
