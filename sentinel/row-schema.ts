import { z } from 'zod';
import type { SourceRow } from '../indicators/source-row.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const time = z
  .string()
  .nullish()
  .transform((value) => (value === undefined || value === null || value.trim() === '' ? null : value));
/** Kusto's null is JSON's; some of its ways out write 0 and 1. */
const flag = z
  .union([z.boolean(), z.literal(0).transform(() => false), z.literal(1).transform(() => true)])
  .nullish()
  .transform((value) => value ?? null);

/** A JSON array of strings as text, or one item as plain text (the legacy table); empty when neither says anything. */
const list = text.transform((value, context): readonly string[] => {
  const trimmed = value.trim();
  if (trimmed === '' || trimmed === 'null') return [];
  if (!trimmed.startsWith('[')) return [trimmed];
  const items = z.array(z.string()).safeParse(jsonOf(trimmed));
  if (items.success) return items.data;
  context.addIssue({ code: 'custom', message: 'not a list of texts' });
  return z.NEVER;
});

function jsonOf(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** One row of `rowsQuery` as the API returns it, by column name. */
const row = z.object({
  Id: z.string().min(1),
  SourceSystem: z.string(),
  ObservableKey: text,
  ObservableValue: text,
  Pattern: text,
  TimeGenerated: z.string().min(1),
  Modified: time,
  ValidFrom: time,
  ValidUntil: time,
  /** A real NaN comes as text. */
  Confidence: z
    .union([z.number(), z.literal('NaN').transform(() => null)])
    .nullish()
    .transform((value) => value ?? null),
  Tags: text,
  IsActive: flag,
  IsDeleted: flag,
  Revoked: flag,
  ThreatTypes: list,
  Name: text,
  Description: text,
  Markings: list,
  Labels: list,
  LastUpdateMethod: text,
});

/** The columns that `rowsQuery` asks for. */
export const ROW_COLUMNS: readonly string[] = Object.keys(row.shape);

export const rowSchema = row.transform(
  (cells): SourceRow => ({
    id: cells.Id,
    sourceSystem: cells.SourceSystem,
    observableKey: cells.ObservableKey,
    observableValue: cells.ObservableValue,
    pattern: cells.Pattern,
    timeGenerated: cells.TimeGenerated,
    modified: cells.Modified,
    validFrom: cells.ValidFrom,
    validUntil: cells.ValidUntil,
    confidence: cells.Confidence,
    tags: cells.Tags,
    isActive: cells.IsActive,
    isDeleted: cells.IsDeleted,
    revoked: cells.Revoked,
    threatTypes: cells.ThreatTypes,
    name: cells.Name,
    description: cells.Description,
    markings: cells.Markings,
    labels: cells.Labels,
    lastUpdateMethod: cells.LastUpdateMethod,
  }),
);
