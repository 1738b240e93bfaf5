import type { Table } from './kql/compile-query.ts';

/** A Log Analytics workspace that can be queried. */
export interface Workspace {
  readonly id: string;
  readonly tables: readonly Table[];
}
