import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { z } from 'zod';
import { startBackfill } from '../client/backfills.ts';
import { triggerSchedule } from '../client/schedules.ts';
import type { Window } from '../indicators/window.ts';
import { type WireApiName, wireFault } from '../sandbox/wire-faults/wire-fault.ts';
import { readerOf } from '../test/destinations/dropped-files.ts';
import { POLICY } from '../test/e2e/reference-model.ts';
import { type Stack, startStack } from '../test/e2e/stack.ts';
import { tipCounts } from '../test/e2e/tip-counts.ts';
import type { Postgres } from '../test/postgresql/start-postgres.ts';
import type { Draw } from './draw.ts';
import { Observables } from './enriching/observables.ts';
import { type ChaosPipeline, openPipelines, taskQueueOf } from './pipelines.ts';
import { sentenceOf } from './sentences.ts';
import { FILE, type Setup, THREATSTREAM } from './setup.ts';
import type { SmallDisk } from './small-disk.ts';
import { Tally } from './tally.ts';
import type { TemporalServer } from './temporal-server.ts';
import { lostAcknowledgements, type WireFaultInput, wireStorm } from './wire-storm.ts';
import { Workers } from './workers.ts';

export interface WorldParts {
  readonly name: string;
  readonly draw: Draw;
  readonly setup: Setup;
  readonly temporal: TemporalServer;
  /** Null: an embedded ledger. */
  readonly ledgerUrl: string | null;
  /** The story's own. */
  readonly postgres: Postgres | null;
  /** Where the embedded ledger is; null: on the disk of this machine. */
  readonly disk: SmallDisk | null;
  /** Faults of the wire that are left out. */
  readonly without: ReadonlySet<string>;
}

const none = z.number().default(0);
const counted = z.object({
  injected: z.record(z.string(), z.number()),
  duplicates: z.number(),
  publicShares: none,
  publicTags: none,
  foreignTouched: none,
  doubleComments: none,
  lookUps: z.number(),
});
export type Counted = z.infer<typeof counted>;

const items = z.array(z.object({ value: z.string(), state: z.enum(['held', 'waiting', 'gone']) }));
export type Item = z.infer<typeof items>[number];

/** `tip`: whatever the story delivers to. */
export type StoryApi = 'entra' | 'logs' | 'graph' | 'tip';

/** The product and all that is around it, in one story. */
export interface World extends Pick<WorldParts, 'draw' | 'setup' | 'temporal' | 'postgres' | 'disk'> {
  readonly stack: Stack;
  /** One, or two that deliver to one account. */
  readonly pipelines: readonly ChaosPipeline[];
  /** What is enriched, and what happens to it; null where a pipeline delivers. */
  readonly observables: Observables | null;
  readonly workers: Workers;
  /** Troubles of processes; those of the wire are counted by the sandbox. */
  readonly troubles: Tally;
  /** Runs that the story has cancelled or terminated, by their ids. */
  readonly stopped: Set<string>;
  /** Stretches of history that a person wants to have; the recovery sees to it. */
  readonly wanted: Window[];
  /** Violations that were seen on the way. */
  readonly found: string[];
  readonly say: (sentence: string) => void;
  readonly diary: readonly string[];
  readonly counts: () => Promise<Counted>;
  /** What the destination has, or had. */
  readonly items: () => Promise<readonly Item[]>;
  readonly apiOf: (api: StoryApi) => WireApiName;
  /** Faults of the wire from now on, in the place of those before. */
  readonly storm: (draw: Draw, apis: readonly StoryApi[]) => Promise<void>;
  readonly setWire: (faults: readonly WireFaultInput[]) => Promise<void>;
  /** One more, before the others. */
  readonly addWire: (fault: WireFaultInput) => Promise<void>;
  /** Rows arrive, at all pipelines; or something happens to what is enriched. */
  readonly happen: (times: number) => Promise<void>;
  /** Triggers a schedule; a run that is going already is as good. Null when Temporal did not take it. */
  readonly startSync: (pipeline: string) => Promise<string | null>;
  readonly startBackfill: (pipeline: string, span: Window) => Promise<string | null>;
  /** Waits until the run has ended, but no longer than so, and says whether it has. One that was never started has ended. */
  readonly hasEnded: (workflowId: string | null, longestMs: number) => Promise<boolean>;
}

export async function openWorld({ name, without, ...parts }: WorldParts): Promise<World> {
  const { draw, setup, temporal, ledgerUrl, disk } = parts;
  const begun = performance.now();
  const diary: string[] = [];
  const say = (sentence: string): void => {
    diary.push(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${sentence}`);
  };
  const stack = await startStack({
    address: temporal.address,
    ...(ledgerUrl === null ? {} : { ledgerUrl }),
    sandbox: ['--indicators', '0', '--seed', String(POLICY.seed), '--until-stdin-ends'],
    ...setup.stack,
  });
  if (setup.kind === THREATSTREAM) {
    await stack.control('PUT', '/faults', { threatstream: setup.appliance });
    say(`ThreatStream: ${JSON.stringify(setup.appliance)}`);
  }
  const files = setup.kind === FILE ? readerOf(join(stack.folder, 'files')) : null;
  const tip = files === null ? wireFault.parse({ api: setup.kind, kind: '500' }).api : null;
  const apiOf = (api: StoryApi): WireApiName => (api === 'tip' ? (tip ?? 'graph') : api);
  const pipelines = await openPipelines(stack, { name, draw, setup, disk });
  const counts = async (): Promise<Counted> =>
    counted.parse({ ...(await tipCounts(stack, setup.kind)), ...(await files?.counts()) });
  let wire: readonly WireFaultInput[] = [];
  const setWire = async (faults: readonly WireFaultInput[]): Promise<void> => {
    wire = faults;
    await stack.control('PUT', '/faults', { wire });
    for (const fault of faults) say(`wire: ${JSON.stringify(fault)}`);
  };
  const tryTo = async (what: string, start: () => Promise<string>): Promise<string | null> => {
    try {
      const workflowId = await start();
      say(`${what}: ${workflowId}`);
      return workflowId;
    } catch (error) {
      say(`${what} could not be started: ${sentenceOf(error)}`);
      return null;
    }
  };
  const troubles = new Tally();
  const observables =
    setup.enriches === null ? null : new Observables(draw.fork('observables'), stack, { ...setup.enriches, troubles });
  return {
    ...parts,
    stack,
    pipelines,
    observables,
    workers: new Workers(stack, setup.workers),
    troubles,
    stopped: new Set(),
    wanted: [],
    found: [],
    say,
    diary,
    counts,
    items: async () => files?.items() ?? items.parse(await stack.control('GET', `/tips/${setup.kind}/items`)),
    setWire,
    addWire: (fault) => setWire([fault, ...wire]),
    apiOf,
    storm: (own, apis) => {
      // What is drawn for a TIP is drawn alike, whichever it is.
      const wired = apis.filter((api) => api !== 'tip' || tip !== null);
      const drawn = wired.flatMap((api) => wireStorm(own.fork(api === 'tip' ? THREATSTREAM : api), apiOf(api)));
      if (observables !== null && apis.includes('tip')) drawn.unshift(...lostAcknowledgements(own.fork('writes')));
      return setWire(drawn.filter(({ kind }) => !without.has(kind)));
    },
    async happen(times) {
      if (observables !== null) return observables.happen(times);
      for (const { source } of pipelines) await source.happen(times);
    },
    startSync: (pipeline) => tryTo('a sync', async () => (await triggerSchedule(stack.temporal, pipeline)).workflowId),
    startBackfill: (pipeline, span) =>
      tryTo('a backfill', () =>
        startBackfill(stack.temporal, taskQueueOf(stack), { pipeline, ...span, windowMs: null }),
      ),
    async hasEnded(workflowId, longestMs) {
      if (workflowId === null) return true;
      const { client, connection } = stack.temporal;
      const result = connection.withDeadline(Date.now() + longestMs, () =>
        client.workflow.getHandle(workflowId).result(),
      );
      // How it ended is judged later.
      const ended = result.then(
        () => true,
        (error: unknown) => error instanceof WorkflowFailedError,
      );
      return Promise.race([ended, sleep(longestMs, false)]);
    },
  };
}
