import type { Column } from '../../rows/columns.ts';
import { compare } from './aggregates.ts';
import { compileExpression } from './compile-expression.ts';
import type { KustoNode } from './parse-query.ts';
import { QueryError, unsupported } from './query-error.ts';
import { DerivedRow, NO_ROW, type Row } from './row.ts';
import { columnIndex, type Scope } from './scope.ts';
import { compileSummarize } from './summarize.ts';
import { child, elements, named, optionalChild } from './tree.ts';
import type { Value } from './value.ts';

/** One step of a query. */
export interface Stage {
  /** Whether what comes out are still the rows that went in. */
  readonly keepsRows: boolean;
  run(rows: Iterable<Row>): Iterable<Row>;
}

/** `columns` is what the analysis says comes out. Throws `QueryError` for an operator that is not stood in for. */
export function compileOperator(node: KustoNode, scope: Scope, columns: readonly Column[]): Stage {
  switch (node.kind) {
    case 'FilterOperator': {
      const condition = compileExpression(child(node, 'Condition'), scope);
      return { keepsRows: true, run: (rows) => filter(rows, (row) => condition.evaluate(row) === true) };
    }
    case 'ExtendOperator':
      return derive(extended(node, scope, columns));
    case 'ProjectOperator': {
      const projected = elements(child(node, 'Expressions')).map((item) => cellOf(named(item).expression, scope));
      if (projected.length !== columns.length) throw unsupported('the operator', node.text);
      return derive(projected);
    }
    case 'ProjectAwayOperator':
    case 'ProjectKeepOperator':
    case 'ProjectReorderOperator':
      return derive(columns.map(({ name }) => columnIndex(scope.columns, name)));
    case 'SummarizeOperator':
      return { keepsRows: false, run: compileSummarize(node, scope, columns) };
    case 'CountOperator':
      return { keepsRows: false, run: count };
    case 'TakeOperator': {
      const limit = compileExpression(child(node, 'Expression'), scope).evaluate(NO_ROW);
      if (typeof limit !== 'number') throw unsupported('the operator', node.text);
      return { keepsRows: true, run: (rows) => take(rows, limit) };
    }
    case 'SortOperator':
      return sorted(node, scope);
    default:
      throw unsupported('the operator', node.text);
  }
}

type Cell = number | ((row: Row) => Value);

function derive(cells: readonly Cell[]): Stage {
  return {
    keepsRows: false,
    *run(rows) {
      for (const row of rows) yield new DerivedRow(row, cells);
    },
  };
}

/** A bare column is passed on, so that it is not computed twice. */
function cellOf(node: KustoNode, scope: Scope): Cell {
  const index = node.kind === 'NameReference' ? columnIndex(scope.columns, node.text) : -1;
  return index === -1 ? compileExpression(node, scope).evaluate : index;
}

/** Every expression of an `extend` sees the columns as they were before it. */
function extended(node: KustoNode, scope: Scope, columns: readonly Column[]): readonly Cell[] {
  const cells: Cell[] = columns.map(({ name }) => columnIndex(scope.columns, name));
  for (const item of elements(child(node, 'Expressions'))) {
    const { name, expression } = named(item);
    const index = name === null ? -1 : columnIndex(columns, name);
    if (index === -1) throw unsupported('an extend without a name,', item.text);
    cells[index] = cellOf(expression, scope);
  }
  return cells;
}

function* filter(rows: Iterable<Row>, holds: (row: Row) => boolean): Generator<Row> {
  for (const row of rows) if (holds(row)) yield row;
}

function* take(rows: Iterable<Row>, limit: number): Generator<Row> {
  if (limit < 1) return;
  let taken = 0;
  for (const row of rows) {
    yield row;
    taken += 1;
    if (taken >= limit) return;
  }
}

function* count(rows: Iterable<Row>): Generator<Row> {
  let total = 0;
  for (const _ of rows) total += 1;
  yield { cell: () => total };
}

/** Descending unless told; nulls last when descending, first when ascending, unless told. */
function sorted(node: KustoNode, scope: Scope): Stage {
  const keys = elements(child(node, 'Expressions')).map((item) => {
    const ordering = optionalChild(item, 'Ordering')?.text ?? '';
    const expression = item.kind === 'OrderedExpression' ? child(item, 'Expression') : item;
    if (expression.kind === 'SimpleNamedExpression') {
      throw new QueryError('SyntaxError', `'${item.text.slice(0, 80)}': a sort key has no name`);
    }
    const ascending = /\basc\b/.test(ordering);
    const nullsFirst = /\bfirst\b/.test(ordering) || (ascending && !/\blast\b/.test(ordering));
    return { evaluate: compileExpression(expression, scope).evaluate, ascending, nullsFirst };
  });
  return {
    keepsRows: true,
    *run(rows) {
      const entries = Array.from(rows, (row) => ({ row, values: keys.map((key) => key.evaluate(row)) }));
      entries.sort((a, b) => {
        for (const [index, { ascending, nullsFirst }] of keys.entries()) {
          const order = compareNullable(a.values[index] ?? null, b.values[index] ?? null, ascending, nullsFirst);
          if (order !== 0) return order;
        }
        return 0;
      });
      for (const { row } of entries) yield row;
    },
  };
}

function compareNullable(a: Value, b: Value, ascending: boolean, nullsFirst: boolean): number {
  if (a === null || b === null) return a === b ? 0 : (a === null) === nullsFirst ? -1 : 1;
  return ascending ? compare(a, b) : -compare(a, b);
}
