import type { StoredRow } from './arrived-row.ts';
import type { Segment } from './segment.ts';

/** Rows that are kept as they are, in the order of their ingestion; more can be added. */
export class StoredSegment implements Segment {
  readonly fixed = false;
  readonly #rows: StoredRow[];

  constructor(rows: readonly StoredRow[] = []) {
    this.#rows = [...rows];
    this.#sort();
  }

  get length(): number {
    return this.#rows.length;
  }

  get rows(): readonly StoredRow[] {
    return this.#rows;
  }

  add(rows: readonly StoredRow[]): void {
    for (const row of rows) this.#rows.push(row);
    this.#sort();
  }

  ingestedAt(row: number): string {
    return this.#rows[row]?.ingestedAt ?? '';
  }

  cell(row: number, column: number): StoredRow['cells'][number] {
    return this.#rows[row]?.cells[column] ?? null;
  }

  #sort(): void {
    this.#rows.sort((a, b) => (a.ingestedAt < b.ingestedAt ? -1 : Number(a.ingestedAt > b.ingestedAt)));
  }
}
