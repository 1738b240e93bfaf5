import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import type { Parts, Pipeline } from '../../activities/parts.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Facts, Observation } from '../../indicators/indicator.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { type Approval, type Bench, startBench } from '../destinations/threatstream-sandbox.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';
import { observation } from '../ledger/observation.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

/** That a step fails is said by its outcome. */
const SILENT = new DefaultLogger('ERROR', () => undefined);

/** What no step of a delivery needs. */
const unused = (): never => {
  throw new Error('A delivery does not ask for this.');
};

let markers = 0;
/** The steps of a delivery at work on a ledger and the sandbox, one after the other. */
function stepsOf({ threatstream, clock }: Bench, name: string) {
  const pipeline: Pipeline = {
    name,
    source: { workspaceId: '', table: 'ThreatIntelIndicators', sourceSystems: [], latenessMs: 0 },
    since: unused,
    settleMs: 0,
    overlapMs: 0,
    windowMs: 0,
    sliceRows: 0,
    warnAfterEmptyWindows: 0,
    batchSize: 1_000,
    lanes: 1,
    policy: {
      minimumScore: 50,
      withoutReputation: { hash: 'deliver', url: 'deliver', email: 'deliver', host: 'deliver' },
      exclude: { reservedAddresses: false, cidrs: [], domains: [] },
      tlpCeiling: 'red',
      tlpDefault: 'clear',
    },
    retractBelow: 50,
    exclude: unused,
    reader: { count: unused, estimate: unused, read: unused, close: unused },
    destination: threatstream,
    destinationPerSecond: 1,
  };
  const parts: Parts = {
    ledger,
    pipeline: () => pipeline,
    reputations: { hostsPerCall: 1, lookUp: unused },
    reputationTtlMs: { scored: 0, none: 0 },
    lookUpConcurrency: 1,
    perSecond: { logAnalytics: 1, mdti: 1 },
    now: () => clock.at,
    newMarker: (of) => `mdti-sync:${of}:${++markers}`,
    telemetry: { extracted: unused, lookedUp: unused, decided: unused, settled: () => undefined },
  };
  const run =
    <T>(step: (parts: Parts, input: Parameters<typeof deliver>[1]) => Promise<T>) =>
    async (windowId: number): Promise<T | Fault['kind']> => {
      try {
        return await new MockActivityEnvironment({}, { logger: SILENT }).run(() =>
          step(parts, { pipeline: name, windowId, batch: 1 }),
        );
      } catch (error) {
        if (error instanceof Fault) return error.kind;
        throw error;
      }
    };
  return { deliver: run(deliver), confirm: run(confirm) };
}

const WAYS: readonly Approval[] = ['required', 'bypass'];
/** The same row, edited that many times. */
const edited = (edit: number, facts: Partial<Facts> = {}, value = 'a.example.com'): Observation =>
  observation(value, { time: `2026-11-0${edit}T00:00:00.0000000Z`, facts });

describe.each(WAYS)('with approval %s', (approval) => {
  test('an indicator that changes between its planning and its sending is sent once', async () => {
    const name = `planned-${approval}`;
    const bench = await startBench(approval, {}, { everyNth429: 1, polls: 0 });
    const steps = stepsOf(bench, name);
    const first = await readWindow(ledger, name, [edited(1), observation('b.example.com')]);
    await decideWindow(ledger, first);
    expect(await steps.deliver(first)).toBe('Throttled');
    const second = await readWindow(ledger, name, [edited(2, { confidence: 95 })]);
    await decideWindow(ledger, second);

    bench.sandbox.setFaults({ threatstream: { everyNth429: 0 } });
    await steps.deliver(first);
    await steps.confirm(first);
    expect(await steps.deliver(second)).toMatchObject({ requests: 0, confirmed: 1 });
    expect(bench.sandbox.counts()).toMatchObject({ holds: 2, duplicates: 0, updates: 0 });
  });

  test('one that changes back to what is held before it is sent is not sent again', async () => {
    const name = `back-${approval}`;
    const bench = await startBench(approval, {}, { polls: 0 });
    const steps = stepsOf(bench, name);
    const first = await readWindow(ledger, name, [edited(1)]);
    await decideWindow(ledger, first);
    await steps.deliver(first);
    await steps.confirm(first);
    const second = await readWindow(ledger, name, [edited(2, { confidence: 95 })]);
    await decideWindow(ledger, second);
    bench.sandbox.setFaults({ threatstream: { everyNth429: 1 } });
    expect(await steps.deliver(second)).toBe('Throttled');
    const third = await readWindow(ledger, name, [edited(3)]);
    await decideWindow(ledger, third);

    bench.sandbox.setFaults({ threatstream: { everyNth429: 0 } });
    expect(await steps.deliver(second)).toMatchObject({ requests: 0, confirmed: 1 });
    expect(await steps.deliver(third)).toMatchObject({ requests: 0, confirmed: 1 });
    expect(bench.sandbox.counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 0 });
  });

  test('a request that was sent again and lost again has as long to turn up as the first', async () => {
    const name = `again-${approval}`;
    const bench = await startBench(approval, { lostAckGraceMs: 60_000 }, { lostRequests: 1 });
    const steps = stepsOf(bench, name);
    const window = await readWindow(ledger, name, [edited(1)]);
    await decideWindow(ledger, window);
    expect(await steps.deliver(window)).toBe('Unavailable');
    bench.clock.at = new Date(bench.clock.at.getTime() + 61_000);
    expect(await steps.deliver(window)).toBe('Unavailable');
    const sent = submissions(bench);
    expect(sent).toBe(2);
    expect(await steps.deliver(window)).toBe('Unavailable');
    expect(submissions(bench)).toBe(sent);
  });

  test('a request that waited for its turn has as long to turn up as one that did not', async () => {
    const name = `paced-${approval}`;
    const bench = await startBench(approval, { lostAckGraceMs: 10_000 }, { lostRequests: 1 });
    const steps = stepsOf(bench, name);
    const window = await readWindow(ledger, name, [edited(1)]);
    await decideWindow(ledger, window);
    bench.pace.waitMs = 15_000;
    expect(await steps.deliver(window)).toBe('Unavailable');
    bench.pace.waitMs = 0;
    expect(await steps.deliver(window)).toBe('Unavailable');
    expect(submissions(bench)).toBe(1);
  });

  test('two batches that are each on their way with what the other one waits for both come to an end', async () => {
    const name = `crossed-${approval}`;
    const bench = await startBench(approval, {}, { polls: 3 });
    const steps = stepsOf(bench, name);
    const read = async (edit: number, ...values: readonly string[]): Promise<number> => {
      const rows = values.map((value) => edited(edit, { confidence: 50 + 10 * edit }, value));
      const windowId = await readWindow(ledger, name, rows);
      await decideWindow(ledger, windowId);
      return windowId;
    };
    const before = await read(1, 'b.example.com');
    expect(await steps.deliver(before)).toMatchObject({ requests: 1 });
    const one = await read(2, 'a.example.com', 'b.example.com');
    expect(await steps.deliver(one)).toBe('Throttled');
    await patiently(() => steps.confirm(before));
    const two = await read(3, 'a.example.com', 'b.example.com');
    expect(await steps.deliver(two)).toBe('Throttled');

    const goOn = async (windowId: number): ReturnType<typeof steps.confirm> => {
      const delivered = await steps.deliver(windowId);
      return delivered === 'Throttled' ? delivered : steps.confirm(windowId);
    };
    const ends = await patiently(async () => {
      const both = [await goOn(one), await goOn(two)];
      return both.includes('Throttled') ? 'Throttled' : both;
    });
    expect(ends).toMatchObject([{ confirmed: 2 }, { confirmed: 2 }]);
    expect(bench.sandbox.counts()).toMatchObject({ holds: 2, duplicates: 0 });
  });

  describe('when an update is rejected, what was held before is held still', () => {
    const held = async (name: string) => {
      const bench = await startBench(approval, { confirmForMs: 0 }, { polls: 0 });
      const steps = stepsOf(bench, name);
      const bring = async (row: Observation) => {
        const windowId = await readWindow(ledger, name, [row]);
        await decideWindow(ledger, windowId);
        const { requests } = z.object({ requests: z.number() }).parse(await steps.deliver(windowId));
        const tally = await steps.confirm(windowId);
        return { requests, tally };
      };
      expect(await bring(edited(1))).toMatchObject({ tally: { confirmed: 1 } });
      bench.sandbox.setFaults({ threatstream: { rejectValues: ['a.example.com'] } });
      expect(await bring(edited(2, { confidence: 95 }))).toMatchObject({ tally: { rejected: 1 } });
      bench.sandbox.setFaults({ threatstream: { rejectValues: [] } });
      return { bench, bring };
    };

    test('and is not sent again when it is said again', async () => {
      const { bench, bring } = await held(`said-again-${approval}`);
      expect(await bring(edited(3))).toMatchObject({ requests: 0, tally: { confirmed: 1 } });
      expect(bench.sandbox.counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 0 });
      expect(await bring(edited(4, { confidence: 95 }))).toMatchObject({ requests: 1, tally: { confirmed: 1 } });
      expect(bench.sandbox.counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 1 });
    });

    test('and is withdrawn when it is revoked', async () => {
      const { bench, bring } = await held(`revoked-${approval}`);
      expect(await bring(edited(3, { ended: 'revoked' }))).toMatchObject({ tally: { retracted: 1 } });
      expect(bench.sandbox.counts()).toMatchObject({ holds: 0, retracted: 1 });
    });
  });
});

/** Tries a step as long as it has to wait, without the engine's pauses. */
async function patiently<T>(step: () => Promise<T>): Promise<T> {
  let outcome = await step();
  for (let attempt = 1; outcome === 'Throttled' && attempt < 20; attempt += 1) outcome = await step();
  return outcome;
}

/** Requests that brought indicators. */
function submissions({ requests }: Bench): number {
  return requests.filter(({ method }) => method !== 'GET').length;
}
