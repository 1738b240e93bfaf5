import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noopMetricMeter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { sql } from 'kysely';
import { stringify } from 'yaml';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import type { Parts } from '../../activities/parts.ts';
import { resolveSecrets } from '../../config/resolve-secrets.ts';
import type { OwnItem } from '../../destinations/destination.ts';
import type { KINDS } from '../../destinations/kinds.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Observation } from '../../indicators/indicator.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { TipItem } from '../../sandbox/stand-in.ts';
import { createMetrics } from '../../worker/metrics.ts';
import { openParts } from '../../worker/open-parts.ts';
import { parsed } from '../config/small-config.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';

export type Kind = (typeof KINDS)[number];
type Patch = Parameters<Sandbox['setFaults']>[0];
export type WireFault = NonNullable<Patch['wire']>[number];

/** What its TIP has, by its own account. */
export interface Judge {
  items(): Promise<readonly TipItem[]>;
  counts(): Promise<{ readonly duplicates: number; readonly updates: number }>;
}

const PIPELINE = 'contract';
/** That a step fails is said by its outcome. */
const SILENT = new DefaultLogger('ERROR', () => undefined);
/** More than any story takes. */
const MOST_TRIES = 200;

/** A worker's parts with one pipeline to a kind of destination, wired as in a worker, against the sandbox. */
export async function openContractBench(
  kind: Kind,
  { ways = {}, judge: judgeOf }: { readonly ways?: object; readonly judge?: (folder: string) => Judge },
) {
  const folder = await mkdtemp(join(tmpdir(), `mdti-sync-contract-${kind.type}-`));
  const sandbox = await startSandbox({ indicators: 0 });
  const calm = new Map<string, unknown>(Object.entries(sandbox.faults())).get(kind.type);
  const access = new Map(Object.entries(sandbox.tipAccess)).get(kind.type) ?? { url: '', credentials: {} };
  const { destination, env } = kind.demo({ ...access, folder: join(folder, 'files') });
  const { tenantId, clientId, clientSecret, workspaceId } = sandbox.credentials;
  const text = stringify({
    ledger: { path: join(folder, 'ledger') },
    azure: {
      tenantId,
      clientId,
      credential: 'clientSecret',
      clientSecret: { env: 'AZURE_CLIENT_SECRET' },
      authorityHost: sandbox.urls.authority,
      instanceDiscovery: false,
    },
    network: { caFile: sandbox.caFile, timeout: '20s' },
    logAnalytics: { endpoint: sandbox.urls.logs },
    pipelines: { [PIPELINE]: { schedule: { every: '15m' }, source: { workspaceId }, destination } },
  });
  const secrets = { AZURE_CLIENT_SECRET: clientSecret, ...env };
  const resolved = await resolveSecrets(parsed(text).config, secrets, (path) => readFile(path, 'utf8'));
  if (!resolved.ok) throw new Error(resolved.problems.join(' '));
  const clock = { aheadMs: 0 };
  const now = (): Date => new Date(Date.now() + clock.aheadMs);
  const metrics = createMetrics(noopMetricMeter, [PIPELINE]);
  const { parts: opened, close } = await openParts(resolved.config, metrics, { now });
  const parts: Parts = { ...opened, waitInsideMs: 0 };
  const said: string[] = [];

  /** As the engine does, without its pauses; a step that needs a person gives its fault. */
  const step = async (act: typeof deliver | typeof confirm, windowId: number): Promise<Fault | null> => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const environment = new MockActivityEnvironment({ attempt: tries + 1 }, { logger: SILENT });
      try {
        await environment.run(async () => act(parts, { pipeline: PIPELINE, windowId, batch: 1 }));
        return null;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        said.push(error.message);
        if (error.kind !== 'Throttled' && error.kind !== 'Unavailable') return error;
        clock.aheadMs += error.retryAfterMs ?? 1_000;
      }
    }
    throw new Error(`It was not done after ${MOST_TRIES} tries: ${said.at(-1)}`);
  };
  const finish = async (windowId: number): Promise<Fault | null> =>
    (await step(deliver, windowId)) ?? (await step(confirm, windowId));
  const ofStandIn: Judge = {
    items: async () => tipOf(sandbox, kind)?.items() ?? [],
    counts: async () => tipOf(sandbox, kind)?.counts() ?? { duplicates: 0, updates: 0 },
  };
  const judge = judgeOf?.(join(folder, 'files')) ?? ofStandIn;
  return {
    sandbox,
    judge,
    /** All that was said of what did not go on. */
    said,
    secrets: Object.values(secrets),
    finish,
    /** Reads rows in a window of their own, decides, delivers and confirms; returns the window, and what stopped it. */
    async bring(...rows: readonly Observation[]): Promise<{ readonly windowId: number; readonly fault: Fault | null }> {
      const windowId = await readWindow(parts.ledger, PIPELINE, rows, now());
      await decideWindow(parts.ledger, windowId);
      return { windowId, fault: await finish(windowId) };
    },
    /** Faults of the TIP, and of the wire to it; none others. */
    setFaults(own: object, wire: readonly Omit<WireFault, 'api'>[] = []): void {
      sandbox.setFaults({
        [kind.type]: { ...Object(calm), ...ways, ...own },
        wire: wire.map((fault) => ({ ...fault, api: wireName(sandbox, kind) })),
      });
    },
    /** The states of values in the ledger, and why. */
    async standing(...values: readonly string[]): Promise<Readonly<Record<string, string>>> {
      const { rows } = await sql<{ value: string; state: string; reason: string | null }>`
        select i.value, d.state, coalesce(s.reason, d.reason) as reason from deliveries d join indicators i on i.id = d.indicator_id
        left join set_aside s on s.indicator_id = i.id`.execute(parts.ledger);
      const of = new Map(rows.map(({ value, state, reason }) => [value, { state, reason }]));
      for (const { reason } of rows) if (reason !== null) said.push(reason);
      return Object.fromEntries(values.map((value) => [value, of.get(value)?.state ?? 'unknown']));
    },
    /** Everything that the destination says is ours. */
    async own(): Promise<readonly OwnItem[]> {
      const pages = parts.pipeline(PIPELINE).destination.own?.(AbortSignal.timeout(60_000));
      if (pages === undefined) throw new Error(`${kind.type} cannot list what is ours.`);
      return new MockActivityEnvironment({}, { logger: SILENT }).run(async () => {
        const all: OwnItem[] = [];
        for await (const page of pages) all.push(...page);
        return all;
      });
    },
    async close(): Promise<void> {
      await close();
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type ContractBench = Awaited<ReturnType<typeof openContractBench>>;

function tipOf({ tips }: Sandbox, kind: Kind) {
  return Object.entries(tips).find(([name]) => name === kind.type)?.[1];
}

function wireName({ tips }: Sandbox, kind: Kind): WireFault['api'] {
  for (const name of namesOf(tips)) if (name === kind.type) return name;
  throw new Error(`The sandbox has no stand-in for ${kind.type}.`);
}

function namesOf(tips: Sandbox['tips']): readonly (keyof Sandbox['tips'])[] {
  const names: (keyof Sandbox['tips'])[] = [];
  for (const name in tips) if (isName(tips, name)) names.push(name);
  return names;
}

function isName(tips: Sandbox['tips'], name: string): name is keyof Sandbox['tips'] {
  return name in tips;
}
