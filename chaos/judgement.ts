import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { askLedger } from '../client/ask-ledger.ts';
import { type Held, heldAfter, POLICY } from '../test/e2e/reference-model.ts';
import { type Holding, holding } from '../test/e2e/shown-holding.ts';
import { counted } from './counted.ts';
import { enrichedViolations } from './enriching/judgement.ts';
import { taskQueueOf } from './pipelines.ts';
import { runViolations } from './run-judgement.ts';
import { secrecyViolations } from './secrecy-judgement.ts';
import { THREATSTREAM } from './setup.ts';
import type { World } from './world.ts';

/** What is wrong in the end, a sentence for each; none when every promise was kept. */
export async function judge(world: World): Promise<readonly string[]> {
  const found = [
    world.observables === null ? await heldViolations(world) : await enrichedViolations(world, world.observables),
    await countViolations(world),
    await runViolations(world),
    world.observables === null ? await coverageViolations(world) : [],
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
  const { duplicates, publicShares, publicTags, foreignTouched, doubleComments } = await world.counts();
  return Object.entries({ duplicates, publicShares, publicTags, foreignTouched, doubleComments }).flatMap(
    ([name, count]) => (count === 0 ? [] : [`${count} ${name} by the sandbox's count`]),
  );
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
