export interface Selection {
  readonly series: string;
  /** Labels that it is chosen by. */
  readonly labels: readonly string[];
}

const WORDS: ReadonlySet<string> = new Set([
  'by',
  'without',
  'and',
  'or',
  'unless',
  'on',
  'ignoring',
  'bool',
  'offset',
]);

/** The series that a query selects. Reads what our queries are made of, not all of PromQL. */
export function selectionsOf(query: string): readonly Selection[] {
  const withoutGroups = query.replaceAll(/\b(by|without)\s*\([^)]*\)/g, '');
  const found = withoutGroups.matchAll(/(?<![\w$"'])([a-zA-Z_:][\w:]*)\s*(\{[^}]*\}|\(|(?=[^\w]|$))/g);
  return Array.from(found)
    .filter(([, name = '', next]) => next !== '(' && !WORDS.has(name))
    .map(([, series = '', matchers = '']) => ({
      series,
      labels: Array.from(matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g), ([, label = '']) => label),
    }))
    .filter(({ series }) => !/^\d/.test(series));
}

/** The labels that a query groups by. */
export function groupsOf(query: string): readonly string[] {
  return Array.from(query.matchAll(/\bby\s*\(([^)]*)\)/g)).flatMap(([, labels = '']) =>
    labels.split(',').map((label) => label.trim()),
  );
}
