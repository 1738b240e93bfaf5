import { firstRow, type Segment } from '../../rows/segment.ts';
import type { KustoNode } from './parse-query.ts';
import { NO_ROW, type Row, SourceRow } from './row.ts';
import type { Compiled } from './scope.ts';
import { child, nameOf } from './tree.ts';

/** The conditions that are joined by `and`, each by itself. */
export function conjuncts(condition: KustoNode): readonly KustoNode[] {
  if (condition.kind === 'ParenthesizedExpression') return conjuncts(child(condition, 'Expression'));
  if (condition.kind !== 'AndExpression') return [condition];
  return [...conjuncts(child(condition, 'Left')), ...conjuncts(child(condition, 'Right'))];
}

/** A condition on the ingestion time alone. Rows are in that order, so the rows it holds for are found without looking at others. */
export interface IngestionBound {
  readonly operator: '<' | '<=' | '>' | '>=';
  readonly time: string;
}

const MIRRORED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/** Null when the condition is of another kind. */
export function ingestionBound(condition: KustoNode, compile: (node: KustoNode) => Compiled): IngestionBound | null {
  const operator = condition.children.find((candidate) => candidate.role === 'Operator')?.text;
  if (operator !== '<' && operator !== '<=' && operator !== '>' && operator !== '>=') return null;
  const left = child(condition, 'Left');
  const right = child(condition, 'Right');
  if (isIngestionTime(left)) return bound(operator, compile(right));
  return isIngestionTime(right) ? bound(MIRRORED[operator], compile(left)) : null;
}

function isIngestionTime(node: KustoNode): boolean {
  return node.kind === 'FunctionCallExpression' && nameOf(child(node, 'Name')) === 'ingestion_time';
}

function bound(operator: IngestionBound['operator'], limit: Compiled): IngestionBound | null {
  const time = limit.constant && limit.type === 'datetime' ? limit.evaluate(NO_ROW) : null;
  return typeof time === 'string' ? { operator, time } : null;
}

/** The stored rows within the bounds for which every condition is true. */
export function* scan(
  segments: readonly Segment[],
  bounds: readonly IngestionBound[],
  conditions: readonly ((row: Row) => unknown)[],
): Generator<Row> {
  for (const segment of segments) {
    let from = 0;
    let to = segment.length;
    for (const { operator, time } of bounds) {
      if (operator === '>=')
        from = Math.max(
          from,
          firstRow(segment, (ingestedAt) => ingestedAt >= time),
        );
      else if (operator === '>')
        from = Math.max(
          from,
          firstRow(segment, (ingestedAt) => ingestedAt > time),
        );
      else if (operator === '<')
        to = Math.min(
          to,
          firstRow(segment, (ingestedAt) => ingestedAt >= time),
        );
      else
        to = Math.min(
          to,
          firstRow(segment, (ingestedAt) => ingestedAt > time),
        );
    }
    for (let index = from; index < to; index += 1) {
      const row = new SourceRow(segment, index);
      if (conditions.every((condition) => condition(row) === true)) yield row;
    }
  }
}
