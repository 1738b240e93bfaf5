import type { FaultsPatch } from '../../sandbox/faults.ts';

/** What goes wrong for a while. */
export interface Trouble {
  readonly name: string;
  readonly faults: FaultsPatch;
  readonly api: 'logs' | 'graph' | 'threatstream';
  /** It is over after so many requests to that API; the longer it is, the longer does the product wait between its tries. */
  readonly requests: number;
  /** The run waits for a person. */
  readonly blocks?: true;
}

/** Some that a run gets through, outages, and what a person has to mend. */
export const TROUBLES: readonly Trouble[] = [
  { name: 'none', api: 'logs', requests: 8, faults: {} },
  {
    name: 'the workspace throttles',
    api: 'logs',
    requests: 6,
    faults: { logs: { everyNth429: 2, retryAfterSeconds: 1 } },
  },
  { name: 'queries fail', api: 'logs', requests: 6, faults: { logs: { everyNth503: 2, everyNthHtml: 3 } } },
  { name: 'queries are answered in part', api: 'logs', requests: 40, faults: { logs: { partialOverRows: 15 } } },
  { name: 'queries do not finish', api: 'logs', requests: 40, faults: { logs: { timeoutOverRows: 15 } } },
  { name: 'the workspace is down', api: 'logs', requests: 2, faults: { logs: { everyNth503: 1 } } },
  { name: 'the workspace refuses', api: 'logs', requests: 1, blocks: true, faults: { logs: { forbidden: true } } },
  {
    name: 'look-ups fail',
    api: 'graph',
    requests: 6,
    faults: { graph: { everyNthInner429: 4, everyNthInner500: 5, everyNth503: 3, retryAfterSeconds: 0 } },
  },
  { name: 'MDTI refuses', api: 'graph', requests: 1, blocks: true, faults: { graph: { forbidden: true } } },
  {
    name: 'imports lose their acknowledgement',
    api: 'threatstream',
    requests: 30,
    faults: { threatstream: { lostAcks: 2 } },
  },
  {
    name: 'imports lose their acknowledgement, and nothing names their files',
    api: 'threatstream',
    requests: 30,
    faults: { threatstream: { lostAcks: 2, fileNames: 'absent' } },
  },
  {
    name: 'the destination tells little',
    api: 'threatstream',
    requests: 30,
    faults: {
      threatstream: {
        sessionLists: 'missing',
        changeReply: 'mute',
        duplicateMessage: 'No.',
        expiryNeedsActive: 'ignored',
      },
    },
  },
  { name: 'imports are lost', api: 'threatstream', requests: 30, faults: { threatstream: { lostRequests: 2 } } },
  {
    name: 'the destination fails',
    api: 'threatstream',
    requests: 8,
    faults: { threatstream: { everyNth429: 7, everyNth503: 4, everyNthHtml: 5, retryAfterSeconds: 0, polls: 3 } },
  },
  { name: 'the destination is down', api: 'threatstream', requests: 2, faults: { threatstream: { outage: true } } },
];

export const NO_TROUBLE: FaultsPatch = {
  logs: {
    everyNth429: 0,
    everyNth503: 0,
    everyNthHtml: 0,
    partialOverRows: 500_000,
    timeoutOverRows: null,
    forbidden: false,
  },
  graph: { everyNth503: 0, everyNthInner429: 0, everyNthInner500: 0, forbidden: false },
  threatstream: {
    lostAcks: 0,
    lostRequests: 0,
    everyNth429: 0,
    everyNth503: 0,
    everyNthHtml: 0,
    polls: 1,
    outage: false,
    fileNames: 'kept',
    sessionLists: 'answer',
    changeReply: 'object',
    duplicateMessage: 'Duplicate of an existing observable',
    expiryNeedsActive: true,
  },
};
