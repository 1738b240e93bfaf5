import type { Note } from './notes.ts';

/**
 * One row as the Sentinel reader hands it over, the same for both tables: the KQL renames the legacy table's columns.
 * Every field is as the source has it; nothing is canonical yet.
 */
export interface SourceRow {
  readonly id: string;
  readonly sourceSystem: string;
  /** For instance `ipv4-addr:value`, `file:hashes.'SHA-256'`; empty when Sentinel could not parse the pattern. */
  readonly observableKey: string;
  readonly observableValue: string;
  /** The STIX pattern; may be empty (legacy table) or cut at 1,000 characters. */
  readonly pattern: string;
  /** `tostring(TimeGenerated)`: seven-digit ISO text. */
  readonly timeGenerated: string;
  readonly modified: string | null;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly confidence: number | null;
  /** The `Tags` column, as text: comma-separated, or a JSON array. */
  readonly tags: string;
  readonly isActive: boolean | null;
  readonly isDeleted: boolean | null;
  readonly revoked: boolean | null;
  /** `Data.indicator_types`, or the legacy `ThreatType` as a single item. */
  readonly threatTypes: readonly string[];
  readonly name: string;
  readonly description: string;
  /** `Data.object_marking_refs` (STIX marking ids), or the legacy `TrafficLightProtocolLevel` as a single item. */
  readonly markings: readonly string[];
  /** `Data.labels`. */
  readonly labels: readonly string[];
  readonly lastUpdateMethod: string;
  /** What the reader has left out of the row; absent for nothing. */
  readonly notes?: readonly Note[];
}
