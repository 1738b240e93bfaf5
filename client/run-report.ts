import Table from 'cli-table3';
import type { Counts } from '../indicators/counts.ts';
import { NOTES } from '../indicators/notes.ts';
import { unreadWarning } from '../indicators/unread-warning.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  ...NOTES,
  'reserved-address': 'private or reserved address',
  'listed-cidr': 'in an allow list of networks',
  'listed-domain': 'in an allow list of domains',
  expired: 'expired at the source',
  revoked: 'revoked at the source',
  deleted: 'deleted at the source',
  inactive: 'inactive at the source',
  'above-tlp-ceiling': 'marked above the TLP ceiling',
  'score-below-minimum': 'score below the minimum',
  'no-reputation': 'MDTI has no reputation for it',
  'held-without-reputation': 'its type has no reputation, and the policy holds those',
  'look-up-failed': 'MDTI did not answer for it; it is set aside until the next day',
  'unreadable-reputation': 'MDTI answered in a form that could not be read; it is set aside until the next day',
};

/** What a run did, as a table that people read: every row and every indicator is in one of its lines. */
export function runReport(counts: Counts): string {
  const table = new Table({
    head: ['', 'count', 'of these'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'left'],
  });
  table.push(
    ['rows read', n(counts.rows), ''],
    ['  new', n(counts.new), ''],
    ['  changed', n(counts.changed), ''],
    ['  unchanged', n(counts.unchanged), 'nothing to do for them'],
    ['  excluded', n(counts.excluded), reasons(counts.excludedBy)],
    ['  malformed', n(counts.malformed), counts.malformed > 0 ? 'in quarantine, with the reason' : ''],
    ['  merged', n(counts.merged), 'another row gave the same indicator'],
    ['new and changed', n(counts.new + counts.changed), `in ${n(counts.batches)} batches`],
    ['  held', n(counts.held), reasons(counts.heldBy)],
    ['  confirmed', n(counts.confirmed), 'the destination says that it has them'],
    ['  rejected', n(counts.rejected), counts.rejected > 0 ? 'the destination declined them' : ''],
    [
      '  pending',
      n(counts.pending),
      counts.setAside > 0 ? `${n(counts.setAside)} set aside: see 'mdti-sync status'` : '',
    ],
  );
  const noted = counts.notedBy ?? {};
  if (Object.keys(noted).length > 0) table.push(['read as meant', n(sum(noted)), reasons(noted)]);
  const besides = counts.besides ?? {};
  const total = sum(besides);
  if (total > 0) table.push(['besides', n(total), `taken up again, or touched by other rows: ${reasons(besides)}`]);
  if (counts.retracted > 0) table.push(['retracted', n(counts.retracted), 'withdrawn from the destination']);
  return counts.unread > 0 ? `${table.toString()}\nWarning: ${unreadWarning(counts)}` : table.toString();
}

function reasons(tally: Readonly<Record<string, number>>): string {
  return Object.entries(tally)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${n(count)} ${SENTENCES[reason] ?? reason}`)
    .join('\n');
}

function sum(tally: Readonly<Record<string, number>>): number {
  return Object.values(tally).reduce((total, count) => total + count, 0);
}

function n(count: number): string {
  return count.toLocaleString('en');
}
