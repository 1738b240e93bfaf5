import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '../bench/scope.ts';
import { Draw } from './draw.ts';
import { judge } from './judgement.ts';
import { recover } from './recovery.ts';
import { sentenceOf } from './sentences.ts';
import type { Servers } from './servers.ts';
import { ofKind } from './setup.ts';
import { mountSmallDisk } from './small-disk.ts';
import type { Story } from './story.ts';
import { Tally } from './tally.ts';
import { openWorld, type World } from './world.ts';

export interface Outcome {
  readonly name: string;
  readonly seed: number;
  readonly seconds: number;
  /** From the end of all faults until there was nothing left to do. */
  readonly recoverySeconds: number | null;
  readonly injected: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  /** Why it was not told; null when it was. */
  readonly skipped: string | null;
  /** Where what is known of a violation is kept. */
  readonly kept: string | null;
  /** What happened when. */
  readonly diary: readonly string[];
}

export interface Telling {
  readonly seed: number;
  readonly servers: Servers;
  /** Around everything that the story starts. */
  readonly scope: Scope;
  /** How long a recovery may take. */
  readonly patienceMs: number;
  /** The folder for what is kept of violations. */
  readonly keepIn: string;
  /** What all stories deliver to. Default: ThreatStream. */
  readonly kind?: string;
  /** Faults of the wire that are left out, to see what else there is. */
  readonly without: ReadonlySet<string>;
}

/** Tells one story from its beginning to its judgement. */
export async function tellStory(story: Story, { seed, scope, ...telling }: Telling): Promise<Outcome> {
  return scope.within(async (own) => {
    const begun = performance.now();
    const draw = new Draw(seed, story.name);
    const disk = story.diskMegabytes === undefined ? null : await mountSmallDisk(own, story.diskMegabytes);
    if (typeof disk === 'string') return leftOut(story.name, seed, disk);
    const servers = await telling.servers.for(story, own);
    const setup = ofKind(story.setup(draw.fork('setup')), telling.kind);
    const world = await openWorld({ name: story.name, draw, setup, disk, without: telling.without, ...servers });
    own.add(() => world.stack.close());
    const injected = new Tally();
    const violations: string[] = [];
    let recoverySeconds: number | null = null;
    try {
      await world.workers.start();
      await story.happen(world);
      const recovery = await recover(world, telling.patienceMs);
      recoverySeconds = recovery.seconds;
      if (recovery.restless !== null) {
        violations.push(`not at rest after ${recovery.seconds.toFixed(0)} s: ${recovery.restless}`);
      }
      violations.push(...world.found, ...(await judge(world)));
      injected.addAll((await world.counts()).injected);
    } catch (error) {
      violations.push(`the story could not be told to its end: ${sentenceOf(error)}`);
      world.say(error instanceof Error ? (error.stack ?? '') : String(error));
    }
    injected.addAll(world.troubles.toJSON());
    const kept = violations.length === 0 ? null : await keep(world, story, seed, violations, telling.keepIn);
    const seconds = (performance.now() - begun) / 1_000;
    return {
      name: story.name,
      seed,
      seconds,
      recoverySeconds,
      injected: injected.toJSON(),
      violations,
      skipped: null,
      kept,
      diary: world.diary,
    };
  });
}

function leftOut(name: string, seed: number, skipped: string): Outcome {
  return {
    name,
    seed,
    seconds: 0,
    recoverySeconds: null,
    injected: {},
    violations: [],
    skipped,
    kept: null,
    diary: [],
  };
}

/** The diary, what the workers said, the configuration, and an embedded ledger. */
async function keep(
  { stack, workers, diary, items }: World,
  story: Story,
  seed: number,
  violations: readonly string[],
  keepIn: string,
): Promise<string> {
  const folder = join(keepIn, `${story.name}-${seed}`);
  await mkdir(folder, { recursive: true });
  await workers.endAll('SIGTERM');
  await writeFile(join(folder, 'diary.txt'), [...diary, '', ...violations, ''].join('\n'));
  await writeFile(join(folder, 'workers.log'), workers.logs().join('\n\n'));
  await writeFile(join(folder, 'items.json'), JSON.stringify(await items(), null, 1));
  await cp(stack.folder, join(folder, 'stack'), { recursive: true });
  return folder;
}
