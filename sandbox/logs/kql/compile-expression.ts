import { BINARY, membership } from './binary-operators.ts';
import { compileCall } from './compile-call.ts';
import { member } from './json-member.ts';
import type { KustoNode } from './parse-query.ts';
import { QueryError, unsupported } from './query-error.ts';
import { type Compiled, columnIndex, type Scope } from './scope.ts';
import { parseDatetime, parseTimespan } from './time.ts';
import { child, elements, nameOf } from './tree.ts';
import { type Json, type KustoType, kustoType, parseJson, type Value } from './value.ts';

/** Turns an expression of the tree into a function of a row. Throws `QueryError` for what is not stood in for. */
export function compileExpression(node: KustoNode, scope: Scope): Compiled {
  const type = node.type ?? 'dynamic';
  switch (node.kind) {
    case 'ParenthesizedExpression':
      return compileExpression(child(node, 'Expression'), scope);
    case 'NameReference':
      return nameReference(node, scope);
    case 'FunctionCallExpression':
      return compileCall(node, scope, compileExpression);
    case 'PathExpression':
    case 'ElementExpression':
      return path(node, scope);
    case 'UnaryMinusExpression': {
      const operand = compileExpression(child(node, 'Expression'), scope);
      return { ...operand, text: node.text, evaluate: (row) => negative(operand.evaluate(row)) };
    }
    case 'UnaryPlusExpression':
      return compileExpression(child(node, 'Expression'), scope);
    case 'StringLiteralExpression':
    case 'CompoundStringLiteralExpression':
      return constant(node.text, 'string', node.literal ?? '');
    default:
      return node.kind.endsWith('LiteralExpression') || node.kind === 'DynamicExpression'
        ? constant(node.text, type, literal(node, type))
        : binary(node, scope);
  }
}

function constant(text: string, type: KustoType, value: Value): Compiled {
  return { type, constant: true, pure: true, text, evaluate: () => value };
}

function nameReference(node: KustoNode, scope: Scope): Compiled {
  const name = nameOf(node);
  const index = columnIndex(scope.columns, name);
  const column = scope.columns[index];
  if (column !== undefined) {
    return { type: column.type, constant: false, pure: true, text: node.text, evaluate: (row) => row.cell(index) };
  }
  const bound = scope.lets.get(name);
  if (bound === undefined) throw new QueryError('SemanticError', `Failed to resolve scalar expression named '${name}'`);
  // The same name can be bound to another value by the next query.
  return { ...bound, pure: false, text: node.text };
}

function literal(node: KustoNode, type: KustoType): Value {
  const inner = node.text.replace(/^[a-z]+\s*\((.*)\)$/s, '$1').trim();
  if (inner === 'null') return null;
  switch (type) {
    case 'datetime':
      return orRefuse(parseDatetime(inner.replace(/^(['"])(.*)\1$/, '$2')), node);
    case 'timespan':
      return orRefuse(parseTimespan(inner.replace(/^(['"])(.*)\1$/, '$2')), node);
    case 'bool':
      return /^(?:true|1)$/i.test(inner);
    case 'int':
    case 'long':
    case 'real': {
      const number = Number(inner);
      return orRefuse(Number.isNaN(number) ? null : number, node);
    }
    case 'dynamic':
      return orRefuse(dynamicLiteral(inner), node);
    case 'string':
      return node.literal ?? '';
  }
}

/** Kusto takes strings in single quotes too. */
function dynamicLiteral(text: string): Json {
  return parseJson(text) ?? parseJson(text.replaceAll("'", '"')) ?? null;
}

function orRefuse<T extends Value>(value: T | null, node: KustoNode): T {
  if (value === null) throw unsupported('the literal', node.text);
  return value;
}

/** `a.b`, `a["b"]`, `a[0]`: null where there is nothing. */
function path(node: KustoNode, scope: Scope): Compiled {
  const base = compileExpression(child(node, 'Expression'), scope);
  const key =
    node.kind === 'PathExpression' ? nameOf(child(node, 'Selector')) : bracketed(child(node, 'Selector'), scope);
  return { ...base, type: 'dynamic', text: node.text, evaluate: (row) => member(base.evaluate(row), key) };
}

function bracketed(node: KustoNode, scope: Scope): string | number {
  const key = compileExpression(child(node, 'Expression'), scope);
  const value = key.constant ? key.evaluate({ cell: () => null }) : null;
  if (typeof value !== 'string' && typeof value !== 'number') throw unsupported('the index', node.text);
  return value;
}

function negative(value: Value): Value {
  return typeof value === 'number' || typeof value === 'bigint' ? -value : null;
}

function binary(node: KustoNode, scope: Scope): Compiled {
  const operator = node.children.find((candidate) => candidate.role === 'Operator')?.text ?? '';
  const test = membership(operator);
  const left = compileExpression(child(node, 'Left'), scope);
  if (test !== null) {
    const list = elements(child(child(node, 'Right'), 'Expressions')).map((item) => compileExpression(item, scope));
    if (!list.every((item) => item.constant)) throw unsupported('a list that depends on the row in', node.text);
    const evaluate = test(
      left,
      list.map((item) => item.evaluate({ cell: () => null })),
    );
    return { type: 'bool', constant: left.constant, pure: left.pure, text: node.text, evaluate };
  }
  const build = BINARY[operator];
  if (build === undefined) throw unsupported('the expression', node.text);
  const right = compileExpression(child(node, 'Right'), scope);
  return {
    type: kustoType(node.type ?? 'dynamic'),
    constant: left.constant && right.constant,
    pure: left.pure && right.pure,
    text: node.text,
    evaluate: build(left, right),
  };
}
