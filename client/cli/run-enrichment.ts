import type { EnrichCounts } from '../../indicators/enrich-counts.ts';
import type { Selected } from '../../workflows/ask.ts';
import { askLedger } from '../ask-ledger.ts';
import { interruptSignal } from './interrupt.ts';
import { createOutput } from './output.ts';
import { showEnd } from './run-end.ts';
import { runSync } from './run-sync.ts';
import { chosenTaskQueue, type TaskQueueChoice } from './task-queue.ts';
import { withTemporal } from './with-temporal.ts';

interface RunOptions extends TaskQueueChoice {
  readonly check?: true;
  readonly json?: true;
}

/** Whoever waits for a page of a large TIP. */
const CHECK_MS = 120_000;

/** Runs a pipeline of kind enrich now, or only asks what it selects. */
export async function runEnrichment(pipeline: string, options: RunOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const signal = interruptSignal(output.say);
  await withTemporal(async (temporal) => {
    if (options.check !== true) {
      showEnd(await runSync<EnrichCounts>(temporal, pipeline, output, signal), output);
      return;
    }
    const taskQueue = await chosenTaskQueue(options);
    const question = { kind: 'selection', pipeline } as const;
    const selected = await askLedger(temporal, taskQueue, question, { timeoutMs: CHECK_MS, signal });
    output.print(sentence(selected));
    output.result({ pipeline, ...selected });
  });
}

function sentence({ describe, observables, isMore, hosts, without, delivered, ours }: Selected): string {
  const n = (count: number): string => count.toLocaleString('en');
  if (observables === 0 && isMore)
    return `The query names ${n(hosts)} different hosts, and ${n(without['no-host'])} values without one; what ${describe} holds of the hosts is enriched.`;
  const beside = [
    `${n(without.hash)} hashes, of which MDTI has none`,
    `${n(without['no-host'])} without a host`,
    `${n(without.excluded)} excluded`,
    `${n(delivered)} of our own, which are left out`,
  ];
  return `${describe} shows ${isMore ? 'more than ' : ''}${n(observables)} observables that are selected, ${n(ours)} of them your own organisation's: ${n(hosts)} different hosts, ${beside.join(', ')}.`;
}
