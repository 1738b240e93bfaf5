import { csvRow } from '../csv-row.ts';

/** What an observable says for itself in an import. */
export interface CsvObservable {
  readonly value: string;
  readonly itype: string;
  readonly tags: readonly string[];
  /** None is an empty cell: an import has none that it would fall back to. */
  readonly tlp: string | null;
}

/**
 * The first line of an import, in lower case. `isPublic`: tags stand in the column that everyone sees. (Sources: ThreatStream's API
 * reference; two importers that write the same columns.)
 */
export function importHeader(isPublic: boolean): string {
  return ['value', 'itype', isPublic ? 'tags' : 'private_tags', 'tlp'].join(',');
}

export function importRow({ value, itype, tags, tlp }: CsvObservable): string {
  return csvRow([value, itype, tags.join(','), tlp ?? '']);
}

/** The CSV of an import. */
export function csvFile(items: readonly CsvObservable[], isPublic: boolean): string {
  return [importHeader(isPublic), ...items.map(importRow), ''].join('\r\n');
}
