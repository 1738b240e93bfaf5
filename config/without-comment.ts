/** A line of a list without its comment, and without blanks around it. Fragments of URLs have a `#`, too, and no blank before it. */
export function withoutComment(line: string): string {
  const trimmed = line.trim();
  const begin = trimmed.search(/(?:^|\s)#/);
  return begin === -1 ? trimmed : trimmed.slice(0, begin).trimEnd();
}
