import type { EntraApi } from './entra/entra-api.ts';
import type { GraphApi } from './graph/graph-api.ts';
import type { LogsApi } from './logs/logs-api.ts';
import type { TipCounts } from './stand-in.ts';
import { ofEachTip, type TipName, type Tips } from './stand-ins.ts';
import type { FaultyWire, Injected } from './wire-faults/faulty-wire.ts';

/** `graphInner`: requests inside Graph's batches. */
export type CountsByApi = Readonly<Record<'entra' | 'logs' | 'graph' | 'graphInner' | TipName, number>>;

/** What the stand-ins saw since the sandbox started. */
export interface Counts {
  readonly requests: CountsByApi;
  /** Answers of 429. Those inside Graph's batches are in `graph`. */
  readonly throttled: CountsByApi;
  readonly rowsServed: number;
  /** Hosts of which the reputation was answered, or that there is none. */
  readonly lookUps: number;
  /** Hosts of them of which that was done more than once. */
  readonly lookedUpAgain: number;
  readonly tips: Readonly<Record<TipName, TipCounts>>;
  /** Faults of the wire that happened. The stand-ins did not see the requests that they hit before. */
  readonly injected: Injected;
}

export interface Open {
  readonly entra: EntraApi;
  readonly logs: LogsApi;
  readonly graph: GraphApi;
  readonly tips: Tips;
}

export function countsOf({ entra, logs, graph, tips }: Open, wire: FaultyWire): Counts {
  const [ofEntra, ofLogs, ofGraph] = [entra.counts(), logs.counts(), graph.counts()];
  const of = (what: 'requests' | 'throttled', graphInner: number): CountsByApi => ({
    entra: ofEntra[what],
    logs: ofLogs[what],
    graph: ofGraph[what],
    graphInner,
    ...ofEachTip((name) => tips[name].counts()[what]),
  });
  return {
    requests: of('requests', ofGraph.inner),
    throttled: of('throttled', 0),
    rowsServed: ofLogs.rowsServed,
    lookUps: ofGraph.lookUps,
    lookedUpAgain: ofGraph.lookedUpAgain,
    tips: ofEachTip((name) => tips[name].counts()),
    injected: wire.injected(),
  };
}
