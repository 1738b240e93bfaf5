import type { SourceRow } from './source-row.ts';

/** Several times what Log Analytics keeps of a cell, 64 KB. (Source: learn.microsoft.com, "Azure Monitor service limits", Logs ingestion.) */
export const CELL = 262_144;
/** The longest of them have nine digits of a second, and an offset. */
const TIME = 64;

/**
 * So many characters a column has at most; a row with more of them is malformed before anything looks into it. An observable is at most a URL
 * of 8,192 characters, and as many again for what is written around its dots. Sentinel's own ids have fewer than 200; an entry of PostgreSQL's
 * index holds 2,704 bytes, and a character takes up to three.
 */
const LONGEST = {
  Id: ['id', 800],
  SourceSystem: ['sourceSystem', 1_000],
  ObservableKey: ['observableKey', 1_000],
  ObservableValue: ['observableValue', 16_384],
  Pattern: ['pattern', CELL],
  TimeGenerated: ['timeGenerated', TIME],
  Modified: ['modified', TIME],
  ValidFrom: ['validFrom', TIME],
  ValidUntil: ['validUntil', TIME],
  Tags: ['tags', CELL],
  Name: ['name', CELL],
  Description: ['description', CELL],
  ThreatTypes: ['threatTypes', CELL],
  Markings: ['markings', CELL],
  Labels: ['labels', CELL],
} as const satisfies Readonly<Record<string, readonly [keyof SourceRow, number]>>;

/** Which column of a row is longer than any of its kind; null for none. Never repeats it. */
export function tooLong(row: SourceRow): string | null {
  for (const [column, [field, most]] of Object.entries(LONGEST)) {
    if (lengthOf(row[field]) > most) return `${column} is longer than ${most} characters`;
  }
  return null;
}

/** How much text a row has to look into. */
export function rowLength(row: SourceRow): number {
  return Object.values(LONGEST).reduce((sum, [field]) => sum + lengthOf(row[field]), 0);
}

/** A list is as long as all its texts, and what stands between them. */
function lengthOf(value: string | readonly string[] | null): number {
  if (value === null) return 0;
  return typeof value === 'string' ? value.length : value.reduce((sum, text) => sum + text.length + 1, 0);
}
