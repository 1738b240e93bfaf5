import { PatternError, type Token, tokens } from './stix-tokens.ts';

export interface Comparison {
  /** The object path as written: `file:hashes.'SHA-256'`. */
  readonly key: string;
  readonly value: string;
}

export type PatternResult =
  | { readonly ok: true; readonly comparisons: readonly Comparison[] }
  /** `position` counts from 0. The reason holds no value. */
  | { readonly ok: false; readonly reason: string; readonly position: number };

/**
 * The comparisons of a STIX 2.1 pattern (section 9) that is a plain list of observables:
 *
 *     pattern     = group { OR group }          group      = "[" expression "]" | "(" pattern ")"
 *     expression  = term { (AND | OR) term }    term       = comparison | "(" expression ")"
 *     comparison  = path "=" literal | path IN "(" literal { "," literal } ")"
 *
 * Everything else (other operators, NOT, FOLLOWEDBY, AND between observations, qualifiers) relates observables in a way that a
 * list cannot hold, and is refused. By hand, since npm has no maintained parser of the pattern language.
 */
export function readPattern(pattern: string): PatternResult {
  try {
    return { ok: true, comparisons: new PatternReader(pattern).read() };
  } catch (error) {
    if (error instanceof PatternError) return { ok: false, reason: error.message, position: error.position };
    throw error;
  }
}

/** Deeper nesting than any real pattern has; bounds recursion. */
const DEEPEST = 50;

class PatternReader {
  private readonly all: readonly Token[];
  private at = 0;
  private depth = 0;
  private readonly comparisons: Comparison[] = [];

  constructor(pattern: string) {
    this.all = tokens(pattern);
  }

  read(): readonly Comparison[] {
    this.list(['OR'], () => this.group());
    const rest = this.next();
    if (rest.kind !== 'end') throw unexpected(rest, 'only OR can stand between observations');
    return this.comparisons;
  }

  private group(): void {
    const opening = this.next();
    if (opening.text === '(' && opening.kind === 'mark') this.nested(() => this.list(['OR'], () => this.group()));
    else if (opening.text === '[' && opening.kind === 'mark') {
      this.list(['AND', 'OR'], () => this.term());
      this.mark(']');
    } else throw unexpected(opening, 'an observation starts with [');
  }

  private term(): void {
    const token = this.next();
    if (token.text === '(' && token.kind === 'mark') this.nested(() => this.list(['AND', 'OR'], () => this.term()));
    else if (token.kind === 'path') this.comparison(token.text);
    else throw unexpected(token, 'a comparison starts with an object path');
  }

  private comparison(key: string): void {
    const operator = this.next();
    if (operator.text === '=' && operator.kind === 'mark') this.comparisons.push({ key, value: this.literal() });
    else if (operator.text === 'IN' && operator.kind === 'word') {
      this.mark('(');
      do this.comparisons.push({ key, value: this.literal() });
      while (this.take('mark', [',']));
      this.mark(')');
    } else throw unexpected(operator, 'only = and IN are supported');
  }

  private literal(): string {
    const token = this.next();
    if (token.kind !== 'text') throw unexpected(token, 'only text, numbers and booleans are supported as values');
    return token.text;
  }

  private list(separators: readonly string[], item: () => void): void {
    do item();
    while (this.take('word', separators));
  }

  private nested(inside: () => void): void {
    this.depth += 1;
    if (this.depth > DEEPEST) throw new PatternError('it is nested too deeply', this.peek().position);
    inside();
    this.mark(')');
    this.depth -= 1;
  }

  private mark(text: string): void {
    const token = this.next();
    if (token.kind !== 'mark' || token.text !== text) throw unexpected(token, `${text} was expected`);
  }

  private take(kind: Token['kind'], texts: readonly string[]): boolean {
    const token = this.peek();
    if (token.kind !== kind || !texts.includes(token.text)) return false;
    this.at += 1;
    return true;
  }

  private peek(): Token {
    return this.all[this.at] ?? { kind: 'end', text: '', position: 0 };
  }

  private next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at += 1;
    return token;
  }
}

function unexpected(token: Token, wanted: string): PatternError {
  if (token.kind === 'end')
    return new PatternError('it ends too early (Sentinel cuts at 1,000 characters)', token.position);
  return new PatternError(token.kind === 'word' ? `${wanted}, not ${token.text}` : wanted, token.position);
}
