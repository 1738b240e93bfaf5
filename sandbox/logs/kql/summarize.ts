import type { Column } from '../../rows/columns.ts';
import { type Aggregate, compileAggregate, type Tally } from './aggregates.ts';
import { compileExpression } from './compile-expression.ts';
import type { KustoNode } from './parse-query.ts';
import { QueryError } from './query-error.ts';
import { NO_ROW, type Row } from './row.ts';
import { columnIndex, type Scope } from './scope.ts';
import { child, elements, named, optionalChild } from './tree.ts';
import { toText, type Value } from './value.ts';

interface Group {
  readonly keys: readonly Value[];
  readonly tallies: readonly Tally[];
}

type Output = (group: Group) => Value;

/** `summarize aggregates by keys`: one pass, one hash map. */
export function compileSummarize(
  node: KustoNode,
  scope: Scope,
  columns: readonly Column[],
): (rows: Iterable<Row>) => Iterable<Row> {
  const by = optionalChild(node, 'ByClause');
  const keys = (by === null ? [] : elements(child(by, 'Expressions'))).map((key) =>
    compileExpression(named(key).expression, scope),
  );
  const aggregates = elements(child(node, 'Aggregates')).map((aggregate) =>
    compileAggregate(named(aggregate).expression, scope),
  );
  const outputs = planOutputs(keys.length, aggregates, scope, columns);

  return function* summarize(rows) {
    const groups = new Map<string, Group>();
    const create = (values: readonly Value[]): Group => ({
      keys: values,
      tallies: aggregates.map((aggregate) => aggregate.create()),
    });
    // Without keys there is one group, even of no rows.
    if (keys.length === 0) groups.set('', create([]));
    for (const row of rows) {
      const values = keys.map((key) => key.evaluate(row));
      const name = values.map(keyPart).join('');
      let group = groups.get(name);
      if (group === undefined) {
        group = create(values);
        groups.set(name, group);
      }
      for (const tally of group.tallies) tally.add(row);
    }
    for (const group of groups.values()) yield { cell: (column) => outputs[column]?.(group) ?? null };
  };
}

/** With its length, so that no value can pass for two. */
function keyPart(value: Value): string {
  if (value === null) return '-';
  const text = toText(value);
  return `${text.length}:${text}`;
}

/** What fills each output column: the keys first, then each aggregate's columns in turn. */
function planOutputs(
  keyCount: number,
  aggregates: readonly Aggregate[],
  scope: Scope,
  columns: readonly Column[],
): readonly Output[] {
  const counts = aggregates.map(({ outputs }) => (outputs === 'rest' ? 0 : outputs));
  if (aggregates.filter(({ outputs }) => outputs === 'rest').length > 1) {
    throw new QueryError('SemanticError', 'more than one aggregate with * in a summarize is not supported here');
  }
  const rest = columns.length - keyCount - counts.reduce((sum, count) => sum + count, 0);
  const plan: Output[] = Array.from({ length: keyCount }, (_, index) => (group: Group) => group.keys[index] ?? null);
  for (const [position, aggregate] of aggregates.entries()) {
    if (aggregate.outputs !== 'rest') {
      for (let column = 0; column < aggregate.outputs; column += 1) {
        plan.push((group) => group.tallies[position]?.value(column) ?? null);
      }
      continue;
    }
    // The compared expression, then every column that is left, by name.
    const names = columns
      .slice(plan.length + 1, plan.length + rest)
      .map(({ name }) => columnIndex(scope.columns, name));
    plan.push((group) => group.tallies[position]?.value(0) ?? null);
    for (const source of names) {
      plan.push((group) => {
        const tally = group.tallies[position];
        return tally === undefined ? null : (aggregate.winner(tally) ?? NO_ROW).cell(source);
      });
    }
  }
  return plan;
}
