import { continueAsNew } from '@temporalio/workflow';
import type { Counts } from '../indicators/counts.ts';
import { LIVE_PRIORITY } from './priorities.ts';
import { plan } from './proxies.ts';
import { type Carried, runWindows } from './window-runs.ts';

export interface SyncInput {
  readonly pipeline: string;
  readonly carried?: Carried;
}

/** One window delivers while the next is read. */
const WINDOWS_AT_ONCE = 2;
const WINDOWS_A_RUN = 100;

/**
 * One scheduled run: reads every window that coverage is missing and that no other run is at work on, and says what became of each
 * row.
 */
export async function sync({ pipeline, carried }: SyncInput): Promise<Counts> {
  const end = await runWindows({
    pipeline,
    called: 'sync',
    width: WINDOWS_AT_ONCE,
    priorityKey: LIVE_PRIORITY,
    plan: (owner) =>
      plan.executeWithOptions({ summary: 'ask coverage what is missing; read a lone window' }, [
        { kind: 'live', pipeline, owner, limit: WINDOWS_A_RUN },
      ]),
    // The next run does what another one leaves undone, and what is new must not wait for that.
    waitsForOthers: false,
    carried: carried ?? null,
    shown: carried === undefined ? null : 'running',
  });
  return end.kind === 'finished' ? end.counts : continueAsNew<typeof sync>({ pipeline, carried: end.carried });
}
