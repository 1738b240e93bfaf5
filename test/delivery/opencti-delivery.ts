import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Observation } from '../../indicators/indicator.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { partsWith } from '../activities/parts.ts';
import { later, pushesOf, startOpenCti } from '../destinations/opencti-bench.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';
import { patiently } from './delivery.ts';

/** That a step fails is said by its outcome. */
const SILENT = new DefaultLogger('ERROR', () => undefined);

let pipelines = 0;

/** The steps of a delivery at work on a ledger and the stand-in of OpenCTI. A step that fails gives the class of its fault. */
export async function startOpenCtiDelivery(ledger: LedgerDb, ...how: Parameters<typeof startOpenCti>) {
  const bench = await startOpenCti(...how);
  pipelines += 1;
  const name = `opencti${pipelines}`;
  const parts = partsWith(ledger, { name, destination: bench.opencti }, { now: () => bench.clock.at });
  let refused: Fault | null = null;
  const stepOf =
    <T>(step: (of: typeof parts, input: Parameters<typeof deliver>[1]) => Promise<T>) =>
    async (windowId: number): Promise<T | Fault['kind']> => {
      const environment = new MockActivityEnvironment({}, { logger: SILENT });
      try {
        return await environment.run(() => step(parts, { pipeline: name, windowId, batch: 1 }));
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        refused = error;
        return error.kind;
      }
    };
  const steps = { deliver: stepOf(deliver), confirm: stepOf(confirm) };
  return {
    ...steps,
    bench,
    /** What the last step that failed said. */
    refusal: () => refused?.message ?? '',
    later: (ms: number) => later(bench, ms),
    counts: () => bench.tip.tip.counts(),
    pushes: () => pushesOf(bench).length,
    bring: async (...rows: readonly Observation[]): Promise<number> => {
      const windowId = await readWindow(ledger, name, rows, bench.clock.at);
      await decideWindow(ledger, windowId);
      return windowId;
    },
    /** Delivers and confirms, as the engine does, without its pauses. */
    finish: async (windowId: number): Promise<unknown> => {
      const delivered = await patiently(() => steps.deliver(windowId));
      return typeof delivered === 'string' ? delivered : patiently(() => steps.confirm(windowId));
    },
  };
}
