import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { askLedger } from '../client/ask-ledger.ts';
import { textsIn } from '../test/e2e/recorded-texts.ts';
import { type Held, heldAfter, POLICY } from '../test/e2e/reference-model.ts';
import { runSums } from '../test/e2e/run-sums-shape.ts';
import { type Holding, holding } from '../test/e2e/shown-holding.ts';
import { taskQueueOf } from './pipelines.ts';
import { causeOf, isSentence } from './sentences.ts';
import { THREATSTREAM } from './setup.ts';
import type { World } from './world.ts';

/** Violations named for each kind; the rest is counted. */
const NAMED = 4;

/** What is wrong in the end, a sentence for each; none when every promise was kept. */
export async function judge(world: World): Promise<readonly string[]> {
  const found = [
    await heldViolations(world),
    await countViolations(world),
    await runViolations(world),
    await coverageViolations(world),
    await secrecyViolations(world),
  ];
  return found.flat();
}

/** What is held, and in ThreatStream in what form, is what the model holds. */
function heldViolations(world: World): Promise<readonly string[]> {
  const now = new Date();
  const models = world.pipelines.map(({ source }) => heldAfter(source.arrived, POLICY, now));
  const expected = new Map(models.flatMap((model) => [...model]));
  return world.setup.kind === THREATSTREAM
    ? holdingsViolations(world, models, expected)
    : itemsViolations(world, expected);
}

async function itemsViolations(world: World, expected: ReadonlyMap<string, Held>): Promise<readonly string[]> {
  const all = await world.items();
  const held = all.filter(({ state }) => state !== 'gone').map(({ value }) => value);
  const once = new Set(held);
  return [
    ...counted(
      [...expected.keys()].filter((value) => !once.has(value)),
      `of ${expected.size} are not held`,
      String,
    ),
    ...counted(
      [...once].filter((value) => !expected.has(value)),
      'are held that the model does not hold',
      String,
    ),
    ...counted(
      held.filter((value, place) => held.indexOf(value) !== place),
      'are held more than once',
      String,
    ),
  ];
}

async function holdingsViolations(
  { stack, setup }: World,
  models: readonly ReadonlyMap<string, Held>[],
  expected: ReadonlyMap<string, Held>,
): Promise<readonly string[]> {
  const all = z.array(holding).parse(await stack.control('POST', '/tips/threatstream/holdings'));
  const held = new Map(all.filter(({ status }) => status !== 'gone').map((one) => [one.value, one]));
  // A direct write says it by the tags, which the sandbox shows by name only.
  const saysTlp = setup.approval !== 'bypass';
  const missing = [...expected.keys()].filter((value) => !held.has(value));
  const tooMuch = [...held.keys()].filter((value) => !expected.has(value));
  const others = [...held.values()].filter((one) => {
    // What two pipelines hold of one value is the newest that either of them said.
    const said = models.flatMap((model) => model.get(one.value) ?? []);
    const content = contentOf(one, saysTlp);
    return said.length === 1 && !(one.status === 'active' && isDeepStrictEqual(content, shown(said[0], saysTlp)));
  });
  return [
    ...counted(missing, `of ${expected.size} are not held`, (value) => value),
    ...counted(tooMuch, 'are held that the model does not hold', (value) => value),
    ...counted(
      others,
      'are held otherwise than the model says',
      (one) =>
        `${one.value} (${one.status}) ${JSON.stringify(contentOf(one, saysTlp))}, model ${JSON.stringify(expected.get(one.value))}`,
    ),
  ];
}

function contentOf({ tags, ...held }: Holding, saysTlp: boolean): Held {
  const { type, confidence, tlp, expiration } = held;
  const own = tags.filter((tag) => tag.startsWith('campaign:')).toSorted();
  return shown({ type, confidence, tlp, expiration, tags: own }, saysTlp);
}

function shown<H extends Held | undefined>(held: H, saysTlp: boolean): H {
  return saysTlp || held === undefined ? held : { ...held, tlp: null };
}

async function countViolations(world: World): Promise<readonly string[]> {
  const { duplicates, publicShares, publicTags, foreignTouched } = await world.counts();
  return Object.entries({ duplicates, publicShares, publicTags, foreignTouched }).flatMap(([name, count]) =>
    count === 0 ? [] : [`${count} ${name} by the sandbox's count`],
  );
}

async function runViolations(world: World): Promise<readonly string[]> {
  const violations: string[] = [];
  for await (const run of runsOf(world)) {
    const { workflowId, type } = run;
    if (run.status.name === 'RUNNING') violations.push(`${workflowId} goes on for ever`);
    else if ((type === 'sync' || type === 'backfill') && !world.stopped.has(workflowId)) {
      violations.push(...(await endViolations(world, run)));
    }
  }
  return violations;
}

async function endViolations({ stack }: World, { workflowId, runId, status }: Run): Promise<readonly string[]> {
  // Continued as new, it is judged by the run that went on.
  if (status.name === 'CONTINUED_AS_NEW') return [];
  try {
    const handle = stack.temporal.client.workflow.getHandle(workflowId, runId, { followRuns: false });
    return sumViolations(workflowId, await handle.result());
  } catch (error) {
    const reason = causeOf(error);
    if (status.name !== 'FAILED') return [`${workflowId} ended as ${status.name}, which nobody asked for`];
    return isSentence(reason) ? [] : [`${workflowId} failed without a sentence: ${reason}`];
  }
}

interface Run {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly status: { readonly name: string };
}

/** All of all pipelines, children too; not the questions to the ledger. */
async function* runsOf({ stack, pipelines }: World): AsyncGenerator<Run> {
  for (const { name } of pipelines) {
    const query = `MdtiPipeline = '${name}' and WorkflowType != 'ask'`;
    yield* stack.temporal.client.workflow.list({ query });
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

async function coverageViolations({ stack, pipelines }: World): Promise<readonly string[]> {
  const violations: string[] = [];
  for (const { name } of pipelines) {
    const question = { kind: 'status', pipeline: name } as const;
    const { gaps, open } = await askLedger(stack.temporal, taskQueueOf(stack), question);
    violations.push(
      ...counted(gaps, 'gaps in coverage', ({ from, to }) => `${from} to ${to}`),
      ...counted(
        open,
        'windows not done',
        ({ from, to, state, reason }) => `${from} to ${to}: ${state}, ${reason ?? 'no reason'}`,
      ),
    );
  }
  return violations;
}

const HISTORIES = 10;

/** Some of the histories, chosen by the seed: nothing of an indicator, and no credential. */
async function secrecyViolations(world: World): Promise<readonly string[]> {
  const { stack, pipelines } = world;
  const runs: Run[] = [];
  for await (const run of runsOf(world)) runs.push(run);
  const draw = world.draw.fork('histories');
  const values = pipelines.flatMap(({ source }) =>
    source.arrived.flatMap(({ ObservableValue }) => ObservableValue || []),
  );
  const hidden = [...stack.secrets, ...new Set(values)];
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

function counted<T>(found: readonly T[], what: string, name: (one: T) => string): readonly string[] {
  if (found.length === 0) return [];
  const more = found.length > NAMED ? ', …' : '';
  return [`${found.length} ${what}: ${found.slice(0, NAMED).map(name).join(', ')}${more}`];
}
