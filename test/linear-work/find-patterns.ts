import { type Expression, parseSync, Visitor } from 'oxc-parser';
import type { SourceFile } from '../architecture/source-files.ts';

/** A regular expression as it stands in a source file. */
export interface FoundPattern {
  /** `indicators/url.ts:7` */
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

export interface FoundPatterns {
  readonly patterns: readonly FoundPattern[];
  /** Places where a pattern is made of what only a run knows: nobody can judge it here. */
  readonly unknown: readonly string[];
}

/** Methods of a text that make a regular expression of whatever they are given. */
const MAKE_ONE: ReadonlySet<string> = new Set(['match', 'matchAll', 'search']);

/** Every regular expression of a file: its literals, `RegExp(…)` with or without `new`, and texts that become one. */
export function findPatterns({ path, text }: SourceFile): FoundPatterns {
  const patterns: FoundPattern[] = [];
  const unknown: string[] = [];
  const parsed = parseSync(path, text);
  if (parsed.errors.length > 0) return { patterns, unknown: [`${path}: it cannot be parsed`] };
  const placeOf = (start: number): string => `${path}:${text.slice(0, start).split('\n').length}`;
  const made = (start: number, [source, flags]: readonly (Expression | { readonly type: 'SpreadElement' })[]): void => {
    if (source?.type === 'Literal' && 'regex' in source) return;
    const texts = [source, flags].map((one) =>
      one === undefined ? '' : one.type === 'Literal' && typeof one.value === 'string' ? one.value : null,
    );
    const [pattern, flag] = texts;
    if (typeof pattern !== 'string' || typeof flag !== 'string') unknown.push(placeOf(start));
    else patterns.push({ place: placeOf(start), source: pattern, flags: flag });
  };
  new Visitor({
    Literal(node) {
      if (!('regex' in node)) return;
      patterns.push({ place: placeOf(node.start), source: node.regex.pattern, flags: node.regex.flags });
    },
    NewExpression({ callee, start, arguments: given }) {
      if (isNamed(callee, 'RegExp')) made(start, given);
    },
    CallExpression({ callee, start, arguments: given }) {
      if (isNamed(callee, 'RegExp')) made(start, given);
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
      if (MAKE_ONE.has(callee.property.name) && given.length === 1) made(start, given);
    },
  }).visit(parsed.program);
  return { patterns, unknown };
}

function isNamed(callee: Expression, name: string): boolean {
  if (callee.type === 'Identifier') return callee.name === name;
  return callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && callee.property.name === name;
}
