import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { askLedger } from '../client/ask-ledger.ts';
import { textsIn } from '../test/e2e/recorded-texts.ts';
import { type Held, heldAfter } from '../test/e2e/reference-model.ts';
import { runSums } from '../test/e2e/run-sums.ts';
import { isSentence } from './recovery.ts';
import { POLICY } from './setup.ts';
import type { World } from './world.ts';

const holding = z.object({
  value: z.string(),
  type: z.string(),
  confidence: z.number(),
  tlp: z.string().nullable(),
  tags: z.array(z.string()),
  expiration: z.string().nullable(),
  status: z.enum(['active', 'awaiting-review', 'gone']),
});
type Holding = z.infer<typeof holding>;

/** Violations named for each kind; the rest is counted. */
const NAMED = 4;

/** What is wrong in the end, a sentence for each; none when every promise was kept. */
export async function judge(world: World): Promise<readonly string[]> {
  const found = [
    await holdingsViolations(world),
    await countViolations(world),
    await runViolations(world),
    await coverageViolations(world),
    await secrecyViolations(world),
  ];
  return found.flat();
}

async function holdingsViolations({ stack, source, setup }: World): Promise<readonly string[]> {
  const expected = heldAfter(source.arrived, POLICY, new Date());
  const all = z.array(holding).parse(await stack.control('GET', '/holdings'));
  const held = new Map(all.filter(({ status }) => status !== 'gone').map((one) => [one.value, one]));
  const status = setup.approval === 'required' ? 'awaiting-review' : 'active';
  const missing = [...expected.keys()].filter((value) => !held.has(value));
  const tooMuch = [...held.keys()].filter((value) => !expected.has(value));
  const others = [...held.values()].filter((one) => {
    const model = expected.get(one.value);
    return model !== undefined && !(isDeepStrictEqual(contentOf(one), model) && one.status === status);
  });
  return [
    ...counted(missing, `of ${expected.size} are not held`, (value) => value),
    ...counted(tooMuch, 'are held that the model does not hold', (value) => value),
    ...counted(
      others,
      'are held otherwise than the model says',
      (one) =>
        `${one.value} (${one.status}) ${JSON.stringify(contentOf(one))}, model ${JSON.stringify(expected.get(one.value))}`,
    ),
  ];
}

function contentOf({ type, confidence, tlp, expiration, tags }: Holding): Held {
  return { type, confidence, tlp, expiration, tags: tags.filter((tag) => tag.startsWith('campaign:')).toSorted() };
}

async function countViolations(world: World): Promise<readonly string[]> {
  const { duplicates, publicShares, foreignTouched } = await world.counts();
  return Object.entries({ duplicates, publicShares, foreignTouched }).flatMap(([name, count]) =>
    count === 0 ? [] : [`${count} ${name} by the sandbox's count`],
  );
}

async function runViolations({ stack, stopped }: World): Promise<readonly string[]> {
  const { client } = stack.temporal;
  const violations: string[] = [];
  for await (const run of client.workflow.list({ query: `MdtiPipeline = '${stack.pipeline}'` })) {
    const { workflowId, runId, type } = run;
    const status = run.status.name;
    const isTop = type === 'sync' || type === 'backfill';
    if (status === 'RUNNING' && type !== 'ask') violations.push(`${workflowId} goes on for ever`);
    if (!isTop || stopped.has(workflowId)) continue;
    const handle = client.workflow.getHandle(workflowId, runId, { firstExecutionRunId: runId });
    if (status === 'COMPLETED') violations.push(...sumViolations(workflowId, await handle.result()));
    else if (status === 'FAILED') {
      const reason = await handle.result().then(
        () => '',
        (error: unknown) => causeOf(error),
      );
      if (!isSentence(reason)) violations.push(`${workflowId} failed without a sentence: ${reason}`);
    } else if (status !== 'RUNNING' && status !== 'CONTINUED_AS_NEW')
      violations.push(`${workflowId} ended as ${status}, which nobody asked for`);
  }
  return violations;
}

function causeOf(error: unknown): string {
  return error instanceof Error ? (error.cause instanceof Error ? causeOf(error.cause) : error.message) : String(error);
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

async function coverageViolations({ stack }: World): Promise<readonly string[]> {
  const { gaps, open } = await askLedger(stack.temporal, taskQueueOf(stack.pipeline), {
    kind: 'status',
    pipeline: stack.pipeline,
  });
  return [
    ...counted(gaps, 'gaps in coverage', ({ from, to }) => `${from} to ${to}`),
    ...counted(
      open,
      'windows not done',
      ({ from, to, state, reason }) => `${from} to ${to}: ${state}, ${reason ?? ''}`,
    ),
  ];
}

export function taskQueueOf(pipeline: string): string {
  return `queue of ${pipeline}`;
}

const HISTORIES = 10;

/** Some of the histories, chosen by the seed: nothing of an indicator, and no credential. */
async function secrecyViolations({ stack, source, draw }: World): Promise<readonly string[]> {
  const { client } = stack.temporal;
  const runs: { readonly workflowId: string; readonly runId: string }[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: `MdtiPipeline = '${stack.pipeline}'` })) {
    runs.push({ workflowId, runId });
  }
  const own = draw.fork('histories');
  const { clientSecret, threatstreamApiKey } = stack.sandbox.credentials;
  const values = new Set(source.arrived.flatMap(({ ObservableValue }) => (ObservableValue ? [ObservableValue] : [])));
  const hidden = [clientSecret, threatstreamApiKey, ...values];
  const violations: string[] = [];
  for (let sample = 0; sample < Math.min(HISTORIES, runs.length); sample += 1) {
    const run = runs[own.below(runs.length)];
    if (run === undefined) continue;
    const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
    const text = [...textsIn(history)].join('\n');
    const shown = hidden.filter((one) => text.includes(one));
    if (shown.length > 0) violations.push(`the history of ${run.workflowId} holds ${shown.length} values or secrets`);
  }
  return violations;
}

function counted<T>(found: readonly T[], what: string, name: (one: T) => string): readonly string[] {
  if (found.length === 0) return [];
  const more = found.length > NAMED ? ', …' : '';
  return [`${found.length} ${what}: ${found.slice(0, NAMED).map(name).join(', ')}${more}`];
}
