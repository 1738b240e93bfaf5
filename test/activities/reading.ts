import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { onTestFinished } from 'vitest';
import { closeWindow } from '../../activities/close-window.ts';
import { extract } from '../../activities/extract.ts';
import type { Pipeline } from '../../activities/parts.ts';
import { plan } from '../../activities/plan.ts';
import { readWindow } from '../../activities/read-window.ts';
import { createAzureCredential } from '../../azure/azure-credential.ts';
import type { Counts } from '../../indicators/counts.ts';
import { Fault } from '../../indicators/fault.ts';
import { halve } from '../../indicators/slicing.ts';
import type { Window } from '../../indicators/window.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { createLogsClient } from '../../sentinel/logs-client.ts';
import { createSentinelReader } from '../../sentinel/logs-reader.ts';
import type { SentinelReader } from '../../sentinel/sentinel-reader.ts';
import { readingTogether } from '../../worker/reading-together.ts';
import { RUN } from '../ledger/run.ts';
import { recordedPace } from '../rates/recorded-pace.ts';
import { partsWith } from './parts.ts';

type LogsFaults = Parameters<Sandbox['setFaults']>[0]['logs'];

const MINUTE = 60_000;
/**
 * When every reading begins: windows are cut at full hours and days, so that what a run has of them would hang on the hour in which
 * the test runs.
 */
export const BEGUN = Date.parse('2026-03-18T12:30:00Z');
/** That a step fails is said by its outcome. */
const SILENT = new DefaultLogger('ERROR', () => undefined);

let pipelines = 0;
/**
 * The steps that read, at work on a ledger and the sandbox, in the order in which the workflows have them. Whatever is read is
 * excluded, so that a window has nothing to deliver. Time passes only when it is told to, for the worker and for the service alike.
 */
export async function startReading(
  ledger: LedgerDb,
  settings: Partial<Pipeline> = {},
  /** For what no service does of itself. */
  instead: (reader: SentinelReader) => Partial<SentinelReader> = () => ({}),
  /** The largest answer that is read. */
  maxReply?: number,
  /** How long a step waits for another pipeline before it is tried again. */
  waitInsideMs = 0,
) {
  const sandbox = await startSandbox({ indicators: 0, limits: { logsPer30s: 100_000 } });
  const { urls, ca, credentials } = sandbox;
  const credential = createAzureCredential(
    {
      tenantId: credentials.tenantId,
      clientId: credentials.clientId,
      credential: { type: 'clientSecret', clientSecret: credentials.clientSecret },
      authorityHost: urls.authority,
      instanceDiscovery: false,
    },
    { ca },
  );
  const client = createLogsClient(
    { endpoint: urls.logs, ca, serverTimeoutSeconds: 60, ...(maxReply === undefined ? {} : { maxReply }) },
    { credential, pace: recordedPace() },
  );
  const reader = createSentinelReader(client, 20_000);
  onTestFinished(async () => {
    await Promise.all([reader.close(), credential.close()]);
    await sandbox.close();
  });
  /** How far the worker's clock is ahead of the service's, and both of this machine's. */
  const clock = { aheadMs: 0, passedMs: BEGUN - Date.now() };
  sandbox.setFaults({ logs: { clockAheadMs: clock.passedMs } });
  const now = (): Date => new Date(Date.now() + clock.passedMs + clock.aheadMs);
  const source: Pipeline['source'] = {
    workspaceId: credentials.workspaceId,
    table: 'ThreatIntelIndicators',
    sourceSystems: ['Microsoft Defender Threat Intelligence'],
    latenessMs: 30 * 86_400_000,
  };
  const opened: Map<string, Pipeline> = new Map();
  const open = (of: Partial<Pipeline>, readerOf: (reader: SentinelReader) => Partial<SentinelReader>) => {
    pipelines += 1;
    const name = `read${pipelines}`;
    const whole = partsWith(ledger, {
      name,
      source,
      since: () => new Date(BEGUN - 60 * MINUTE),
      windowMs: 24 * 60 * MINUTE,
      sliceRows: 18_000,
      halveAfterMs: 2 * MINUTE,
      warnAfterEmptyWindows: 1_000,
      exclude: () => 'expired',
      reader: { ...reader, ...readerOf(reader) },
      ...of,
    }).pipeline('');
    opened.set(name, whole);
    return whole;
  };
  const first = open(settings, instead);
  const parts = {
    ...partsWith(ledger, first, { now, waitInsideMs }),
    // As a worker opens them.
    pipeline(name: string): Pipeline {
      const found = opened.get(name) ?? first;
      return { ...found, readsWith: readingTogether(found, [...opened.values()]) };
    },
  };
  const later = (ms: number): void => {
    clock.passedMs += ms;
    sandbox.setFaults({ logs: { clockAheadMs: clock.passedMs } });
  };

  const once = <T>(step: () => Promise<T>): Promise<T> => new MockActivityEnvironment({}, { logger: SILENT }).run(step);

  /** As the engine does: for as long as it takes, a minute between two tries. */
  const tried = async <T>(step: () => Promise<T>, onTry: (failed: number) => void): Promise<T> => {
    for (let failed = 1; ; failed += 1) {
      try {
        return await once(step);
      } catch (error) {
        if (!(error instanceof Fault) || !isRetried(error) || failed > 100) throw error;
        later(error.retryAfterMs ?? MINUTE);
        onTry(failed);
      }
    }
  };

  /** One run, to its end: its counts, and why windows were left open. `onTry` hears of each try that failed. */
  let runs = 0;
  const runAs = async (
    pipeline: Pipeline,
    kind: { readonly kind: 'live' } | ({ readonly kind: 'backfill'; readonly windowMs: null } & Window),
    onTry: (failed: number) => void = () => undefined,
  ): Promise<{ closed: readonly Counts[]; failures: readonly string[]; tries: number }> => {
    const ref = { pipeline: pipeline.name };
    const closed: Counts[] = [];
    const failures: string[] = [];
    let tries = 0;
    runs += 1;
    const count = (): void => onTry((tries += 1));
    const planned = await tried(
      () => plan(parts, { ...ref, ...kind, limit: 100, owner: { ...RUN, runId: `run ${runs}` } }),
      count,
    );
    if (planned.closed !== null) closed.push(planned.closed);
    for (const { id, slices } of planned.windows) {
      const window = { ...ref, windowId: id };
      try {
        const reading =
          slices === undefined
            ? await tried(() => readWindow(parts, window), count)
            : { kind: 'open' as const, slices };
        if (reading.kind === 'closed') {
          closed.push(reading.counts);
          continue;
        }
        const waiting = [...reading.slices];
        for (let slice = waiting.shift(); slice !== undefined; slice = waiting.shift()) {
          const one = slice;
          try {
            await tried(() => extract(parts, { ...window, slice: one }), count);
          } catch (error) {
            const halves = error instanceof Fault && error.kind === 'TooLarge' ? halve(one) : null;
            if (halves === null) throw error;
            waiting.push(...halves);
          }
        }
        closed.push(await closeWindow(parts, { ...window, failure: null }));
      } catch (error) {
        const failure = error instanceof Error ? error.message : String(error);
        await closeWindow(parts, { ...window, failure });
        failures.push(failure);
      }
    }
    return { closed, failures, tries };
  };

  const of = (pipeline: Pipeline) => ({
    pipeline,
    /** A live run. */
    run: (onTry?: (failed: number) => void) => runAs(pipeline, { kind: 'live' }, onTry),
    /** Of the hours that no live run has asked for. */
    backfill: () =>
      runAs(pipeline, {
        kind: 'backfill',
        windowMs: null,
        from: new Date(BEGUN - 180 * MINUTE).toISOString(),
        to: new Date(BEGUN - 120 * MINUTE).toISOString(),
      }),
    /** The names of what was read. */
    async slices(): Promise<readonly string[]> {
      const read = ledger.selectFrom('slices').innerJoin('windows', 'windows.id', 'slices.window_id');
      const rows = await read.select('name').where('pipeline', '=', pipeline.name).orderBy('name').execute();
      return rows.map(({ name }) => name);
    },
    /** How many rows are known, how many are in quarantine, and how the windows stand. */
    async known() {
      const rowsOf = async (table: 'indicators' | 'quarantine'): Promise<number> =>
        (await ledger.selectFrom(table).select('id').where('pipeline', '=', pipeline.name).execute()).length;
      const windows = await ledger
        .selectFrom('windows')
        .select('state')
        .where('pipeline', '=', pipeline.name)
        .execute();
      return {
        indicators: await rowsOf('indicators'),
        quarantined: await rowsOf('quarantine'),
        windows: windows.map(({ state }) => state),
      };
    },
  });

  return {
    ...of(first),
    sandbox,
    parts,
    clock,
    later,
    step: once,
    /** Another pipeline at work on the same workspace. */
    beside: (own: Partial<Pipeline> = {}, readerOf: (reader: SentinelReader) => Partial<SentinelReader> = () => ({})) =>
      of(open(own, readerOf)),
    fault: (logs: LogsFaults) => sandbox.setFaults({ logs: logs ?? {} }),
    /** So many rows come in, each of its own value; their values. */
    arrive: (rows: number): readonly string[] => {
      const values = Array.from({ length: rows }, (_, row) => `host${row}.example.com`);
      sandbox.arrive(
        values.map((value) => ({
          Id: `id of ${value}`,
          ObservableKey: 'domain-name:value',
          ObservableValue: value,
          Pattern: `[domain-name:value = '${value}']`,
        })),
      );
      later(1_000);
      return values;
    },
  };
}

/** By the engine, without a word from the workflow. */
function isRetried({ kind }: Fault): boolean {
  return kind === 'Unavailable' || kind === 'Throttled';
}
