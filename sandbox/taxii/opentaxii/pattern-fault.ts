const STRING = String.raw`'(?:[^'\\]|\\['\\])*'`;
const PATH = String.raw`[\w-]+:(?:${STRING}|[\w-]+)(?:\.(?:${STRING}|[\w-]+)|\[(?:\d+|\*)\])*`;
const COMPARISON = String.raw`${PATH}\s*(?:NOT\s+)?(?:=|!=|LIKE|MATCHES|ISSUBSET|ISSUPERSET|[<>]=?)\s*(?:${STRING}|[\d.]+|true|false)`;
const OBSERVATION = String.raw`\[\s*${COMPARISON}(?:\s+(?:AND|OR)\s+${COMPARISON})*\s*\]`;
const PATTERN = new RegExp(String.raw`^\s*${OBSERVATION}(?:\s+(?:AND|OR|FOLLOWEDBY)\s+${OBSERVATION})*\s*$`);
const HASH = /hashes\.'?(MD5|SHA-1|SHA-256|SHA-512)'?\s*=\s*'([^']*)'/g;
const DIGITS: Readonly<Record<string, number>> = { MD5: 32, 'SHA-1': 40, 'SHA-256': 64, 'SHA-512': 128 };

/** What is wrong with a STIX pattern in the eyes of a validator that also looks at hashes; null: nothing. (Source: stix2-patterns 2.1.2.) */
export function patternFault(pattern: string): string | null {
  if (!pattern.trim().startsWith('[')) return 'FAIL: Error found at line 1:0. input is missing square brackets';
  if (!PATTERN.test(pattern)) return "FAIL: Error found at line 1:1. mismatched input expecting ']'";
  for (const [, kind = '', digits = ''] of pattern.matchAll(HASH)) {
    if (digits.length !== DIGITS[kind] || !/^[\da-f]*$/i.test(digits))
      return `FAIL: '${digits}' is not a valid ${kind} hash`;
  }
  return null;
}
