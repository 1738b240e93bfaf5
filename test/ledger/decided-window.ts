import type { SliceCounts } from '../../indicators/counts.ts';
import type { Observation } from '../../indicators/indicator.ts';
import { formBatches, undecidedItems, writeDecisions } from '../../ledger/batches.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { recordSlice, type SliceRecord } from '../../ledger/record-slice.ts';
import { takeUpSetAside } from '../../ledger/set-aside.ts';
import { claimWindow } from '../../ledger/window-owners.ts';
import { planWindows } from '../../ledger/windows.ts';
import { RUN } from './run.ts';

export const NOW = new Date('2026-11-24T12:00:00Z');

let hours = 0;
/** Reads a window of its own, and forms its batch: number 1. */
export async function readWindow(
  ledger: LedgerDb,
  pipeline: string,
  observations: readonly Observation[],
  now = NOW,
): Promise<number> {
  hours += 1;
  const [from, to] = [hours, hours + 1].map((hour) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString());
  const planned = await planWindows(ledger, {
    pipeline,
    kind: 'live',
    owner: RUN,
    span: { from: from ?? '', to: to ?? '' },
    windowMs: 3_600_000,
    overlapMs: 0,
    limit: 1,
    now: NOW,
  });
  const windowId = planned.windows[0]?.id ?? 0;
  await claimWindow(ledger, windowId, RUN);
  await readRows(ledger, { pipeline, windowId, slice: '0/1', observations });
  await takeUpSetAside(ledger, windowId, now);
  await formBatches(ledger, windowId, 1_000);
  return windowId;
}

/** Reads rows into a window; what has ended is excluded. */
export function readRows(
  ledger: LedgerDb,
  read: Pick<SliceRecord, 'pipeline' | 'windowId' | 'slice' | 'observations'>,
): Promise<SliceCounts> {
  return recordSlice(ledger, { ...read, malformed: [], exclude: ({ facts }) => facts.ended, now: NOW });
}

/** Decides its batch: what is not excluded is delivered. */
export async function decideWindow(ledger: LedgerDb, windowId: number, batch = 1): Promise<void> {
  const items = await undecidedItems(ledger, windowId, { batch });
  await writeDecisions(
    ledger,
    windowId,
    items.map(({ id, exclusion }) => ({
      id,
      decision:
        exclusion === null
          ? { kind: 'deliver', reason: 'score-at-or-above-minimum', score: 90 }
          : { kind: 'exclude', reason: exclusion, score: null },
    })),
  );
}
