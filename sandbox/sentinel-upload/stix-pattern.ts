import type { Observable } from '../rows/observable.ts';

/** What can be made of a STIX pattern. */
interface PatternReading {
  /** Those of the form `path = 'text'`, with the text as it is meant. */
  readonly comparisons: readonly Observable[];
  /** Whether any one of them is all that it takes: nothing else is compared, and nothing is joined but by OR. */
  readonly isAlternatives: boolean;
}

const TOKEN =
  /\s*(?:(?<path>[a-z][\w-]*:(?:[\w.*-]|\[(?:\d+|\*)\]|'(?:\\.|[^'\\])*')+)|(?<text>'(?:\\.|[^'\\])*')|(?<sign>[[\]()=,]|!=|<=|>=|<|>)|(?<word>[\w.:-]+))\s*/giy;

interface Token {
  readonly kind: 'path' | 'text' | 'sign' | 'word';
  readonly text: string;
}

/** Null when it is no pattern: there are no observations in brackets, or a bracket or quote stays open. */
export function readPattern(pattern: string): PatternReading | null {
  const tokens = tokensOf(pattern);
  if (tokens === null || !isBracketed(tokens)) return null;
  const paths = tokens.flatMap(({ kind }, index) => (kind === 'path' ? [index] : []));
  if (paths.length === 0) return null;
  const comparisons = paths.flatMap((at) => {
    const [path, operator, text] = tokens.slice(at, at + 3);
    return path !== undefined && operator?.text === '=' && text?.kind === 'text'
      ? [{ key: path.text, value: unquoted(text.text) }]
      : [];
  });
  const words = tokens.filter(({ kind }) => kind === 'word');
  const isAlternatives = comparisons.length === paths.length && words.every(({ text }) => text === 'OR');
  return { comparisons, isAlternatives };
}

function tokensOf(pattern: string): readonly Token[] | null {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < pattern.length) {
    const groups = TOKEN.exec(pattern)?.groups;
    if (groups === undefined) return null;
    const { path, text, sign, word = '' } = groups;
    if (path !== undefined) tokens.push({ kind: 'path', text: path });
    else if (text !== undefined) tokens.push({ kind: 'text', text });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else tokens.push({ kind: 'word', text: word });
  }
  return tokens;
}

const CLOSED_BY = new Map([
  ['[', ']'],
  ['(', ')'],
]);

/** Whether every bracket is closed, and nothing is compared outside of square ones. */
function isBracketed(tokens: readonly Token[]): boolean {
  const open: string[] = [];
  for (const { kind, text } of tokens) {
    const closing = kind === 'sign' ? CLOSED_BY.get(text) : undefined;
    if (closing !== undefined) open.push(closing);
    else if (kind === 'sign' && (text === ']' || text === ')')) {
      if (open.pop() !== text) return false;
    } else if (kind === 'path' && !open.includes(']')) return false;
  }
  return open.length === 0;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/gs, '$1');
}
