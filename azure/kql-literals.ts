const ISO_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,7})?Z$/;

/** Any text as a KQL string literal. Only printable ASCII stands for itself: the rest is escaped, so no text ends the literal. */
export function stringLiteral(text: string): string {
  let literal = '';
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    const plain = unit >= 0x20 && unit < 0x7f && unit !== 0x22 && unit !== 0x5c;
    literal += plain ? text.charAt(at) : `\\u${unit.toString(16).padStart(4, '0')}`;
  }
  return `"${literal}"`;
}

/** An ISO 8601 instant in UTC as a KQL datetime literal. Throws a RangeError for any other text. */
export function instantLiteral(iso: string): string {
  if (!ISO_UTC.test(iso) || Number.isNaN(Date.parse(iso)))
    throw new RangeError('The bounds of a window are ISO 8601 in UTC.');
  return `datetime(${iso})`;
}
