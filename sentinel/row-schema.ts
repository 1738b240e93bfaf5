import { z } from 'zod';
import { jsonTexts, parsedJson } from '../indicators/json-texts.ts';
import { type Note, notesOf } from '../indicators/notes.ts';
import { CELL } from '../indicators/row-lengths.ts';
import type { SourceRow } from '../indicators/source-row.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
/** Of what is only shown: a number is its digits, and what is no text says nothing. */
const shown = z
  .unknown()
  .transform((value) => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''));
/** As text, or as what its JSON would be. */
const json = z
  .unknown()
  .transform((value) => (typeof value === 'string' ? value : value === null ? '' : (JSON.stringify(value) ?? '')));
const time = z
  .string()
  .nullish()
  .transform((value) => (value === undefined || value === null || value.trim() === '' ? null : value));

const FLAGS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ['true', true],
  ['1', true],
  [false, false],
  [0, false],
  ['false', false],
  ['0', false],
]);
/** Kusto's null is JSON's; some of its ways out write 0 and 1, or text. What else there is may mean that an indicator has ended. */
const flag = z.unknown().transform((value, context): boolean | null => {
  const said = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (said === null || said === undefined || said === '') return null;
  const known = FLAGS.get(said);
  if (known !== undefined) return known;
  context.addIssue({ code: 'custom', message: 'neither true nor false' });
  return z.NEVER;
});

/** A cell, and what was left out of it. */
interface Read<T> {
  readonly value: T;
  readonly note?: Note;
}

/** A real NaN is how Kusto writes that there is none; it comes as text, as infinity does. */
const confidence = z.unknown().transform((cell): Read<number | null> => {
  const said = typeof cell === 'string' && DECIMAL.test(cell.trim()) ? Number(cell) : cell;
  if (typeof said === 'number' && Number.isFinite(said)) return { value: said };
  const isNone = said === null || said === undefined || said === '' || said === 'NaN' || Number.isNaN(said);
  return { value: null, ...(isNone ? {} : { note: 'unreadable-confidence' }) };
});
const DECIMAL = /^[+-]?\d{1,15}(?:\.\d{1,15})?$/;

/**
 * A JSON array of texts as text, or one item as plain text (the legacy table); empty when neither says anything. What is longer than a
 * cell can be is not parsed: a value of it takes many times its length.
 */
const list = json.transform((value, context): Read<readonly string[]> => {
  if (value.length > CELL) {
    context.addIssue({ code: 'custom', message: `longer than ${CELL} characters` });
    return z.NEVER;
  }
  const trimmed = value.trim();
  if (trimmed === '' || trimmed === 'null') return { value: [] };
  const parsed = parsedJson(trimmed);
  if (parsed === undefined && trimmed.startsWith('[')) {
    context.addIssue({ code: 'custom', message: 'not a list of texts' });
    return z.NEVER;
  }
  const { texts, leftOut } = jsonTexts(parsed ?? trimmed);
  return { value: texts, ...(leftOut ? { note: 'unreadable-label' } : {}) };
});

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
  Confidence: confidence,
  Tags: json,
  IsActive: flag,
  IsDeleted: flag,
  Revoked: flag,
  ThreatTypes: list,
  Name: shown,
  Description: shown,
  Markings: list,
  Labels: list,
  LastUpdateMethod: shown,
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
    confidence: cells.Confidence.value,
    tags: cells.Tags,
    isActive: cells.IsActive,
    isDeleted: cells.IsDeleted,
    revoked: cells.Revoked,
    threatTypes: cells.ThreatTypes.value,
    name: cells.Name,
    description: cells.Description,
    markings: cells.Markings.value,
    labels: cells.Labels.value,
    lastUpdateMethod: cells.LastUpdateMethod,
    ...notesOf([cells.Confidence, cells.ThreatTypes, cells.Markings, cells.Labels].flatMap(({ note }) => note ?? [])),
  }),
);
