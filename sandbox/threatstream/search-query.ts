import { type Comparison, compared, type Matches } from './copy-fields.ts';
import { Declined } from './request-values.ts';

/** What `q` asks for. */
export interface SearchQuery {
  readonly matches: Matches;
  /** Only observables of these values match; null when there is no such bound. */
  readonly values: ReadonlySet<string> | null;
  readonly namesStatus: boolean;
}

interface Node {
  readonly matches: Matches;
  readonly values: ReadonlySet<string> | null;
  /** It asks for nothing but its values. */
  readonly onlyValues: boolean;
}

type Token =
  | { readonly type: '(' | ')' }
  | { readonly type: 'comparison'; readonly comparison: Comparison }
  | { readonly type: 'text'; readonly text: string; readonly isQuoted: boolean };

const DEEPEST = 50;
const TOKEN = /\s*(?:([()])|(>=|<=|!=|=|>|<)|"((?:[^"\\]|\\.)*)"|([^\s()"<>=!]+))/y;

/**
 * Reads `q`: comparisons joined by AND and OR, in brackets where wanted, values in quotation marks where needed. (Source: facts/tips.md 2.1,
 * two spellings.) One pass over the text. Throws `Declined` for what it does not understand.
 */
export function readSearchQuery(text: string): SearchQuery {
  const reader = new Reader(tokensOf(text));
  const { matches, values } = reader.whole();
  return { matches, values, namesStatus: reader.namesStatus };
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  namesStatus = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Node {
    const node = this.#alternatives(0);
    if (this.#at < this.#tokens.length) throw notUnderstood();
    return node;
  }

  #alternatives(depth: number): Node {
    const nodes = [this.#together(depth)];
    while (this.#takesWord('or')) nodes.push(this.#together(depth));
    return anyOf(nodes);
  }

  #together(depth: number): Node {
    const nodes = [this.#term(depth)];
    while (this.#takesWord('and')) nodes.push(this.#term(depth));
    return allOf(nodes);
  }

  #term(depth: number): Node {
    const token = this.#next();
    if (token.type === '(' && depth < DEEPEST) {
      const node = this.#alternatives(depth + 1);
      if (this.#next().type !== ')') throw notUnderstood();
      return node;
    }
    if (token.type !== 'text' || token.isQuoted) throw notUnderstood();
    return this.#comparison(token.text);
  }

  #comparison(field: string): Node {
    const [between, wanted] = [this.#next(), this.#next()];
    if (between.type !== 'comparison' || wanted.type !== 'text') throw notUnderstood();
    const matches = compared(field, between.comparison, wanted.text);
    if (matches === null) throw notUnderstood();
    if (field === 'status') this.namesStatus = true;
    const isValue = field === 'value' && between.comparison === '=';
    return { matches, values: isValue ? new Set([wanted.text]) : null, onlyValues: isValue };
  }

  #takesWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.type !== 'text' || token.isQuoted || token.text.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #next(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw notUnderstood();
    this.#at += 1;
    return token;
  }
}

/** Many values are looked up, and not compared one by one. */
function anyOf(nodes: readonly Node[]): Node {
  const [only] = nodes;
  if (only !== undefined && nodes.length === 1) return only;
  const values = new Set<string>();
  let isBound = true;
  for (const node of nodes) {
    if (node.values === null) isBound = false;
    for (const value of node.values ?? []) values.add(value);
  }
  const onlyValues = nodes.every((node) => node.onlyValues);
  const matches: Matches = onlyValues
    ? ({ value }) => values.has(value)
    : (copy) => nodes.some((node) => node.matches(copy));
  return { matches, values: isBound ? values : null, onlyValues };
}

function allOf(nodes: readonly Node[]): Node {
  const [only] = nodes;
  if (only !== undefined && nodes.length === 1) return only;
  const values = nodes.find((node) => node.values !== null)?.values ?? null;
  return { matches: (copy) => nodes.every((node) => node.matches(copy)), values, onlyValues: false };
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const whole = text.trimEnd();
  TOKEN.lastIndex = 0;
  for (let at = 0; at < whole.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(whole);
    if (found === null) throw notUnderstood();
    tokens.push(tokenOf(found));
  }
  return tokens;
}

function tokenOf([, bracket, comparison, quoted, plain]: readonly (string | undefined)[]): Token {
  if (bracket === '(' || bracket === ')') return { type: bracket };
  if (comparison !== undefined && isComparison(comparison)) return { type: 'comparison', comparison };
  if (quoted !== undefined) return { type: 'text', text: quoted.replace(/\\(.)/g, '$1'), isQuoted: true };
  return { type: 'text', text: plain ?? '', isQuoted: false };
}

function isComparison(text: string): text is Comparison {
  return ['=', '!=', '>', '>=', '<', '<='].includes(text);
}

function notUnderstood(): Declined {
  return new Declined(400, 'q cannot be understood.');
}
