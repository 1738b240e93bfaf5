import { csvRows } from './csv.ts';
import type { Draft, ImportAttributes } from './import-attributes.ts';
import type { ImportContent, ImportItem, Refused } from './import-content.ts';
import { isItypeOf, type Kind, WILDCARD_ITYPE } from './kinds.ts';
import { observableOf } from './observables.ts';
import type { Tag } from './profile.ts';
import { isTlp } from './request-values.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

/** A column that is none of these is left out: whether `confidence` and the like count is UNCONFIRMED. (Source: facts/tips.md 1.1.) */
const COLUMNS = ['value', 'itype', 'tags', 'private_tags', 'tlp', 'is_anonymous'] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;
type Switches = Pick<ThreatStreamFaults, 'badCsvRow' | 'percentIsWildcard' | 'rowTags'>;

/**
 * A structured import: the header in line 1, in lower case, then an observable in each row. A filled cell wins over the request, an empty
 * one falls back to it; a value that is no domain, e-mail address, IP address, hash or URL needs an itype. (Source: facts/tips.md 1.2.)
 * Whether a row that does not fit costs itself or the whole file is UNCONFIRMED: `badCsvRow` says which.
 */
export function readCsvImport(text: string, attributes: ImportAttributes, switches: Switches): ImportContent {
  const [head, ...rows] = csvRows(text);
  const header = head?.cells ?? [];
  if (!header.includes('value')) return failed('The file has no column value.');
  const places = COLUMNS.map((name) => [name, header.indexOf(name)] as const);
  const drafts = new Map<string, Draft>();
  const items: ImportItem[] = [];
  const refused: Refused[] = [];
  for (const [index, { cells, text: line }] of rows.entries()) {
    const row = cells === null ? null : rowOf(cells, places);
    const read = row === null ? 'The row is not valid CSV.' : itemOf(row, attributes, switches, drafts);
    if (typeof read !== 'string') {
      items.push(read);
      continue;
    }
    if (switches.badCsvRow === 'file') return failed(`Row ${index + 2}: ${read}`);
    refused.push({ value: row?.value ?? line, itype: row?.itype || null, message: read });
  }
  return { items, refused, failure: null };
}

function failed(failure: string): ImportContent {
  return { items: [], refused: [], failure };
}

/** Cells after the last column are left out, and cells that are not there are empty: an unquoted comma shifts what follows it. */
function rowOf(cells: readonly string[], places: readonly (readonly [(typeof COLUMNS)[number], number])[]): Row {
  const row = { value: '', itype: '', tags: '', private_tags: '', tlp: '', is_anonymous: '' };
  for (const [name, place] of places) row[name] = cells[place]?.trim() ?? '';
  return row;
}

/** Or why there is none. */
function itemOf(
  row: Row,
  attributes: ImportAttributes,
  { percentIsWildcard, rowTags }: Switches,
  drafts: Map<string, Draft>,
): ImportItem | string {
  if (row.value === '') return 'The row has no value.';
  if (row.tlp !== '' && !isTlp(row.tlp)) return 'The TLP is unknown.';
  if (!['', 'true', 'false'].includes(row.is_anonymous)) return 'is_anonymous must be true or false.';
  const isWildcard = percentIsWildcard && row.value.includes('%');
  const known = isWildcard ? null : observableOf(row.value);
  const { kind, value } = known ?? { kind: 'string' as const, value: row.value };
  const itype = itypeOf(row, kind, isWildcard, attributes);
  if (itype === null) return 'The observable has no itype.';
  if (!isItypeOf(kind, itype)) return 'The itype is not one of the type of the observable.';
  const key = JSON.stringify([kind, itype, row.tags, row.private_tags, row.tlp, row.is_anonymous]);
  const draft =
    drafts.get(key) ??
    attributes.draft(kind, itype, {
      tags: tagsOf(row, attributes.tags, rowTags),
      tlp: row.tlp === '' ? attributes.tlp : row.tlp,
      isAnonymous: row.is_anonymous === '' ? attributes.isAnonymous : row.is_anonymous === 'true',
    });
  drafts.set(key, draft);
  return { kind, value, draft };
}

/** A wildcard has itypes of its own: one of another type is not kept. */
function itypeOf(row: Row, kind: Kind, isWildcard: boolean, attributes: ImportAttributes): string | null {
  if (isWildcard && !isItypeOf('string', row.itype)) return WILDCARD_ITYPE;
  return row.itype === '' ? attributes.itypeOf(kind) : row.itype;
}

/** `tags` are public, `private_tags` are the organisation's own. (Source: facts/tips.md 0.4.) */
function tagsOf(row: Row, shared: readonly Tag[], rowTags: Switches['rowTags']): readonly Tag[] {
  const own = [...named(row.tags, null), ...named(row.private_tags, 'red')];
  const isFilled = rowTags === 'replace' ? own.length > 0 : row.tags !== '';
  const all = isFilled ? own : [...shared, ...own];
  return [...new Map(all.map((tag) => [tag.name, tag])).values()];
}

function named(cell: string, tlp: string | null): Tag[] {
  const names = cell.split(',').map((name) => name.trim());
  return names.filter((name) => name !== '').map((name) => ({ name, tlp }));
}
