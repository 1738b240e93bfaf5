import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import type { FaultsPatch } from '../../sandbox/faults.ts';
import { openStack } from './open-stack.ts';
import { expectRightSums, runSums } from './run-sums.ts';
import { holding as shownHolding } from './shown-holding.ts';
import { tipCounts } from './tip-counts.ts';

const SANDBOX = ['--indicators', '80'];
const SOURCE = { since: '2h', window: oneWindow(new Date()) };

/** The ids are in the order in which the imports came. */
const holding = shownHolding.omit({ id: true, expiration: true });
type Holding = z.infer<typeof holding>;

const counts = z.object({
  requests: z.record(z.string(), z.number()),
  throttled: z.record(z.string(), z.number()),
  lookUps: z.number(),
  holds: z.number(),
  duplicates: z.number(),
  updates: z.number(),
  withdrawn: z.number(),
  discarded: z.number(),
  publicShares: z.number(),
  publicTags: z.number(),
});

type Sums = z.infer<typeof runSums>;

interface Outcome {
  readonly sums: Sums;
  readonly counts: z.infer<typeof counts>;
  readonly holdings: readonly Holding[];
}

/** What a run of the same rows does when nothing goes wrong. */
let calm: Outcome;
beforeAll(async () => {
  calm = await runWith({});
});

/** One run of a fresh stack while the sandbox has these faults. */
async function runWith(faults: FaultsPatch): Promise<Outcome> {
  const stack = await openStack({ sandbox: SANDBOX, source: SOURCE });
  try {
    await stack.control('PUT', '/faults', faults);
    await stack.startWorker();
    const run = runSums.parse(await stack.sync());
    return {
      sums: run,
      counts: counts.parse(await tipCounts(stack)),
      holdings: sorted(z.array(holding).parse(await stack.control('POST', '/tips/threatstream/holdings'))),
    };
  } finally {
    await stack.close();
  }
}

/** By value. */
function sorted(holdings: readonly Holding[]): readonly Holding[] {
  return holdings
    .map((each) => ({ ...each, tags: each.tags.toSorted() }))
    .toSorted((a, b) => (a.value < b.value ? -1 : 1));
}

function expectAsCalm(outcome: Outcome): void {
  expect(outcome.holdings).toEqual(calm.holdings);
  expect(outcome.sums).toEqual(calm.sums);
  expect(outcome.counts).toMatchObject({
    holds: outcome.sums.confirmed,
    duplicates: 0,
    discarded: 0,
    updates: 0,
    withdrawn: 0,
    publicShares: 0,
    publicTags: 0,
  });
}

test('without faults the sums are right and all that was confirmed is held', () => {
  const { sums: run, counts: seen, holdings } = calm;
  expectRightSums(run);
  expect(run.confirmed).toBeGreaterThan(30);
  expect(run.rejected).toBe(0);
  expect(seen).toMatchObject({ holds: run.confirmed, duplicates: 0, updates: 0 });
  expect(holdings).toHaveLength(run.confirmed);
});

const scenarios: readonly (readonly [string, FaultsPatch])[] = [
  [
    'Graph throttles and fails single look-ups of its batches',
    { graph: { everyNthInner429: 9, everyNthInner500: 13, retryAfterSeconds: 1 } },
  ],
  // Not every second one: each failed try is followed by a question about another host, and would always be the one that fails.
  ['Graph throttles and fails whole requests', { graph: { everyNth429: 3, everyNth503: 5, everyNthHtml: 7 } }],
  ['Graph throttles without saying for how long', { graph: { everyNth429: 3, retryAfterSeconds: null } }],
  ['Log Analytics throttles and fails', { logs: { everyNth429: 2, everyNth503: 3, everyNthHtml: 5 } }],
  ['Log Analytics does not finish large queries', { logs: { timeoutOverRows: 20 } }],
  ['Log Analytics answers large queries in part', { logs: { partialOverRows: 20 } }],
  ['ThreatStream takes every second import in and loses the acknowledgement', { threatstream: { lostAcks: 2 } }],
  ['ThreatStream loses every second import', { threatstream: { lostRequests: 2 } }],
  ['ThreatStream throttles', { threatstream: { everyNth429: 4, retryAfterSeconds: 1 } }],
  ['ThreatStream throttles without saying for how long', { threatstream: { everyNth429: 6, retryAfterSeconds: null } }],
  ['ThreatStream fails', { threatstream: { everyNth503: 4, everyNthHtml: 7 } }],
  [
    'all of them do, each in its way',
    {
      logs: { everyNth429: 4, everyNthHtml: 5, partialOverRows: 30 },
      graph: { everyNthInner429: 9, everyNthInner500: 13, everyNth503: 4 },
      threatstream: { everyNth429: 7, everyNth503: 9, lostAcks: 2, lostRequests: 3 },
    },
  ],
];

// Side by side: they mostly wait until they may try again.
test.concurrent.each(scenarios)('a run ends by itself as without faults when %s', async (_, faults) => {
  const outcome = await runWith(faults);
  expectAsCalm(outcome);
  // The faults were met: it took more requests.
  for (const api of Object.keys(faults)) {
    expect(outcome.counts.requests[api]).toBeGreaterThan(calm.counts.requests[api] ?? 0);
  }
});
