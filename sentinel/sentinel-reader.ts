import type { SourceRow } from '../indicators/source-row.ts';
import type { Slice, Window } from '../indicators/window.ts';

/** Where a pipeline reads. The same shape as `pipelines.<name>.source` in the configuration. */
export interface SentinelSource {
  readonly workspaceId: string;
  readonly table: 'ThreatIntelIndicators' | 'ThreatIntelligenceIndicator';
  readonly sourceSystems: readonly string[];
  /** How far TimeGenerated may lie before or after ingestion, in milliseconds: the API ANDs its timespan on TimeGenerated. */
  readonly latenessMs: number;
}

export interface ReadResult {
  readonly rows: readonly SourceRow[];
  /** Rows that do not fit the schema: quarantined by the caller. `sourceId` is null when not even that can be read. */
  readonly malformed: readonly {
    readonly sourceId: string | null;
    readonly reason: string;
    readonly excerpt: string;
  }[];
}

export interface Counted {
  /** Before they are reduced: an upper bound of what `read` returns. */
  readonly rows: number;
  /** What the service's clock showed, as ISO 8601 in UTC; null when it said nothing of it. */
  readonly clock: string | null;
  /** The service says that the whole workspace has never had any data. */
  readonly emptyWorkspace: boolean;
}

/**
 * Reads a workspace. Throws only `Fault`s: `TooLarge` for a partial answer or a result over the limit, `Unavailable` (`timedOut`) for
 * a query that was not done in its time, and `Unavailable` for every answer that is not all that was asked for.
 */
export interface SentinelReader {
  /** Rows in a window, or in a slice of one, and the service's clock: one query. */
  count(source: SentinelSource, part: Window | Slice, signal: AbortSignal): Promise<Counted>;
  /** The same count, and how many of those rows are about hosts. */
  estimate(
    source: SentinelSource,
    window: Window,
    signal: AbortSignal,
  ): Promise<{ readonly rows: number; readonly hosts: number }>;
  read(source: SentinelSource, slice: Slice, signal: AbortSignal): Promise<ReadResult>;
  close(): Promise<void>;
}
