import type { Parts, Pipeline } from '../../activities/parts.ts';
import { Fault } from '../../indicators/fault.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { POLICY } from '../indicators/arbitraries.ts';

const unused = (): never => {
  throw new Error('These steps do not ask for this.');
};

let markers = 0;
/** Parts with one pipeline, of which all that is not given fails when it is asked for. */
export function partsWith(
  ledger: LedgerDb,
  pipeline: Pick<Pipeline, 'name'> & Partial<Pipeline>,
  parts: Partial<Parts> = {},
): Parts {
  const whole: Pipeline = {
    source: { workspaceId: '', table: 'ThreatIntelIndicators', sourceSystems: [], latenessMs: 0 },
    since: unused,
    settleMs: 0,
    overlapMs: 0,
    windowMs: 0,
    sliceRows: 0,
    halveAfterMs: 0,
    warnAfterEmptyWindows: 0,
    batchSize: 1_000,
    lanes: 1,
    gatherMs: 0,
    policy: POLICY,
    retractBelow: 50,
    bringRefused: 'rise',
    exclude: unused,
    entryBehind: () => null,
    staleLists: () => [],
    reader: { count: unused, estimate: unused, read: unused, close: unused },
    destination: {
      describe: 'unused',
      requestsFor: unused,
      render: unused,
      plan: unused,
      bring: unused,
      change: unused,
      find: unused,
      confirm: unused,
      withdraw: unused,
    },
    destinationKind: 'threatstream',
    destinationPerSecond: 1,
    sharing: [],
    readsWith: [],
    ...pipeline,
  };
  return {
    ledger,
    pipeline: () => whole,
    enriched() {
      throw new Fault('Refused', 'There is none that enriches.');
    },
    reputations: { hostsPerCall: 1, lookUp: unused, probe: unused },
    reputationTtlMs: { scored: 0, none: 0 },
    lookUpConcurrency: 1,
    perSecond: { logAnalytics: 1, mdti: 1 },
    now: () => new Date(),
    // The engine's part is the test's own.
    waitInsideMs: 0,
    newShipmentName: (of) => `mdti-sync:${of.replaceAll(' ', '-')}:${++markers}`,
    telemetry: {
      extracted: () => undefined,
      lookedUp: () => undefined,
      decided: () => undefined,
      settled: () => undefined,
    },
    ...parts,
  };
}
