import type { KustoNode } from './parse-query.ts';
import { QueryError } from './query-error.ts';

/** The child that plays a role; the analyser has accepted the query, so one that is missing is a part of KQL not known here. */
export function child(node: KustoNode, role: string): KustoNode {
  const found = node.children.find((candidate) => candidate.role === role);
  if (found === undefined) throw new QueryError('SyntaxError', `'${node.text.slice(0, 80)}' has no ${role}`);
  return found;
}

export function optionalChild(node: KustoNode, role: string): KustoNode | null {
  return node.children.find((candidate) => candidate.role === role) ?? null;
}

/** What stands between the commas of a list. */
export function elements(list: KustoNode): readonly KustoNode[] {
  return list.children.flatMap((item) => (item.kind === 'SeparatedElement' ? item.children.slice(0, 1) : [item]));
}

/** A name as the query means it: without the brackets and quotes of `['a name']`. */
export function nameOf(node: KustoNode): string {
  return node.text.replace(/^\[\s*(['"])(.*)\1\s*\]$/s, '$2');
}

/** `Name = expression` taken apart; `name` is null where there is none. */
export function named(node: KustoNode): { readonly name: string | null; readonly expression: KustoNode } {
  return node.kind === 'SimpleNamedExpression'
    ? { name: nameOf(child(node, 'Name')), expression: child(node, 'Expression') }
    : { name: null, expression: node };
}
