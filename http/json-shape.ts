/** Deeper than any answer of the APIs; what reads JSON by recursion stays far from the end of its stack. */
const DEEPEST = 200;
/**
 * Objects, lists and the commas between what is in them. The largest answers have some hundred thousand; a parsed value takes up to
 * 160 bytes for each, where keys differ, so that a small text could fill the memory.
 */
const MOST_MARKS = 4_000_000;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Follows JSON as it arrives, and says what would make it costly to parse: null while nothing does. What is no JSON gets some answer, too,
 * and costs no more.
 */
export function createJsonShape(): (chunk: Uint8Array) => string | null {
  let depth = 0;
  let marks = 0;
  let isInText = false;
  let isEscaped = false;
  return (chunk) => {
    for (const byte of chunk) {
      if (isInText) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isInText = false;
      } else if (byte === QUOTE) isInText = true;
      else if (byte === COMMA) marks += 1;
      else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        depth += 1;
        marks += 1;
        if (depth > DEEPEST) return `is nested more than ${DEEPEST} levels deep`;
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
      if (marks > MOST_MARKS) return `has more than ${MOST_MARKS.toLocaleString('en')} values`;
    }
    return null;
  };
}
