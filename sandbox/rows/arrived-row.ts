import { z } from 'zod';
import { datetimeOfDate, parseDatetime } from '../logs/kql/time.ts';
import type { Json, Value } from '../logs/kql/value.ts';
import { THREAT_INTEL_INDICATORS } from './columns.ts';
import { WORKSPACE_CELLS } from './workspace-cells.ts';

const datetime = z
  .string()
  .refine((text) => parseDatetime(text) !== null, 'must be a datetime such as 2026-01-05T10:15:00Z');
const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]),
);

/**
 * A row that arrives while the sandbox runs: any of the columns of `ThreatIntelIndicators`, the rest filled in, and with
 * `IngestionTime` (not a column) when it arrived; now, if that is absent.
 */
export const arrivingRow = z.strictObject({
  IngestionTime: datetime.optional(),
  TimeGenerated: datetime.optional(),
  Id: z.string(),
  SourceSystem: z.string().default('Microsoft Defender Threat Intelligence'),
  LastUpdateMethod: z.string().default('DataConnector'),
  IsDeleted: z.boolean().nullable().default(false),
  AdditionalFields: json.default(null),
  Data: json.default(null),
  IsActive: z.boolean().nullable().default(true),
  Revoked: z.boolean().nullable().default(false),
  ValidUntil: datetime.nullable().default(null),
  ValidFrom: datetime.nullable().default(null),
  Created: datetime.nullable().default(null),
  Modified: datetime.nullable().default(null),
  Tags: z.string().default(''),
  Confidence: z.number().int().nullable().default(null),
  Pattern: z.string().default(''),
  ObservableKey: z.string().default(''),
  ObservableValue: z.string().default(''),
});
export type ArrivingRow = z.input<typeof arrivingRow>;

/** A stored row: its ingestion time, and its cells in the order of the schema. */
export interface StoredRow {
  readonly ingestedAt: string;
  readonly cells: readonly Value[];
}

/** Fills in what the row leaves out; `workspace` is what every row there says alike. Throws a ZodError for what is no such row. */
export function storedRow(input: ArrivingRow, now: Date, workspace = WORKSPACE_CELLS): StoredRow {
  const { IngestionTime, ...row } = arrivingRow.parse(input);
  const ingestedAt = canonical(IngestionTime ?? null) ?? datetimeOfDate(now);
  const cells: Readonly<Record<string, Value | undefined>> = {
    ...row,
    TimeGenerated: canonical(row.TimeGenerated ?? null) ?? ingestedAt,
    ValidUntil: canonical(row.ValidUntil),
    ValidFrom: canonical(row.ValidFrom),
    Created: canonical(row.Created),
    Modified: canonical(row.Modified),
  };
  return {
    ingestedAt,
    cells: THREAT_INTEL_INDICATORS.columns.map(({ name }) => cells[name] ?? workspace[name] ?? null),
  };
}

function canonical(text: string | null): string | null {
  return text === null ? null : parseDatetime(text);
}

export const storedRowShape: z.ZodType<StoredRow> = z.object({ ingestedAt: z.string(), cells: z.array(json) });
