const PATH = /[\w-]+:(?:'(?:[^'\\]|\\['\\])*'|[\w-]+)(?:\.(?:'(?:[^'\\]|\\['\\])*'|[\w-]+)|\[(?:\d+|\*)\])*/y;
const OPERATOR = /(?:NOT\s+)?(?:!=|=|LIKE|MATCHES|ISSUBSET|ISSUPERSET|[<>]=?)/y;
const VALUE = /'(?:[^'\\]|\\['\\])*'|[\d.]+|true|false/y;
const BLANK = /\s*/y;
const BETWEEN_COMPARISONS = /(?:AND|OR)\s/y;
const BETWEEN_OBSERVATIONS = /(?:AND|OR|FOLLOWEDBY)\s/y;
const OPENING = /\[/y;
const CLOSING = /\]/y;
const DIGITS: Readonly<Record<string, number>> = { MD5: 32, 'SHA-1': 40, 'SHA-256': 64, 'SHA-512': 128 };

/** What is wrong with a STIX pattern in the eyes of a validator that also looks at hashes; null: nothing. (Source: stix2-patterns 2.1.2.) */
export function patternFault(pattern: string): string | null {
  if (!pattern.trim().startsWith('[')) return 'FAIL: Error found at line 1:0. input is missing square brackets';
  if (!isPattern(pattern)) return "FAIL: Error found at line 1:1. mismatched input expecting ']'";
  for (const [, kind = '', digits = ''] of pattern.matchAll(
    /hashes\.'?(MD5|SHA-1|SHA-256|SHA-512)'?\s*=\s*'([^']*)'/g,
  )) {
    if (digits.length !== DIGITS[kind] || !/^[\da-f]*$/i.test(digits))
      return `FAIL: '${digits}' is not a valid ${kind} hash`;
  }
  return null;
}

/** Observations of comparisons, joined: what it has here is what a pattern needs that says which values are meant. */
function isPattern(pattern: string): boolean {
  let at = 0;
  const take = (what: RegExp): boolean => {
    what.lastIndex = at;
    const [found] = what.exec(pattern) ?? [];
    at += found?.length ?? 0;
    return found !== undefined;
  };
  const taken = (...all: readonly RegExp[]): boolean => all.every((what) => take(BLANK) && take(what));
  const comparison = (): boolean => taken(PATH, OPERATOR, VALUE);
  const several = (one: () => boolean, between: RegExp): boolean => {
    do if (!one()) return false;
    while (taken(between));
    return true;
  };
  const observation = (): boolean => taken(OPENING) && several(comparison, BETWEEN_COMPARISONS) && taken(CLOSING);
  return several(observation, BETWEEN_OBSERVATIONS) && take(BLANK) && at === pattern.length;
}
