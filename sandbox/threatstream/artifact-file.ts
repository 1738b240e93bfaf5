import type { ColumnsOfFile } from '../rows/csv-columns.ts';
import { type CsvLine, readCsvLines, unreadable } from '../rows/csv-lines.ts';
import { observableType } from '../rows/observable.ts';
import type { Artifact } from './artifacts.ts';
import type { Kind } from './kinds.ts';

const COLUMNS: ColumnsOfFile = {
  others: ['owner', 'feed', 'confidence', 'tags', 'private_tags', 'status'],
  example: 'type,value,owner,feed,confidence,tags,private_tags,status',
};
const OWNERS = ['own', 'foreign'] as const;
const STATUSES = ['active', 'inactive', 'falsepos'] as const;

/**
 * Reads a CSV with the columns `type,value` and, if it has them, `owner,feed,confidence,tags,private_tags,status`, of which any cell may be empty:
 * what is said of no owner is foreign. Types are those of published feeds; what ThreatStream has no type for is a `string` there. Tags have
 * commas between them, and private ones are ours, as in its own CSV (facts/tips.md 1.2). Throws `WrongInput`, which names the file and the line.
 */
export async function readArtifactFile(path: string): Promise<readonly Artifact[]> {
  const file = { path, noun: 'The file of artifacts', columns: COLUMNS };
  const lines = await readCsvLines(file);
  return lines.map((line) => {
    const read = artifactOf(line);
    if (typeof read === 'string') throw unreadable(file, `line ${line.number} ${read}`);
    return read;
  });
}

/** Or what is wrong with the line. */
function artifactOf({ cell }: CsvLine): Artifact | string {
  const value = cell('value');
  if (value === '' || cell('type') === '') return 'needs a type and a value';
  const owner = oneOf(OWNERS, cell('owner'), 'foreign');
  if (owner === null) return `has the owner "${cell('owner')}", which must be ${OWNERS.join(' or ')}`;
  const status = oneOf(STATUSES, cell('status'), 'active');
  if (status === null) return `has the status "${cell('status')}", which must be one of ${STATUSES.join(', ')}`;
  const feed = wholeOf(cell('feed'), 0);
  if (feed === null) return `has the feed "${cell('feed')}", which must be a whole number`;
  const confidence = wholeOf(cell('confidence'), 50);
  if (confidence === null || confidence > 100) {
    return `has the confidence "${cell('confidence')}", which must be a whole number from 0 to 100`;
  }
  const tags = [
    ...namesIn(cell('tags')).map((name) => ({ name, tlp: null })),
    ...namesIn(cell('private_tags')).map((name) => ({ name, tlp: 'red' })),
  ];
  const type = kindOf(cell('type'), value);
  return { type, value, owner, feed, status, confidence, tags, comments: [], trustedCircles: null };
}

function kindOf(name: string, value: string): Kind {
  const known = observableType(name);
  switch (known) {
    case 'ip':
    case 'ipv4':
    case 'ipv6':
      return value.includes(':') ? 'ipv6' : 'ip';
    case 'md5':
    case 'sha1':
    case 'sha256':
      return 'md5';
    case 'domain':
    case 'url':
    case 'email':
      return known;
    case null:
      return /^sha-?512$/i.test(name) ? 'md5' : 'string';
  }
}

function oneOf<T extends string>(choices: readonly T[], text: string, absent: T): T | null {
  return text === '' ? absent : (choices.find((choice) => choice === text.toLowerCase()) ?? null);
}

function wholeOf(text: string, absent: number): number | null {
  if (text === '') return absent;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function namesIn(cell: string): string[] {
  return cell
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
