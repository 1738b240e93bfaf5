/** A host, an address, a path, a time; a hash or an id. */
const TELLING = /[a-z0-9][.:@/\\][a-z0-9]|\d{5}|\b(?=[a-f-]{0,63}\d)[0-9a-f-]{8,}\b/i;
const LONGEST = 300;

/**
 * A sentence of an outside API in those of its words that say nothing of one indicator or one request: it may be shown anywhere, and
 * two that mean the same are the same.
 */
export function plainWords(sentence: string): string {
  const words = sentence.slice(0, LONGEST).split(/\s+/);
  // What was cut in the middle might no longer look like what it is.
  if (sentence.length > LONGEST) words.pop();
  return words
    .map((word) => (TELLING.test(word) ? '…' : word))
    .join(' ')
    .trim();
}
