import { setMaxListeners } from 'node:events';
import { send } from '../destinations/send.ts';
import { decide } from '../indicators/decide.ts';
import type { Verdict } from '../indicators/reputation.ts';
import type { Adapters } from './adapters.ts';
import { inLanes } from './in-lanes.ts';
import type { SourceIndicator } from './source-indicators.ts';
import { untilAllowed } from './until-allowed.ts';

const { signal } = new AbortController();
setMaxListeners(0, signal);

export interface LoopRun {
  readonly seconds: number;
  readonly indicators: number;
  readonly sent: number;
}

/**
 * What one would write in an afternoon, and what the Logic App does: for each indicator one look-up, if it is a host, and one
 * POST, if it passes; so many at once. Nothing is remembered, and nobody asks what became of it.
 */
export async function oneByOne(
  { reputations, destination, pipeline }: Adapters,
  indicators: readonly SourceIndicator[],
  width: number,
): Promise<LoopRun> {
  let sent = 0;
  const begun = performance.now();
  await inLanes(indicators, width, async ({ id, indicator, host }) => {
    let verdict: Verdict = { kind: 'not-a-host' };
    if (host !== null) {
      const [outcome] = await reputations.lookUp([host], signal);
      if (outcome?.kind !== 'known') throw new Error('A look-up failed, where nothing should.');
      verdict = outcome.reputation;
    }
    if (decide(indicator, verdict, pipeline.policy).kind !== 'deliver') return;
    const item = destination.render({ id, indicator, verdict });
    await untilAllowed(() => send(destination, { name: `mdti-sync:one:${id}`, items: [item] }, signal));
    sent += 1;
  });
  return { seconds: (performance.now() - begun) / 1_000, indicators: indicators.length, sent };
}
