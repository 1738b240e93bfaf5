import { createRequire } from 'node:module';
import { z } from 'zod';

/** What Microsoft's parser says of a query against tables of these schemas. */
export interface Kusto {
  /** Everything that it objects to, by syntax or by meaning; suggestions too. */
  diagnostics(query: string): readonly string[];
  /** The columns of the result, `name: type`, in order. */
  resultColumns(query: string): readonly string[];
  /** The texts of the string literals, as the parser reads them. */
  stringLiterals(query: string): readonly string[];
}

/** The package is two scripts that define the globals `Bridge` and `Kusto`. */
export function loadKusto(tables: Readonly<Record<string, string>>): Kusto {
  const load = createRequire(import.meta.url);
  load('@kusto/language-service-next/bridge.min.js');
  load('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const language = get(get(globalThis, 'Kusto'), 'Language');
  const symbols = get(language, 'Symbols');
  const made = Object.entries(tables).map(([name, schema]) =>
    call(call(get(symbols, 'TableSymbol'), 'From', schema), 'WithName', name),
  );
  const database = Reflect.construct(constructorOf(get(get(symbols, 'DatabaseSymbol'), '$ctor1')), ['workspace', made]);
  const globals = call(get(get(language, 'GlobalState'), 'Default'), 'WithDatabase', database);
  const analyze = (query: string): unknown => call(get(language, 'KustoCode'), 'ParseAndAnalyze', query, globals);

  return {
    diagnostics: (query) =>
      items(call(analyze(query), 'GetDiagnostics')).map((one) => z.string().parse(get(one, 'Message'))),
    resultColumns: (query) =>
      items(get(get(analyze(query), 'ResultType'), 'Columns')).map(
        (column) => `${z.string().parse(get(column, 'Name'))}: ${z.string().parse(get(get(column, 'Type'), 'Name'))}`,
      ),
    stringLiterals: (query) => literalsIn(get(analyze(query), 'Syntax')),
  };
}

function literalsIn(node: unknown): string[] {
  const value = get(node, 'LiteralValue');
  if (typeof value === 'string') return [value];
  const found: string[] = [];
  const count = z.number().parse(get(node, 'ChildCount'));
  for (let at = 0; at < count; at += 1) {
    const child = call(node, 'GetChild', at);
    if (child !== null) found.push(...literalsIn(child));
  }
  return found;
}

function items(list: unknown): readonly unknown[] {
  return Array.from({ length: z.number().parse(get(list, 'Count')) }, (_, at) => call(list, 'getItem', at));
}

function get(target: unknown, name: string): unknown {
  return (typeof target === 'object' || typeof target === 'function') && target !== null
    ? Reflect.get(target, name)
    : undefined;
}

function call(target: unknown, name: string, ...parameters: readonly unknown[]): unknown {
  return Reflect.apply(constructorOf(get(target, name)), target, parameters);
}

function constructorOf(value: unknown): Function {
  if (typeof value === 'function') return value;
  throw new TypeError('@kusto/language-service-next is not laid out as expected.');
}
