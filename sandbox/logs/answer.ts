import type { Column } from '../rows/columns.ts';
import type { CompiledQuery } from './kql/compile-query.ts';
import type { Row } from './kql/row.ts';
import { wireDatetime } from './kql/time.ts';
import { timespanText, toText, type Value } from './kql/value.ts';
import { partialError } from './logs-error.ts';
import type { LogsFaults } from './logs-faults.ts';

export type Answer =
  | { readonly kind: 'rows'; readonly body: string; readonly rows: number }
  /** It would have had rows, or more of them, that the fault does not let through in time. */
  | { readonly kind: 'timeout' };

/** Runs the query and writes its answer, cut where a limit says so. */
export function answer(query: CompiledQuery, faults: LogsFaults, withStatistics: boolean): Answer {
  const { partialOverRows, partialOverBytes, timeoutOverRows, timeoutValues } = faults;
  const observable = query.columns.findIndex(({ name }) => name === 'ObservableValue');
  const started = performance.now();
  const lines: string[] = [];
  let bytes = 0;
  let limit: string | null = null;
  for (const row of query.run()) {
    if (timeoutOverRows !== null && lines.length >= timeoutOverRows) return { kind: 'timeout' };
    if (observable >= 0 && timeoutValues.includes(toText(row.cell(observable)))) return { kind: 'timeout' };
    const line = wireRow(row, query.columns);
    bytes += Buffer.byteLength(line) + 1;
    if (lines.length >= partialOverRows) limit = `${partialOverRows} rows`;
    else if (bytes > partialOverBytes) limit = `${partialOverBytes} bytes`;
    if (limit !== null) break;
    lines.push(line);
  }
  const columns = query.columns.map(({ name, type }) => ({ name, type }));
  const tables = `[{"name":"PrimaryResult","columns":${JSON.stringify(columns)},"rows":[${lines.join(',')}]}]`;
  const seconds = (performance.now() - started) / 1_000;
  const extras = {
    ...(withStatistics ? { statistics: { query: { executionTime: seconds } } } : {}),
    ...(limit === null ? {} : { error: partialError(limit) }),
  };
  const rest = JSON.stringify(extras).slice(1, -1);
  return { kind: 'rows', rows: lines.length, body: `{"tables":${tables}${rest === '' ? '' : `,${rest}`}}` };
}

function wireRow(row: Row, columns: readonly Column[]): string {
  return JSON.stringify(columns.map(({ type }, index) => wireValue(row.cell(index), type)));
}

function wireValue(value: Value, type: Column['type']): string | number | boolean | null {
  if (typeof value === 'bigint') return timespanText(value);
  if (typeof value === 'string') return type === 'datetime' ? wireDatetime(value) : value;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
