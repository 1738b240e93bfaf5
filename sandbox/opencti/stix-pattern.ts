export interface StixPattern {
  /** As OpenCTI writes it: no spaces but around operators. */
  readonly text: string;
  /** What is compared with, in order and without its quotes and escapes. */
  readonly values: readonly string[];
}

const TOKEN = /\s+|'(?:[^'\\]|\\.)*'|<=|>=|!=|==|[=<>]|[[\]().,:*]|[^\s'=<>![\]().,:*]+/gy;
const OPERATOR =
  /^(?:[=<>]|!=|==|<=|>=|AND|OR|NOT|IN|LIKE|MATCHES|FOLLOWEDBY|ISSUBSET|ISSUPERSET|EXISTS|WITHIN|REPEATS|START|STOP|SECONDS|TIMES)$/;

/**
 * Reads a pattern leniently; null where it cannot be one. (Source: OpenCTI, utils/syntax.js, `cleanupIndicatorPattern`: the tokens are
 * joined, with a space on either side of operators only.)
 */
export function readPattern(pattern: string): StixPattern | null {
  const tokens: string[] = [];
  const values: string[] = [];
  let compared = false;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < pattern.length) {
    const token = TOKEN.exec(pattern)?.[0];
    if (token === undefined) return null;
    if (token.trim() === '') continue;
    const isOperator = OPERATOR.test(token);
    if (token.startsWith("'") && compared) values.push(token.slice(1, -1).replace(/\\(.)/gs, '$1'));
    compared = isOperator || (compared && /^[('.,)]/.test(token));
    tokens.push(isOperator ? ` ${token} ` : token);
  }
  const text = tokens.join('').trim();
  return text.startsWith('[') && text.endsWith(']') && values.length > 0 ? { text, values } : null;
}
