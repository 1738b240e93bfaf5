/**
 * A row of a CSV without its line's end, by RFC 4180, each cell quoted: a comma, a quote, a line's end or what a spreadsheet would take
 * for a formula is content.
 */
export function csvRow(cells: readonly string[]): string {
  return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
}
