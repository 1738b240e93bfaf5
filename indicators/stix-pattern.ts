/** One comparison of a pattern: an object path and the constant that it is equal to. */
export interface Comparison {
  readonly path: string;
  readonly value: string;
}

export type PatternResult =
  | { readonly ok: true; readonly comparisons: readonly Comparison[] }
  /** What stands there and at which character, without the value itself. */
  | { readonly ok: false; readonly reason: string };

/**
 * Reads the simple form of a STIX 2.1 pattern: observations that compare object paths with constants by `=` or `IN`, joined by
 * AND or OR. Whatever says more than "these values are bad" (NOT, LIKE, ranges, FOLLOWEDBY, qualifiers) is refused, with the
 * reason. Ours because no maintained JavaScript parser of the pattern grammar exists.
 */
export function parsePattern(pattern: string): PatternResult {
  const reader = new PatternReader(pattern);
  try {
    return { ok: true, comparisons: reader.pattern() };
  } catch (error) {
    if (error instanceof PatternError) return { ok: false, reason: error.message };
    throw error;
  }
}

class PatternError extends Error {}

type Token = { readonly kind: 'text' | 'word' | 'sign'; readonly text: string; readonly at: number };

/** A constant in quotes, a word (path or keyword), or one sign; blanks between them mean nothing. */
const TOKEN =
  /\s*(?:'((?:[^'\\]|\\.)*)'|([A-Za-z0-9_-]+:[A-Za-z0-9_.'\\[\]*-]+|[A-Za-z0-9_.+-]+)|(!=|<=|>=|[=<>()[\],]))/y;

class PatternReader {
  readonly #tokens: readonly Token[];
  #next = 0;
  readonly #found: Comparison[] = [];

  constructor(pattern: string) {
    this.#tokens = tokens(pattern);
  }

  pattern(): readonly Comparison[] {
    this.#observations();
    const rest = this.#peek();
    if (rest !== undefined) throw unsupported(rest);
    return this.#found;
  }

  /** Observations, with or without parentheses, joined by AND or OR. */
  #observations(): void {
    do {
      if (this.#takeSign('(')) {
        this.#observations();
        this.#expectSign(')');
      } else {
        this.#expectSign('[');
        this.#comparisons(']');
      }
    } while (this.#takeWord('OR') || this.#takeWord('AND'));
  }

  #comparisons(end: string): void {
    do {
      if (this.#takeSign('(')) this.#comparisons(')');
      else this.#comparison();
    } while (this.#takeWord('OR') || this.#takeWord('AND'));
    this.#expectSign(end);
  }

  #comparison(): void {
    const path = this.#take();
    if (path.kind !== 'word' || !path.text.includes(':')) throw unsupported(path);
    if (this.#takeSign('=')) {
      this.#found.push({ path: path.text, value: this.#constant() });
      return;
    }
    const operator = this.#take();
    if (operator.kind !== 'word' || operator.text !== 'IN') throw unsupported(operator);
    this.#expectSign('(');
    do this.#found.push({ path: path.text, value: this.#constant() });
    while (this.#takeSign(','));
    this.#expectSign(')');
  }

  #constant(): string {
    const token = this.#take();
    if (token.kind !== 'text') throw unsupported(token);
    return token.text;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #take(): Token {
    const token = this.#peek();
    if (token === undefined) throw new PatternError('the pattern ends too early (it may have been cut)');
    this.#next += 1;
    return token;
  }

  #takeSign(text: string): boolean {
    return this.#takeIf('sign', text);
  }

  #takeWord(text: string): boolean {
    return this.#takeIf('word', text);
  }

  #takeIf(kind: Token['kind'], text: string): boolean {
    const token = this.#peek();
    if (token?.kind !== kind || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #expectSign(text: string): void {
    const token = this.#take();
    if (token.kind !== 'sign' || token.text !== text) throw unsupported(token);
  }
}

function tokens(pattern: string): readonly Token[] {
  const found: Token[] = [];
  const end = pattern.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(pattern);
    if (match === null) throw new PatternError(`the pattern cannot be read at character ${at + 1}`);
    const [, text, word, sign] = match;
    if (text !== undefined) found.push({ kind: 'text', text: text.replace(/\\(.)/g, '$1'), at });
    else if (word !== undefined) found.push({ kind: 'word', text: word, at });
    else found.push({ kind: 'sign', text: sign ?? '', at });
  }
  return found;
}

/** Names the keyword or sign, never a constant. */
function unsupported({ kind, text, at }: Token): PatternError {
  const what = kind === 'text' ? 'a constant' : `"${text.slice(0, 40)}"`;
  return new PatternError(`the pattern is not a simple comparison: ${what} at character ${at + 1}`);
}
