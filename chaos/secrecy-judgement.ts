import { textsIn } from '../test/e2e/recorded-texts.ts';
import { type Run, runsOf } from './runs.ts';
import type { World } from './world.ts';

const HISTORIES = 10;

/** Some of the histories, chosen by the seed: nothing of an indicator, and no credential. */
export async function secrecyViolations(world: World): Promise<readonly string[]> {
  const { stack, pipelines } = world;
  const runs: Run[] = [];
  for await (const run of runsOf(world)) runs.push(run);
  const draw = world.draw.fork('histories');
  const values = pipelines.flatMap(({ source }) =>
    source.arrived.flatMap(({ ObservableValue }) => ObservableValue || []),
  );
  const hidden = [...stack.secrets, ...new Set(values), ...(world.observables?.values ?? [])];
  const violations: string[] = [];
  for (let sample = 0; sample < Math.min(HISTORIES, runs.length); sample += 1) {
    const run = runs[draw.below(runs.length)];
    if (run === undefined) continue;
    const history = await stack.temporal.client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
    const text = [...textsIn(history)].join('\n');
    const shows = hidden.filter((one) => text.includes(one));
    if (shows.length > 0) violations.push(`the history of ${run.workflowId} holds ${shows.length} values or secrets`);
  }
  return violations;
}
