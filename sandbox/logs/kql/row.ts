import type { Segment } from '../../rows/segment.ts';
import type { Value } from './value.ts';

/** One row while a query runs. Cells are made when they are asked for, since most rows are only filtered. */
export interface Row {
  cell(column: number): Value;
}

/** A row as it is stored; the only kind that still has an ingestion time. */
export class SourceRow implements Row {
  readonly segment: Segment;
  readonly index: number;

  constructor(segment: Segment, index: number) {
    this.segment = segment;
    this.index = index;
  }

  cell(column: number): Value {
    return this.segment.cell(this.index, column);
  }
}

/** Columns of another row, and computed ones, each computed once. */
export class DerivedRow implements Row {
  readonly #base: Row;
  readonly #columns: readonly (number | ((row: Row) => Value))[];
  readonly #computed: (Value | undefined)[] = [];

  constructor(base: Row, columns: readonly (number | ((row: Row) => Value))[]) {
    this.#base = base;
    this.#columns = columns;
  }

  cell(column: number): Value {
    const source = this.#columns[column];
    if (source === undefined) return null;
    if (typeof source === 'number') return this.#base.cell(source);
    const known = this.#computed[column];
    if (known !== undefined) return known;
    const value = source(this.#base);
    this.#computed[column] = value;
    return value;
  }
}

/** For expressions that depend on no row. */
export const NO_ROW: Row = { cell: () => null };
