import { FUNCTIONS } from './functions.ts';
import { hashOf } from './hash.ts';
import type { KustoNode } from './parse-query.ts';
import { QueryError, unsupported } from './query-error.ts';
import { NO_ROW, SourceRow } from './row.ts';
import { type Compiled, columnIndex, type Scope } from './scope.ts';
import { datetimeOfTicks, ticksOfDatetime } from './time.ts';
import { child, elements, nameOf } from './tree.ts';
import { toText } from './value.ts';

type CompileExpression = (node: KustoNode, scope: Scope) => Compiled;

/** A call: of the few functions that look beyond their arguments' values, or of one of `FUNCTIONS`. */
export function compileCall(node: KustoNode, scope: Scope, compile: CompileExpression): Compiled {
  const name = nameOf(child(node, 'Name'));
  const nodes = elements(child(child(node, 'ArgumentList'), 'Expressions'));
  const base = { type: node.type ?? 'dynamic', text: node.text } as const;
  switch (name) {
    case 'ingestion_time':
      if (!scope.stored)
        throw new QueryError('SemanticError', 'ingestion_time() is not known after the rows were reshaped');
      return { ...base, constant: false, pure: false, evaluate: ingestionTime };
    case 'now':
    case 'ago': {
      const [offset] = nodes.map((argument) => compile(argument, scope));
      const ticks = offset?.evaluate(NO_ROW) ?? 0n;
      if (typeof ticks !== 'bigint') throw unsupported('the call', node.text);
      const time = datetimeOfTicks(ticksOfDatetime(scope.now) + (name === 'ago' ? -ticks : ticks));
      return { ...base, constant: true, pure: false, evaluate: () => time };
    }
    case 'column_ifexists':
      return columnIfExists(node, nodes, scope, compile);
    default: {
      const args = nodes.map((argument) => compile(argument, scope));
      const constant = args.every((argument) => argument.constant);
      const pure = args.every((argument) => argument.pure);
      if (name === 'hash') return { ...base, type: 'long', constant, pure, evaluate: compileHash(args, node) };
      const build = FUNCTIONS[name];
      if (build === undefined) throw unsupported('the function', name);
      return { ...base, constant, pure, evaluate: build(args) };
    }
  }
}

function ingestionTime(row: unknown): string | null {
  return row instanceof SourceRow ? row.segment.ingestedAt(row.index) : null;
}

function columnIfExists(
  node: KustoNode,
  [name, otherwise]: readonly KustoNode[],
  scope: Scope,
  compile: CompileExpression,
): Compiled {
  if (name === undefined || otherwise === undefined || name.literal === null) throw unsupported('the call', node.text);
  const index = columnIndex(scope.columns, name.literal);
  const column = scope.columns[index];
  if (column === undefined) return compile(otherwise, scope);
  return { type: column.type, constant: false, pure: true, text: node.text, evaluate: (row) => row.cell(index) };
}

/**
 * `hash(x, n)`: even and repeatable, which is all that the service promises of it; not the service's own numbers. Hashes of rows
 * that never change are kept, so that the 50 slices of a large window do not compute each 50 times.
 */
function compileHash([subject, modulo]: readonly Compiled[], node: KustoNode): Compiled['evaluate'] {
  if (subject === undefined) throw unsupported('the call', node.text);
  const buckets = modulo?.evaluate(NO_ROW) ?? null;
  if (modulo !== undefined && (typeof buckets !== 'number' || buckets < 1))
    throw unsupported('the modulo of', node.text);
  const reduce = typeof buckets === 'number' ? (hash: number) => hash % buckets : (hash: number) => hash;
  if (!subject.pure) return (row) => reduce(hashOf(toText(subject.evaluate(row))));
  let segment: object | null = null;
  let kept: Uint32Array = NONE_KEPT;
  return (row) => {
    if (!(row instanceof SourceRow) || !row.segment.fixed) return reduce(hashOf(toText(subject.evaluate(row))));
    if (row.segment !== segment) {
      segment = row.segment;
      kept = keptHashes(row, subject.text);
    }
    let hash = kept[row.index] ?? 0;
    if (hash === 0) {
      hash = hashOf(toText(subject.evaluate(row)));
      kept[row.index] = hash;
    }
    return reduce(hash);
  };
}

const NONE_KEPT = new Uint32Array();
const hashesOfSegments = new WeakMap<object, Map<string, Uint32Array>>();

function keptHashes({ segment }: SourceRow, expression: string): Uint32Array {
  let ofSegment = hashesOfSegments.get(segment);
  if (ofSegment === undefined) {
    ofSegment = new Map();
    hashesOfSegments.set(segment, ofSegment);
  }
  let hashes = ofSegment.get(expression);
  if (hashes === undefined) {
    hashes = new Uint32Array(segment.length);
    ofSegment.set(expression, hashes);
  }
  return hashes;
}
