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
export const rowSchema = z
  .object({
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
  })
  .transform(
    (row): SourceRow => ({
      id: row.Id,
      sourceSystem: row.SourceSystem,
      observableKey: row.ObservableKey,
      observableValue: row.ObservableValue,
      pattern: row.Pattern,
      timeGenerated: row.TimeGenerated,
      modified: row.Modified,
      validFrom: row.ValidFrom,
      validUntil: row.ValidUntil,
      confidence: row.Confidence,
      tags: row.Tags,
      isActive: row.IsActive,
      isDeleted: row.IsDeleted,
      revoked: row.Revoked,
      threatTypes: row.ThreatTypes,
      name: row.Name,
      description: row.Description,
      markings: row.Markings,
      labels: row.Labels,
      lastUpdateMethod: row.LastUpdateMethod,
    }),
  );
