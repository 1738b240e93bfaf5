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
}

/** Score, deliver, confirm: one batch of up to a thousand indicators. It knows them by number only. */
export async function batch(input: BatchInput): Promise<BatchTally> {
  const { items: size, ...ref } = input;
  const items = `${size.toLocaleString('en')} indicators`;
  const scored = await score.executeWithOptions({ summary: `score ${items}` }, [ref]);
  const looked = `${scored.hosts} hosts, ${scored.lookedUp} looked up; ${scored.deliver} to deliver, ${scored.hold} held`;
  setCurrentDetails(`- scored: ${looked}\n- delivering`);
  const delivered = await deliver.executeWithOptions({ summary: `deliver ${scored.deliver} of ${items}` }, [ref]);
  if (delivered.pending === 0) return delivered;
  setCurrentDetails(
    `- scored: ${looked}\n- delivered in ${delivered.requests} requests\n- waiting for the destination`,
  );
  const tally = await confirm.executeWithOptions({ summary: `confirm ${delivered.pending} of ${items}` }, [ref]);
  setCurrentDetails(`- scored: ${looked}\n- confirmed: ${tally.confirmed}\n- rejected: ${tally.rejected}`);
  return tally;
}
