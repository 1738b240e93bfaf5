/** What stands for a character that cannot be kept. */
const REPLACEMENT = '\uFFFD';

/**
 * The text as every place can hold it that it may end in: no NUL, which PostgreSQL's texts cannot hold, and no half of a surrogate
 * pair, which neither UTF-8 nor JSON in a database can (Temporal declines a message that has one). All else stays. For what is
 * shown; what identifies something is refused instead, since two of them must not become one.
 */
export function storableText(text: string): string {
  return text.replaceAll('\0', REPLACEMENT).toWellFormed();
}

/** The beginning of a text, of at most so many characters as JavaScript counts them, and storable: no pair is cut in two. */
export function excerpt(text: string, longest: number): string {
  const cut = text.slice(0, longest);
  return storableText(/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut);
}
