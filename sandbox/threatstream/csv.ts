export interface CsvRow {
  /** Null when it is malformed. */
  readonly cells: readonly string[] | null;
  /** As it stands in the file. */
  readonly text: string;
}

/**
 * The rows of a CSV text, empty lines left out; lines end in CRLF or LF. (Source: RFC 4180.) A row is malformed when a cell goes on after
 * its closing quotation mark, when a mark stands inside a cell that did not begin with one, or when a cell is never closed: it ends with
 * its first line then, so that it costs nothing but itself.
 */
export function csvRows(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  for (let at = 0; at < text.length; ) {
    const read = readRow(text, at);
    if (read.text !== '') rows.push({ cells: read.cells, text: read.text });
    at = read.next;
  }
  return rows;
}

function readRow(text: string, begin: number): CsvRow & { readonly next: number } {
  const cells: string[] = [];
  for (let at = begin; ; ) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at);
    if (cell === null) break;
    cells.push(cell.value);
    if (text[cell.end] === ',') {
      at = cell.end + 1;
      continue;
    }
    const next = afterLine(text, cell.end);
    if (next === null) break;
    return { cells, text: text.slice(begin, cell.end), next };
  }
  const lf = text.indexOf('\n', begin);
  const end = lf < 0 ? text.length : lf;
  return { cells: null, text: text.slice(begin, end).replace(/\r$/, ''), next: end + 1 };
}

interface Cell {
  readonly value: string;
  readonly end: number;
}

function quotedCell(text: string, begin: number): Cell | null {
  let value = '';
  for (let at = begin + 1; ; ) {
    const mark = text.indexOf('"', at);
    if (mark < 0) return null;
    value += text.slice(at, mark);
    if (text[mark + 1] !== '"') return { value, end: mark + 1 };
    value += '"';
    at = mark + 2;
  }
}

function plainCell(text: string, begin: number): Cell | null {
  const plain = /[^",\r\n]*/y;
  plain.lastIndex = begin;
  const value = plain.exec(text)?.[0] ?? '';
  const end = begin + value.length;
  return text[end] === '"' ? null : { value, end };
}

/** Where the next line begins, when a line ends here. */
function afterLine(text: string, at: number): number | null {
  if (at >= text.length) return at;
  if (text[at] === '\n') return at + 1;
  return text.startsWith('\r\n', at) ? at + 2 : null;
}
