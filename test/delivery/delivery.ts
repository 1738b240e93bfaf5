import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import type { Parts, Pipeline } from '../../activities/parts.ts';
import type { Destination, Shipment } from '../../destinations/destination.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Facts, Observation } from '../../indicators/indicator.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { partsWith } from '../activities/parts.ts';
import { type Approval, type Bench, startBench } from '../destinations/threatstream-sandbox.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';
import { observation } from '../ledger/observation.ts';

/** Import sessions, and direct writes. */
export const WAYS: readonly Approval[] = ['required', 'bypass'];

/** The same row, edited that many times. */
export function edited(edit: number, facts: Partial<Facts> = {}, value = 'a.example.com'): Observation {
  return observation(value, { time: `2026-11-0${edit}T00:00:00.0000000Z`, facts });
}

/** That a step fails is said by its outcome. */
const SILENT = new DefaultLogger('ERROR', () => undefined);

let pipelines = 0;
/** The steps of a delivery at work on a ledger and the sandbox. A step that fails gives the class of its fault. */
export async function startDelivery(
  ledger: LedgerDb,
  approval: Approval,
  settings: Parameters<typeof startBench>[1] = {},
  faults: Parameters<typeof startBench>[2] = {},
  /** Another pipeline that delivers to the same organisation. */
  beside?: { readonly name: string; readonly bench: Bench; readonly sharing: string[] },
) {
  const bench = await startBench(approval, settings, faults, beside?.bench);
  pipelines += 1;
  const name = `pipeline${pipelines}`;
  const sharing: string[] = [];
  const troubles: Troubles = {};
  if (beside !== undefined) {
    sharing.push(beside.name);
    beside.sharing.push(name);
  }
  const parts = partsOf(ledger, name, bench, { sharing, destination: troubled(bench.threatstream, troubles) });
  let refused: Fault | null = null;
  const stepOf =
    <T>(step: (parts: Parts, input: Parameters<typeof deliver>[1]) => Promise<T>) =>
    async (windowId: number, batch = 1): Promise<T | Fault['kind']> => {
      const environment = new MockActivityEnvironment({}, { logger: SILENT });
      try {
        return await environment.run(() => step(parts, { pipeline: name, windowId, batch }));
      } catch (error) {
        if (error instanceof Fault) {
          refused = error;
          return error.kind;
        }
        throw error;
      }
    };
  const steps = { deliver: stepOf(deliver), confirm: stepOf(confirm) };
  return {
    ...steps,
    name,
    sharing,
    bench,
    troubles,
    /** What the last step that failed said. */
    refusal: () => refused?.message ?? '',
    /** For how long it is to be let be, and whether the settings say so and no API. */
    wait: () => ({ ms: refused?.retryAfterMs, isOurs: refused?.isOurs }),
    later: (ms: number): void => {
      bench.clock.at = new Date(bench.clock.at.getTime() + ms);
    },
    setFaults: (threatstream: Parameters<typeof startBench>[2]) =>
      bench.sandbox.setFaults({ threatstream: threatstream ?? {} }),
    counts: () => bench.sandbox.tips.threatstream.counts(),
    /** Requests that brought indicators. */
    submissions: () =>
      bench.requests
        .filter(({ url }) => /\/intelligence\/(?:import\/)?$/.test(new URL(url).pathname))
        .filter(({ method }) => method !== 'GET').length,
    /** Reads rows in a window of their own, and decides them. */
    bring: async (...rows: readonly Observation[]): Promise<number> => {
      const windowId = await readWindow(ledger, name, rows, bench.clock.at);
      await decideWindow(ledger, windowId);
      return windowId;
    },
    /** Delivers and confirms, as the engine does, without its pauses. */
    finish: async (windowId: number, batch = 1): Promise<unknown> => {
      await patiently(() => steps.deliver(windowId, batch));
      return patiently(() => steps.confirm(windowId, batch));
    },
  };
}

/** Of which shipments nobody is told what became of them. */
interface Troubles {
  find?: (shipment: Shipment) => boolean;
  confirm?: (shipment: Shipment) => boolean;
}

/** A destination that fails for some shipments alone, as ThreatStream does for a session of its own. */
function troubled(destination: Destination, troubles: Troubles): Destination {
  const fail = (): never => {
    throw new Fault('Unavailable', 'ThreatStream answered 500.');
  };
  return {
    ...destination,
    find: async (shipment, ...more) =>
      troubles.find?.(shipment) === true ? fail() : destination.find(shipment, ...more),
    confirm: async (shipment, ...more) =>
      troubles.confirm?.(shipment) === true ? fail() : destination.confirm(shipment, ...more),
  };
}

/** Tries a step for as long as it has to wait. */
export async function patiently<T>(step: () => Promise<T>): Promise<T> {
  let outcome = await step();
  for (let attempt = 1; outcome === 'Throttled' && attempt < 20; attempt += 1) outcome = await step();
  return outcome;
}

/** Parts with a pipeline of this name, which delivers to the bench and has nothing else but what is given. */
export function partsOf(
  ledger: LedgerDb,
  name: string,
  { threatstream, clock }: Pick<Bench, 'threatstream' | 'clock'>,
  given: Partial<Pipeline> = {},
): Parts {
  return partsWith(ledger, { name, destination: threatstream, ...given }, { now: () => clock.at });
}
