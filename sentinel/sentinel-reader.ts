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

/** Reads a workspace. Throws only `Fault`s: `TooLarge` for a partial answer, a 504, or a result over the limit. */
export interface SentinelReader {
  /** Rows in a window, or in a slice of one, before they are reduced: an upper bound of what `read` returns. */
  count(source: SentinelSource, part: Window | Slice, signal: AbortSignal): Promise<number>;
  /** The same count, and how many of those rows are about hosts. */
  estimate(
    source: SentinelSource,
    window: Window,
    signal: AbortSignal,
  ): Promise<{ readonly rows: number; readonly hosts: number }>;
  read(source: SentinelSource, slice: Slice, signal: AbortSignal): Promise<ReadResult>;
  close(): Promise<void>;
}
