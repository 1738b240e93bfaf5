import { cellsOf } from './list-cells.ts';

/** Names of a column of values, in whatever case, the surest first. */
const SURE = [
  'value',
  'indicator',
  'ioc',
  'observable',
  'artifact',
  'artefact',
  'observablevalue',
  'indicatorvalue',
] as const;
/** Of several of these, none is surer than the others. */
const POSSIBLE: ReadonlySet<string> = new Set([
  'host',
  'hostname',
  'domain',
  'domainname',
  'fqdn',
  'ip',
  'ipv4',
  'ipv6',
  'ipaddress',
  'address',
  'destinationip',
  'destinationhost',
  'url',
  'uri',
  'email',
  'emailaddress',
]);
/** What a CSV may have between its cells. A list without any of them has one column. */
const SEPARATORS = [',', ';', '\t', '|'] as const;
type Separator = (typeof SEPARATORS)[number];

export type Columns =
  /** Each line is one value, but for the first if it names the column. */
  | { readonly kind: 'lines'; readonly name: string | null }
  | { readonly kind: 'csv'; readonly separator: Separator; readonly column: number; readonly name: string }
  /** The rest of a sentence that begins with the list. */
  | { readonly kind: 'unclear'; readonly why: string };

/** What the first line of a list with something on it says of the others; `wanted` is the column that a person has named. */
export function columnsOf(firstLine: string, wanted: string | null): Columns {
  const readings = SEPARATORS.map((separator) => ({ separator, names: cellsOf(firstLine, separator) ?? [] }));
  // The separator is the one that makes most columns.
  const [first] = readings.toSorted((a, b) => b.names.length - a.names.length);
  const { separator, names } = first ?? { separator: ',', names: [] };
  const plain = names.map(plainName);
  const at = (name: string): Columns => {
    const column = plain.indexOf(name);
    const shown = (names[column] ?? '').trim();
    // Whatever may divide cells is a character like another where there is one cell.
    return names.length === 1 ? { kind: 'lines', name: shown } : { kind: 'csv', separator, column, name: shown };
  };
  if (wanted !== null) {
    const name = plainName(wanted);
    const found = plain.filter((one) => one === name).length;
    if (found === 1) return at(name);
    return {
      kind: 'unclear',
      why: found > 1 ? 'names that column twice' : 'has no such column in its first line',
    };
  }
  const sure = SURE.find((name) => plain.includes(name));
  const possible = sure === undefined ? plain.filter((name) => POSSIBLE.has(name)) : [sure];
  const [name] = possible;
  if (name === undefined) return { kind: 'lines', name: null };
  if (possible.length > 1 || plain.indexOf(name) !== plain.lastIndexOf(name)) {
    return {
      kind: 'unclear',
      why: `has several columns that could be meant (${possible.join(', ')}): name one by --column`,
    };
  }
  return at(name);
}

/** Case, blanks, and what people put in their place do not matter. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]/g, '');
}
