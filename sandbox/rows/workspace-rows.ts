import { z } from 'zod';
import { columnIndex } from '../logs/kql/scope.ts';
import { datetimeOfDate } from '../logs/kql/time.ts';
import { toText } from '../logs/kql/value.ts';
import { type ArrivingRow, type StoredRow, storedRow, storedRowShape } from './arrived-row.ts';
import { THREAT_INTEL_INDICATORS } from './columns.ts';
import type { FeedLine } from './feed.ts';
import { createFeedSegment } from './feed-segment.ts';
import { createGeneratedSegment } from './generated-segment.ts';
import type { Interval } from './ingestion-clock.ts';
import { rowsFor } from './roles.ts';
import type { Segment } from './segment.ts';
import { StoredSegment } from './stored-segment.ts';
import { withoutIds } from './without-ids.ts';

const interval = z.object({ from: z.number(), to: z.number() });

/** A publication of many rows at once, small enough to be written down: the rows follow from it. */
const publication = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('generated'),
    seed: z.number(),
    first: z.number(),
    count: z.number(),
    epoch: z.number(),
    ingested: interval,
    republished: z.boolean(),
    without: z.array(z.string()),
  }),
  z.object({
    kind: z.literal('feed'),
    epoch: z.number(),
    ingested: interval,
    republished: z.boolean(),
    without: z.array(z.string()),
  }),
]);
type Publication = z.infer<typeof publication>;

export const savedRows = z.object({ publications: z.array(publication), arrived: z.array(storedRowShape) });
export type SavedRows = z.infer<typeof savedRows>;

/** The rows of the workspace: what was published at once, and what arrived since. */
export class WorkspaceRows {
  readonly #lines: readonly FeedLine[];
  readonly #publications: Publication[] = [];
  readonly #segments: Segment[] = [];
  readonly #arrived: StoredSegment;

  /** `lines` is the feed, if there is one; `saved` is what `save()` gave. */
  constructor(lines: readonly FeedLine[], saved: SavedRows = { publications: [], arrived: [] }) {
    this.#lines = lines;
    this.#arrived = new StoredSegment(saved.arrived);
    for (const each of saved.publications) this.#add(each);
  }

  segments(): readonly Segment[] {
    return [...this.#segments, this.#arrived];
  }

  publishFeed(ingested: Interval): void {
    this.#add({ kind: 'feed', epoch: ingested.to, ingested, republished: false, without: [] });
  }

  /** New indicators, about so many; never ones that were generated before. */
  generate(seed: number, indicators: number, ingested: Interval): void {
    const first = this.#publications.reduce(
      (next, each) => (each.kind === 'generated' ? Math.max(next, each.first + each.count) : next),
      0,
    );
    const count = rowsFor(indicators);
    this.#add({ kind: 'generated', seed, first, count, epoch: ingested.to, ingested, republished: false, without: [] });
  }

  arrive(rows: readonly ArrivingRow[], now: Date): void {
    this.#arrived.add(rows.map((row) => storedRow(row, now)));
  }

  /**
   * Everything once more, as the service does every week or so: the same Ids and content, a fresh TimeGenerated. Of an indicator
   * that rows arrived of since, those are what is repeated.
   */
  republish(now: Date): void {
    const ingested = { from: now.getTime(), to: now.getTime() + 1 };
    const newest = newestRows(this.#arrived.rows);
    const without = [...new Set(newest.map((row) => toText(row.cells[ID] ?? null)))];
    for (const each of this.#publications.filter(({ republished }) => !republished)) {
      this.#add({ ...each, ingested, republished: true, without });
    }
    this.#arrived.add(newest.map((row) => republishedRow(row, now)));
  }

  save(): SavedRows {
    return { publications: [...this.#publications], arrived: [...this.#arrived.rows] };
  }

  #add(each: Publication): void {
    this.#publications.push(each);
    const segment =
      each.kind === 'generated' ? createGeneratedSegment(each) : createFeedSegment({ ...each, lines: this.#lines });
    this.#segments.push(withoutIds(segment, new Set(each.without)));
  }
}

const position = (name: string): number => columnIndex(THREAT_INTEL_INDICATORS.columns, name);
const ID = position('Id');
const KEY = position('ObservableKey');
const VALUE = position('ObservableValue');
const TIME = position('TimeGenerated');
const METHOD = position('LastUpdateMethod');

function newestRows(rows: readonly StoredRow[]): readonly StoredRow[] {
  const newest = new Map<string, StoredRow>();
  for (const row of rows) {
    const name = JSON.stringify([row.cells[ID], row.cells[KEY], row.cells[VALUE]]);
    const known = newest.get(name);
    if (known === undefined || toText(known.cells[TIME] ?? null) <= toText(row.cells[TIME] ?? null))
      newest.set(name, row);
  }
  return [...newest.values()];
}

function republishedRow(row: StoredRow, now: Date): StoredRow {
  const time = datetimeOfDate(now);
  return {
    ingestedAt: time,
    cells: row.cells.with(TIME, time).with(METHOD, 'LogARepublisher'),
  };
}
