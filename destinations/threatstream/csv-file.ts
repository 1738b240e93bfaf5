import type { ShippedItem } from './shipment-content.ts';

/**
 * The CSV of an import, by RFC 4180, each cell quoted: a comma, a quote, a line's end or what a spreadsheet would take for a formula
 * is content. `isPublic`: tags stand in the column that everyone sees. (Sources: ThreatStream's API reference; two importers that
 * write the same columns.)
 */
export function csvFile(items: readonly ShippedItem[], isPublic: boolean): string {
  const header = ['value', 'itype', isPublic ? 'tags' : 'private_tags', 'tlp'].join(',');
  return [header, ...items.map(csvRow), ''].join('\r\n');
}

/** An empty `tlp` is none: the request has none that it would fall back to. */
export function csvRow({ value, form }: ShippedItem): string {
  return [value, form.itype, form.tags.join(','), form.tlp ?? ''].map(quoted).join(',');
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}
