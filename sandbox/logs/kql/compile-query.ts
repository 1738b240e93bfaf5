import type { Column, TableSchema } from '../../rows/columns.ts';
import type { Segment } from '../../rows/segment.ts';
import { compileExpression } from './compile-expression.ts';
import { compileOperator, type Stage } from './compile-operator.ts';
import type { KustoNode } from './parse-query.ts';
import { QueryError, unsupported } from './query-error.ts';
import type { Row } from './row.ts';
import { conjuncts, type IngestionBound, ingestionBound, scan } from './scan.ts';
import { type Compiled, columnIndex, type Scope } from './scope.ts';
import { child, elements, nameOf } from './tree.ts';
import { toText } from './value.ts';

/** A table and what it holds. */
export interface Table {
  readonly schema: TableSchema;
  segments(): readonly Segment[];
}

export interface CompiledQuery {
  readonly columns: readonly Column[];
  run(): Iterable<Row>;
}

export interface QueryContext {
  readonly tables: readonly Table[];
  /** Seven-digit text. */
  readonly now: string;
  /** What the request's `timespan` asks of TimeGenerated, both ends included. */
  readonly timeGenerated: { readonly from: string | null; readonly to: string | null };
}

/** Turns a syntax tree into something that runs. Throws `QueryError` for what is not stood in for. */
export function compileQuery(tree: KustoNode, context: QueryContext): CompiledQuery {
  const lets = new Map<string, Compiled>();
  let tabular: KustoNode | null = null;
  for (const statement of elements(child(tree, 'Statements'))) {
    if (statement.kind === 'LetStatement') {
      const scope = { columns: [], stored: false, lets, now: context.now };
      const value = compileExpression(child(statement, 'Expression'), scope);
      lets.set(nameOf(child(statement, 'Name')), value);
    } else if (statement.kind === 'ExpressionStatement' && tabular === null) {
      tabular = child(statement, 'Expression');
    } else {
      throw unsupported('the statement', statement.text);
    }
  }
  if (tabular === null) throw new QueryError('SyntaxError', 'No tabular expression statement found');
  return compilePipe(tabular, lets, context);
}

function compilePipe(tabular: KustoNode, lets: ReadonlyMap<string, Compiled>, context: QueryContext): CompiledQuery {
  const { source, steps } = unrolled(tabular);
  const table = context.tables.find(({ schema }) => schema.name === nameOf(source));
  if (source.kind !== 'NameReference' || table === undefined) throw unsupported('the source', source.text);
  const scopeOf = (columns: readonly Column[], stored: boolean): Scope => ({ columns, stored, lets, now: context.now });
  let scope = scopeOf(table.schema.columns, true);

  const bounds: IngestionBound[] = [];
  const conditions: ((row: Row) => unknown)[] = [];
  const compile = (node: KustoNode): Compiled => compileExpression(node, scope);
  const filters = steps.findIndex(({ operator }) => operator.kind !== 'FilterOperator');
  const leading = filters === -1 ? steps.length : filters;
  for (const { operator } of steps.slice(0, leading)) {
    for (const condition of conjuncts(child(operator, 'Condition'))) {
      const bound = ingestionBound(condition, compile);
      if (bound === null) conditions.push(compile(condition).evaluate);
      else bounds.push(bound);
    }
  }
  conditions.push(...timespanConditions(table.schema, context.timeGenerated));

  const stages: Stage[] = [];
  for (const { operator, columns } of steps.slice(leading)) {
    const stage = compileOperator(operator, scope, columns);
    stages.push(stage);
    scope = scopeOf(columns, scope.stored && stage.keepsRows);
  }
  return {
    columns: scope.columns,
    run: () =>
      stages.reduce<Iterable<Row>>((rows, stage) => stage.run(rows), scan(table.segments(), bounds, conditions)),
  };
}

interface Step {
  readonly operator: KustoNode;
  readonly columns: readonly Column[];
}

/** `((table | a) | b) | c` as the table and its steps in order. */
function unrolled(tabular: KustoNode): { readonly source: KustoNode; readonly steps: readonly Step[] } {
  const steps: Step[] = [];
  let node = tabular;
  while (node.kind === 'PipeExpression') {
    steps.unshift({ operator: child(node, 'Operator'), columns: node.columns ?? [] });
    node = child(node, 'Expression');
  }
  return { source: node, steps };
}

/** Last, since they cost most: the times of a row are made when they are asked for. */
function timespanConditions(
  schema: TableSchema,
  { from, to }: QueryContext['timeGenerated'],
): readonly ((row: Row) => boolean)[] {
  const index = columnIndex(schema.columns, 'TimeGenerated');
  const time = (row: Row): string => toText(row.cell(index));
  return [
    ...(from === null ? [] : [(row: Row) => time(row) >= from]),
    ...(to === null ? [] : [(row: Row) => time(row) <= to]),
  ];
}
