import type { EntraApi } from './entra/entra-api.ts';
import type { GraphApi } from './graph/graph-api.ts';
import type { LogsApi } from './logs/logs-api.ts';
import type { ThreatStreamApi } from './threatstream/threatstream-api.ts';
import type { FaultyWire, Injected } from './wire-faults/faulty-wire.ts';

export interface CountsByApi {
  readonly entra: number;
  readonly logs: number;
  readonly graph: number;
  /** Requests inside Graph's batches. */
  readonly graphInner: number;
  readonly threatstream: number;
}

/** What the stand-ins saw since the sandbox started; `holds` and what arrived twice also from before, when state is kept. */
export interface Counts {
  readonly requests: CountsByApi;
  /** Answers of 429. Those inside Graph's batches are in `graph`. */
  readonly throttled: CountsByApi;
  readonly rowsServed: number;
  /** Hosts of which the reputation was answered, or that there is none. */
  readonly lookUps: number;
  /** Values that ThreatStream holds, active or awaiting review. */
  readonly holds: number;
  /** Values that arrived again although ThreatStream held just that. */
  readonly duplicates: number;
  /** Values that ThreatStream discarded because the organisation has them, in whatever form; duplicates are among them. */
  readonly discarded: number;
  /** Changes of what ThreatStream holds, by id or of its tags. */
  readonly updates: number;
  readonly retracted: number;
  /** Values of a CSV that ThreatStream took as wildcards. */
  readonly wildcards: number;
  /** Different tags that there ever were. */
  readonly tagNames: number;
  /** Tags that became visible to everyone, a value each. */
  readonly publicTags: number;
  /** Import sessions. */
  readonly sessions: number;
  /** Values that arrived as visible to everyone. */
  readonly publicShares: number;
  /** Attempts to change what another organisation owns. */
  readonly foreignTouched: number;
  /** Faults of the wire that happened. The stand-ins did not see the requests that they hit before. */
  readonly injected: Injected;
}

export interface StandIns {
  readonly entra: EntraApi;
  readonly logs: LogsApi;
  readonly graph: GraphApi;
  readonly threatstream: ThreatStreamApi;
}

export function countsOf({ entra, logs, graph, threatstream }: StandIns, wire: FaultyWire): Counts {
  const [ofEntra, ofLogs, ofGraph] = [entra.counts(), logs.counts(), graph.counts()];
  const { requests, throttled, ...held } = threatstream.counts();
  return {
    requests: {
      entra: ofEntra.requests,
      logs: ofLogs.requests,
      graph: ofGraph.requests,
      graphInner: ofGraph.inner,
      threatstream: requests,
    },
    throttled: {
      entra: ofEntra.throttled,
      logs: ofLogs.throttled,
      graph: ofGraph.throttled,
      graphInner: 0,
      threatstream: throttled,
    },
    rowsServed: ofLogs.rowsServed,
    lookUps: ofGraph.lookUps,
    ...held,
    injected: wire.injected(),
  };
}
