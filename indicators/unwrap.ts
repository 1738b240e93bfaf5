/** What copying leaves around a value. */
const WRAPPERS: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '“': '”',
  '„': '“',
  '‘': '’',
  '«': '»',
  '<': '>',
  '[': ']',
  '(': ')',
  '{': '}',
};

/** Soft hyphens, zero-width spaces, marks of direction, byte order marks: they show nothing, and no value has them. */
const INVISIBLE = /[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
/** Between ASCII characters they are as little; in some scripts a name has them. */
const JOINERS = /\u200c|\u200d|\ufe0e|\ufe0f/g;
const ASCII = /^[\p{ASCII}\s]*$/u;

/** A value without what came along with it: blanks, quotes and brackets around it, what is invisible, punctuation after a quote. */
export function unwrap(raw: string): string {
  let text = visible(raw).trim();
  for (let close = WRAPPERS[text.charAt(0)]; close !== undefined; close = WRAPPERS[text.charAt(0)]) {
    const inner = trimmedEnd(text, ',;.');
    if (inner.length < 2 || !inner.endsWith(close)) return text;
    text = inner.slice(1, -1).trim();
  }
  return text;
}

/** Without the last characters that are among these. */
export function trimmedEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function visible(text: string): string {
  if (ASCII.test(text)) return text;
  const shown = text.replace(INVISIBLE, '');
  const bare = shown.replace(JOINERS, '');
  return ASCII.test(bare) ? bare : shown;
}
