import { z } from 'zod';
import { runSums } from '../test/e2e/run-sums-shape.ts';
import { enrichViolations } from './enriching/run-sums.ts';
import { type Run, runsOf } from './runs.ts';
import { causeOf, isSentence } from './sentences.ts';
import type { World } from './world.ts';

/** Every run ended as it was to end, and accounts for what it did. */
export async function runViolations(world: World): Promise<readonly string[]> {
  const violations: string[] = [];
  for await (const run of runsOf(world)) {
    const { workflowId, type } = run;
    if (run.status.name === 'RUNNING') violations.push(`${workflowId} goes on for ever`);
    else if (RUNS.has(type) && !world.stopped.has(workflowId)) {
      violations.push(...(await endViolations(world, run)));
    }
  }
  return violations;
}

const RUNS: ReadonlySet<string> = new Set(['sync', 'backfill', 'enrich']);

async function endViolations({ stack }: World, { workflowId, runId, type, status }: Run): Promise<readonly string[]> {
  // Continued as new, it is judged by the run that went on.
  if (status.name === 'CONTINUED_AS_NEW') return [];
  try {
    const handle = stack.temporal.client.workflow.getHandle(workflowId, runId, { followRuns: false });
    const result: unknown = await handle.result();
    return type === 'enrich' ? enrichViolations(workflowId, result) : sumViolations(workflowId, result);
  } catch (error) {
    const reason = causeOf(error);
    if (status.name !== 'FAILED') return [`${workflowId} ended as ${status.name}, which nobody asked for`];
    return isSentence(reason) ? [] : [`${workflowId} failed without a sentence: ${reason}`];
  }
}

function sumViolations(workflowId: string, result: unknown): readonly string[] {
  const run = runSums.extend({ setAside: z.number().default(0) }).safeParse(result);
  if (!run.success) return [`${workflowId} does not say what became of its rows`];
  const { rows, pending, setAside, held, confirmed, rejected, ...sums } = run.data;
  const accounted = sums.new + sums.changed + sums.unchanged + sums.excluded + sums.malformed + sums.merged;
  return [
    ...(rows === accounted ? [] : [`${workflowId} read ${rows} rows and accounts for ${accounted}`]),
    ...(sums.new + sums.changed === held + confirmed + rejected + pending
      ? []
      : [
          `${workflowId} had ${sums.new + sums.changed} to do and accounts for ${held + confirmed + rejected + pending}`,
        ]),
    ...(pending === setAside ? [] : [`${workflowId} ended with ${pending - setAside} pending`]),
    ...(rejected === 0 ? [] : [`${workflowId} counts ${rejected} as rejected, and the sandbox rejected none`]),
  ];
}
