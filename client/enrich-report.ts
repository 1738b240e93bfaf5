import Table from 'cli-table3';
import type { EnrichCounts } from '../indicators/enrich-counts.ts';

/** What a run that enriches did, and how all stands, as a table that people read. */
export function enrichReport(counts: EnrichCounts): string {
  const table = new Table({
    head: ['', 'count', ''],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'left'],
  });
  const lines: readonly (readonly [string, number, string])[] = [
    ['observables read', counts.read, 'what is selected and has changed, our own writes too'],
    ['  new', counts.new, ''],
    ['  changed', counts.changed, ''],
    ['  our own', counts.delivered, 'brought by mdti-sync, and left out'],
    ['  unreadable', counts.unreadable, ''],
    ['judged', counts.judged, `${n(counts.lookedUp)} hosts looked up`],
    ['  tags written', counts.marked, ''],
    ['  tags taken off', counts.cleared, ''],
    ['  comments written', counts.commented, ''],
    ['  confidences set', counts.rescored, ''],
    ['  confirmed', counts.confirmed, 'the TIP shows what was written'],
    ['  set aside', counts.setAside, counts.setAside > 0 ? "see 'mdti-sync status'" : ''],
    ['  gone', counts.gone, 'there no more, or not selected any more'],
    ['artifacts', counts.artifacts, `${n(counts.hosts)} different hosts`],
    ['  right', counts.right, 'they show what they are to show'],
    ['  hashes', counts.hashes, 'MDTI has none'],
    ['  no host', counts.noHost, ''],
    ['  excluded', counts.excluded, ''],
    ['  set aside', counts.aside, ''],
    ['  pending', counts.pending, ''],
  ];
  for (const [what, count, why] of lines) table.push([what, n(count), why]);
  return table.toString();
}

function n(count: number): string {
  return count.toLocaleString('en');
}
