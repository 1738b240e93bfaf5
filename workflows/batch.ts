import { setCurrentDetails } from '@temporalio/workflow';
import type { BatchTally } from '../activities/confirm.ts';
import type { Owner } from '../activities/window-ref.ts';
import { confirm, deliver, score } from './proxies.ts';

export interface BatchInput {
  readonly pipeline: string;
  readonly windowId: number;
  readonly owner: Owner;
  readonly batch: number;
  readonly items: number;
  /** The window has scored all that it has; a run of an earlier release leaves that to each batch. */
  readonly isScored?: true;
}

/** Deliver, confirm: one batch of up to a thousand indicators. It knows them by number only. */
export async function batch(input: BatchInput): Promise<BatchTally> {
  const { items: size, isScored = false, ...ref } = input;
  const items = `${size.toLocaleString('en')} indicators`;
  let scored = '';
  let toDeliver = items;
  if (!isScored) {
    const {
      hosts,
      lookedUp,
      deliver: some,
      hold,
    } = await score.executeWithOptions({ summary: `score ${items}` }, [ref]);
    scored = `- scored: ${hosts} hosts, ${lookedUp} looked up; ${some} to deliver, ${hold} held\n`;
    toDeliver = `${some} of ${items}`;
  }
  setCurrentDetails(`${scored}- delivering`);
  const delivered = await deliver.executeWithOptions({ summary: `deliver ${toDeliver}` }, [ref]);
  if (delivered.pending === 0) return delivered;
  setCurrentDetails(`${scored}- delivered in ${delivered.requests} requests\n- waiting for the destination`);
  const tally = await confirm.executeWithOptions({ summary: `confirm ${delivered.pending} of ${items}` }, [ref]);
  setCurrentDetails(`${scored}- confirmed: ${tally.confirmed}\n- rejected: ${tally.rejected}`);
  return tally;
}
