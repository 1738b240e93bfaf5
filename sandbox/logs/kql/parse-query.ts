import { createRequire } from 'node:module';
import { z } from 'zod';
import type { Column, TableSchema } from '../../rows/columns.ts';
import { QueryError } from './query-error.ts';
import { type KustoType, kustoType } from './value.ts';

/** A node of the syntax tree, as plain data. */
export interface KustoNode {
  /** The parser's name of the kind: `FilterOperator`, `FunctionCallExpression`, … */
  readonly kind: string;
  /** What it is to its parent: `Left`, `Condition`, `Expressions`, … */
  readonly role: string;
  /** As it stands in the query. */
  readonly text: string;
  /** What the analysis says an expression yields; null for what yields no scalar. */
  readonly type: KustoType | null;
  /** What the analysis says a tabular expression yields; null for all else. */
  readonly columns: readonly Column[] | null;
  /** The value of a string literal, without its quotes and escapes. */
  readonly literal: string | null;
  readonly children: readonly KustoNode[];
}

export type QueryParser = (query: string) => KustoNode;

/**
 * Microsoft's own parser and analyser, told which tables there are. Throws `QueryError` with its own words for what it
 * reports. The package is a pair of scripts that write globals (`Bridge`, `Kusto`); this is the only file that knows.
 */
export function createQueryParser(tables: readonly TableSchema[]): QueryParser {
  const kusto = loadKusto();
  const symbols = read(kusto, 'Symbols');
  const list = tables.map(({ name, columns }) =>
    call(
      call(read(symbols, 'TableSymbol'), 'From', `(${columns.map((c) => `['${c.name}']:${c.type}`).join(', ')})`),
      'WithName',
      name,
    ),
  );
  const database = construct(read(read(symbols, 'DatabaseSymbol'), '$ctor1'), 'workspace', list);
  const globals = call(read(read(kusto, 'GlobalState'), 'Default'), 'WithDatabase', database);
  const code = read(kusto, 'KustoCode');
  const kinds = syntaxKinds(read(read(kusto, 'Syntax'), 'SyntaxKind'));

  return (query) => {
    const parsed = call(code, 'ParseAndAnalyze', query, globals);
    const error = firstError(parsed);
    if (error !== null) {
      const kind = firstError(call(code, 'Parse', query)) === null ? 'SemanticError' : 'SyntaxError';
      throw new QueryError(kind, error);
    }
    return plainNode(read(parsed, 'Syntax'), query, kinds);
  };
}

function loadKusto(): unknown {
  const load = createRequire(import.meta.url);
  load('@kusto/language-service-next/bridge.min.js');
  load('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  return read(read(globalThis, 'Kusto'), 'Language');
}

const diagnostic = z.object({ Severity: z.string(), Message: z.string(), Start: z.number() });

function firstError(parsed: unknown): string | null {
  for (const found of items(call(parsed, 'GetDiagnostics'))) {
    const { Severity, Message, Start } = diagnostic.parse(found);
    if (Severity === 'Error') return `${Message} (at character ${Start + 1})`;
  }
  return null;
}

function syntaxKinds(enumeration: unknown): ReadonlyMap<number, string> {
  if (typeof enumeration !== 'function')
    throw new TypeError('@kusto/language-service-next has changed its syntax kinds.');
  const kinds = new Map<number, string>();
  for (const name of Object.keys(enumeration)) {
    const value = read(enumeration, name);
    if (typeof value === 'number') kinds.set(value, name);
  }
  return kinds;
}

const nodeShape = z.object({
  Kind: z.number(),
  NameInParent: z.string().nullish(),
  ChildCount: z.number(),
  TextStart: z.number(),
  End: z.number(),
});

function plainNode(node: unknown, query: string, kinds: ReadonlyMap<number, string>): KustoNode {
  const { Kind, NameInParent, ChildCount, TextStart, End } = nodeShape.parse(node);
  const result = read(node, 'ResultType');
  const columns = read(result, 'Columns');
  const typeName = read(result, 'Name');
  const literal = read(node, 'LiteralValue');
  const children: KustoNode[] = [];
  for (let index = 0; index < ChildCount; index += 1) {
    const child = call(node, 'GetChild', index);
    if (child !== null && child !== undefined) children.push(plainNode(child, query, kinds));
  }
  return {
    kind: kinds.get(Kind) ?? String(Kind),
    role: NameInParent ?? '',
    text: query.slice(TextStart, End),
    type: typeof typeName === 'string' ? kustoType(typeName) : null,
    columns: columns === undefined || columns === null ? null : items(columns).map(plainColumn),
    literal: typeof literal === 'string' ? literal : null,
    children,
  };
}

function plainColumn(column: unknown): Column {
  const { Name, Type } = z.object({ Name: z.string(), Type: z.object({ Name: z.string() }) }).parse(column);
  return { name: Name, type: kustoType(Type.Name) };
}

/** A list of the library's. */
function items(list: unknown): readonly unknown[] {
  if (Array.isArray(list)) return list;
  const count = z.number().parse(read(list, 'Count'));
  return Array.from({ length: count }, (_, index) => call(list, 'getItem', index));
}

function read(target: unknown, name: string): unknown {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) return undefined;
  return Reflect.get(target, name);
}

function call(target: unknown, method: string, ...args: readonly unknown[]): unknown {
  const found = read(target, method);
  if (typeof found !== 'function')
    throw new TypeError(`@kusto/language-service-next has no ${method}() where one is expected.`);
  return Reflect.apply(found, target, args);
}

function construct(constructor: unknown, ...args: readonly unknown[]): unknown {
  if (typeof constructor !== 'function')
    throw new TypeError('@kusto/language-service-next has changed its constructors.');
  return Reflect.construct(constructor, args);
}
