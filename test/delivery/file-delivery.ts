import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import type { Destination, Send } from '../../destinations/destination.ts';
import type { FileSettings } from '../../destinations/file/file-settings.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Observation } from '../../indicators/indicator.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { partsWith } from '../activities/parts.ts';
import { emptyFolder, filesIn } from '../destinations/drop-folder.ts';
import { decideWindow, NOW, readWindow } from '../ledger/decided-window.ts';

/** Of the next file nobody is told that it was written: it was not, or it was. */
type Lost = 'before' | 'after' | null;

let pipelines = 0;
/** The steps of a delivery at work on a ledger and a folder. A step that fails gives the class of its fault. */
export async function startFileDelivery(ledger: LedgerDb, settings: Partial<FileSettings> = {}) {
  pipelines += 1;
  const name = `files${pipelines}`;
  const folder = await emptyFolder();
  const trouble: { lost: Lost; taken: () => Promise<void> } = { lost: null, taken: async () => undefined };
  const files = filesIn(folder, settings, { pipeline: name });
  const losing =
    (send: Send): Send =>
    async (shipment, signal, leaving) => {
      const { lost } = trouble;
      trouble.lost = null;
      if (lost === 'before') await leaving?.();
      const receipt = lost === 'before' ? {} : await send(shipment, signal, leaving);
      await trouble.taken();
      if (lost !== null) throw new Fault('Unavailable', 'Nobody was told.');
      return receipt;
    };
  const destination: Destination = { ...files, bring: losing(files.bring), change: losing(files.change) };
  const parts = partsWith(ledger, { name, destination }, { now: () => NOW });
  const logger = new DefaultLogger('ERROR', () => undefined);
  const step =
    <T>(work: (p: typeof parts, input: Parameters<typeof deliver>[1]) => Promise<T>) =>
    async (windowId: number): Promise<T | Fault['kind']> => {
      try {
        const environment = new MockActivityEnvironment({}, { logger });
        return await environment.run(() => work(parts, { pipeline: name, windowId, batch: 1 }));
      } catch (error) {
        if (error instanceof Fault) return error.kind;
        throw error;
      }
    };
  const steps = { deliver: step(deliver), confirm: step(confirm) };
  const decided = async (rows: readonly Observation[]): Promise<number> => {
    const windowId = await readWindow(ledger, name, rows);
    await decideWindow(ledger, windowId);
    return windowId;
  };
  return {
    ...steps,
    name,
    folder,
    trouble,
    decided: (...rows: readonly Observation[]) => decided(rows),
    /** Reads rows in a window of their own, decides, delivers and confirms them; says what was delivered, and what came of it. */
    bring: async (...rows: readonly Observation[]) => {
      const windowId = await decided(rows);
      return { delivered: await steps.deliver(windowId), confirmed: await steps.confirm(windowId) };
    },
  };
}
