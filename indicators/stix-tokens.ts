export interface Token {
  /**
   * `path`: an object path; `text`: a literal, unescaped; `word`: a keyword in upper case; `mark`: an operator or bracket;
   * `other`: letters that are no keyword.
   */
  readonly kind: 'path' | 'text' | 'word' | 'mark' | 'other' | 'end';
  readonly text: string;
  readonly position: number;
}

/** What in a pattern cannot be read, and where (from 0). */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** One token a match; the order matters: a path begins like a word, `t'…'` too. */
const TOKEN =
  /\s+|(?<path>[a-z0-9-]+:[a-z0-9_-]+(?:\.(?:[a-z0-9_-]+|'(?:[^'\\]|\\['\\])*')|\[(?:\d+|\*)\])*)|(?<typed>[thb]'(?:[^'\\]|\\['\\])*')|'(?<text>(?:[^'\\]|\\['\\])*)'|(?<number>[+-]?\d+(?:\.\d+)?(?![a-z0-9]))|(?<word>[a-z]+)|(?<mark>[[\](),=]|!=|<>|<=?|>=?)/iy;

/** Always ends with an `end` token. */
export function tokens(pattern: string): readonly Token[] {
  const found: Token[] = [];
  let position = 0;
  while (position < pattern.length) {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(pattern);
    if (match === null) throw unreadable(pattern, position);
    const { path, typed, text, number, word, mark } = match.groups ?? {};
    if (path !== undefined) found.push({ kind: 'path', text: path, position });
    else if (typed !== undefined)
      throw new PatternError('timestamps, hex and binary values are not supported', position);
    else if (text !== undefined) found.push({ kind: 'text', text: text.replace(/\\(['\\])/g, '$1'), position });
    else if (number !== undefined) found.push({ kind: 'text', text: number, position });
    else if (word !== undefined) found.push(wordToken(word, position));
    else if (mark !== undefined) found.push({ kind: 'mark', text: mark, position });
    position = TOKEN.lastIndex;
  }
  found.push({ kind: 'end', text: '', position });
  return found;
}

function wordToken(word: string, position: number): Token {
  const upper = word.toUpperCase();
  if (upper === 'TRUE' || upper === 'FALSE') return { kind: 'text', text: upper.toLowerCase(), position };
  return { kind: KEYWORDS.has(upper) ? 'word' : 'other', text: upper, position };
}

/** Those may be named in a reason; any other word could be part of a value. */
const KEYWORDS: ReadonlySet<string> = new Set(
  'AND OR NOT IN LIKE MATCHES ISSUBSET ISSUPERSET EXISTS FOLLOWEDBY WITHIN REPEATS TIMES SECONDS START STOP'.split(' '),
);

function unreadable(pattern: string, position: number): PatternError {
  return pattern.charAt(position) === "'" || /^[thb]'/i.test(pattern.slice(position, position + 2))
    ? new PatternError('a quoted text does not end (Sentinel cuts at 1,000 characters)', position)
    : new PatternError('a character that no pattern has', position);
}
