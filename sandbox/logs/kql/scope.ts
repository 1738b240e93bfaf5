import type { Column } from '../../rows/columns.ts';
import type { Row } from './row.ts';
import type { KustoType, Value } from './value.ts';

/** What names mean at one point of a query. */
export interface Scope {
  readonly columns: readonly Column[];
  /** Whether rows are still as they were stored, and so have an ingestion time. */
  readonly stored: boolean;
  readonly lets: ReadonlyMap<string, Compiled>;
  /** The one time that `now()` is throughout a query. */
  readonly now: string;
}

/** An expression ready to run. */
export interface Compiled {
  readonly type: KustoType;
  /** Depends on no row. */
  readonly constant: boolean;
  /** Depends on the cells of the row and on nothing else, such as the time of the query. */
  readonly pure: boolean;
  readonly text: string;
  readonly evaluate: (row: Row) => Value;
}

export function columnIndex(columns: readonly Column[], name: string): number {
  return columns.findIndex((column) => column.name === name);
}
