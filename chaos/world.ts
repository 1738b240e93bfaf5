import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { triggerSchedule } from '../client/schedules.ts';
import type { WireApiName } from '../sandbox/wire-faults/wire-fault.ts';
import { type Stack, startStack } from '../test/e2e/stack.ts';
import type { Postgres } from '../test/postgresql/start-postgres.ts';
import type { Draw } from './draw.ts';
import type { Setup } from './setup.ts';
import { Source } from './source.ts';
import { Tally } from './tally.ts';
import type { TemporalServer } from './temporal-server.ts';
import { type WireFaultInput, wireStorm } from './wire-storm.ts';
import { Workers } from './workers.ts';

/** Reputations depend on it. */
export const SANDBOX_SEED = 1;

export interface WorldParts {
  readonly name: string;
  readonly draw: Draw;
  readonly setup: Setup;
  readonly temporal: TemporalServer;
  /** Null: an embedded ledger. */
  readonly ledgerUrl: string | null;
  /** The story's own. */
  readonly postgres: Postgres | null;
}

const counted = z.object({
  requests: z.record(z.string(), z.number()),
  injected: z.record(z.string(), z.number()),
  duplicates: z.number(),
  publicShares: z.number(),
  foreignTouched: z.number(),
});
export type Counted = z.infer<typeof counted>;

/** The product and all that is around it, in one story. */
export interface World {
  readonly stack: Stack;
  readonly setup: Setup;
  readonly draw: Draw;
  readonly source: Source;
  readonly workers: Workers;
  readonly temporal: TemporalServer;
  readonly postgres: Postgres | null;
  /** Troubles of processes; those of the wire are counted by the sandbox. */
  readonly troubles: Tally;
  /** Runs that the story has cancelled or terminated, by their ids. */
  readonly stopped: Set<string>;
  readonly say: (sentence: string) => void;
  readonly diary: readonly string[];
  readonly counts: () => Promise<Counted>;
  /** Faults of the wire from now on, in the place of those before. */
  readonly storm: (draw: Draw, apis: readonly WireApiName[], faults: number) => Promise<void>;
  readonly setWire: (faults: readonly WireFaultInput[]) => Promise<void>;
  /** Triggers the schedule; a run that is going already is as good. Null when Temporal did not take it. */
  readonly startSync: () => Promise<string | null>;
  /** Waits until the run has ended, but no longer than so. */
  readonly untilEnded: (workflowId: string | null, longestMs: number) => Promise<void>;
}

export async function openWorld({ name, draw, setup, temporal, ledgerUrl, postgres }: WorldParts): Promise<World> {
  const begun = performance.now();
  const diary: string[] = [];
  const stack = await startStack({
    address: temporal.address,
    ...(ledgerUrl === null ? {} : { ledgerUrl }),
    sandbox: ['--indicators', '0', '--seed', String(SANDBOX_SEED), '--until-stdin-ends'],
    ...setup.stack,
  });
  const say = (sentence: string): void => {
    diary.push(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${sentence}`);
  };
  await amend(stack, setup);
  const counts = async (): Promise<Counted> => counted.parse(await stack.control('GET', '/counts'));
  const setWire = async (faults: readonly WireFaultInput[]): Promise<void> => {
    await stack.control('PUT', '/faults', { wire: faults });
    for (const fault of faults) say(`wire: ${JSON.stringify(fault)}`);
  };
  return {
    stack,
    setup,
    draw,
    temporal,
    postgres,
    source: new Source(draw.fork('source'), stack, name.replaceAll(/[^a-z]/g, '').slice(0, 12)),
    workers: new Workers(stack, setup.workers),
    troubles: new Tally(),
    stopped: new Set(),
    say,
    diary,
    counts,
    setWire,
    storm: (own, apis, faults) => setWire(apis.flatMap((api) => wireStorm(own.fork(api), api, faults))),
    async startSync() {
      try {
        const { workflowId, started } = await triggerSchedule(stack.temporal, stack.pipeline);
        say(`${started ? 'started' : 'goes on'}: ${workflowId}`);
        return workflowId;
      } catch (error) {
        say(`no sync could be started: ${sentenceOf(error)}`);
        return null;
      }
    },
    async untilEnded(workflowId, longestMs) {
      if (workflowId === null) return;
      const { client, connection } = stack.temporal;
      const result = connection.withDeadline(Date.now() + longestMs, () =>
        client.workflow.getHandle(workflowId).result(),
      );
      // How it ended is judged later.
      await Promise.race([result.catch(() => undefined), sleep(longestMs)]);
    },
  };
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Settings that the stack does not have a place for. */
async function amend({ configFile }: Stack, { edits }: Setup): Promise<void> {
  const file = parseDocument(await readFile(configFile, 'utf8'));
  for (const [path, value] of edits) file.setIn(path, value);
  await writeFile(configFile, file.toString());
}
