import type { Transaction } from 'kysely';
import { contentHash } from '../indicators/content-hash.ts';
import { addSliceCounts, addTallies, NO_ROWS, type SliceCounts } from '../indicators/counts.ts';
import type { Indicator, IndicatorKey, Observation } from '../indicators/indicator.ts';
import { merge } from '../indicators/merge.ts';
import type { ExclusionReason } from '../indicators/policy.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Change, Database } from './schema.ts';
import {
  addBatchItems,
  compareSources,
  ensureIndicators,
  keyName,
  lockIndicators,
  moveSourceTimes,
  readSources,
  type StoredIndicator,
  supersedeSources,
  type WrittenIndicator,
  writeIndicators,
  writeSources,
} from './slice-statements.ts';

export interface SliceRecord {
  readonly pipeline: string;
  readonly windowId: number;
  /** Names the slice inside its window; a slice is recorded once. */
  readonly slice: string;
  readonly observations: readonly Observation[];
  readonly malformed: readonly {
    readonly sourceId: string | null;
    readonly reason: string;
    readonly excerpt: string;
  }[];
  readonly exclude: (indicator: Indicator, now: Date) => ExclusionReason | null;
  readonly now: Date;
}

/** Indicators handled by one round of statements: bounds memory and the size of a parameter. */
const ROUND = 4_000;

/**
 * Writes one extracted slice in one transaction: sources, merged indicators, the work that follows, quarantine, and the
 * counts. Recorded twice, it changes nothing and returns the first counts.
 */
export async function recordSlice(db: LedgerDb, record: SliceRecord): Promise<SliceCounts> {
  return db.transaction().execute(async (tx) => {
    const before = await recordedCounts(tx, record.windowId, record.slice);
    if (before !== null) return before;

    const malformed = record.malformed.length;
    let counts: SliceCounts = { ...NO_ROWS, rows: malformed, malformed };
    const groups = groupByKey(record.observations);
    for (let at = 0; at < groups.length; at += ROUND) {
      counts = addSliceCounts(counts, await recordGroups(tx, record, groups.slice(at, at + ROUND)));
    }
    for (let at = 0; at < malformed; at += ROUND) {
      const rows = record.malformed.slice(at, at + ROUND).map((row) => ({
        pipeline: record.pipeline,
        window_id: record.windowId,
        source_id: row.sourceId,
        reason: row.reason,
        excerpt: row.excerpt,
        seen_at: record.now,
      }));
      await tx.insertInto('quarantine').values(rows).execute();
    }
    await tx
      .insertInto('slices')
      .values({ window_id: record.windowId, name: record.slice, counts: JSON.stringify(counts) })
      .execute();
    return counts;
  });
}

/** The counts of a slice that is recorded already; null for one that is not. */
export async function recordedCounts(db: LedgerDb, windowId: number, slice: string): Promise<SliceCounts | null> {
  const row = await db
    .selectFrom('slices')
    .select('counts')
    .where('window_id', '=', windowId)
    .where('name', '=', slice)
    .executeTakeFirst();
  return row?.counts ?? null;
}

interface Group {
  readonly key: IndicatorKey;
  /** One for each Id: the newest. */
  readonly observations: readonly Observation[];
  /** Rows that named this indicator, including those that an Id repeated. */
  readonly rows: number;
}

/** In the order of the keys, so that transactions that run side by side take their locks in one order. */
function groupByKey(observations: readonly Observation[]): readonly Group[] {
  const groups = new Map<string, { key: IndicatorKey; newest: Map<string, Observation>; rows: number }>();
  for (const observation of observations) {
    const name = keyName(observation.key);
    let group = groups.get(name);
    if (group === undefined) {
      group = { key: observation.key, newest: new Map(), rows: 0 };
      groups.set(name, group);
    }
    group.rows += 1;
    const known = group.newest.get(observation.sourceId);
    if (known === undefined || known.sourceTime < observation.sourceTime) {
      group.newest.set(observation.sourceId, observation);
    }
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { key, newest, rows }]) => ({ key, observations: [...newest.values()], rows }));
}

async function recordGroups(
  tx: Transaction<Database>,
  record: SliceRecord,
  groups: readonly Group[],
): Promise<SliceCounts> {
  const compared = await compareSources(
    tx,
    record.pipeline,
    groups.flatMap((group) => group.observations),
  );
  const touched = compared.filter(({ standing }) => standing === 'touched').map(({ observation }) => observation);
  await moveSourceTimes(
    tx,
    compared.filter(({ standing }) => standing === 'repeated'),
  );

  const ids = await ensureIndicators(
    tx,
    record.pipeline,
    touched.map(({ key }) => key),
  );
  await lockIndicators(tx, [...ids.values()]);
  await writeSources(
    tx,
    touched.map((observation) => ({ id: idOf(ids, observation.key), observation })),
  );
  const superseded = await supersedeSources(
    tx,
    record.pipeline,
    compared
      .filter(({ edited, standing }) => standing === 'touched' || (standing === 'repeated' && edited))
      .map(({ observation }) => observation),
  );
  const stored = await readSources(tx, [...new Set([...ids.values(), ...superseded])]);

  const written = stored.map((row) => transition(row, record));
  await writeIndicators(tx, written);
  const given = new Set(ids.values());
  const added = await addBatchItems(
    tx,
    record.windowId,
    written.flatMap(({ id, change }) =>
      change === null ? [] : [{ id, change: change === 'ended' || given.has(id) ? change : ('consequence' as const) }],
    ),
  );

  const outcomes = new Map(written.map((row) => [row.id, row]));
  const excludedBefore = new Map(compared.map(({ observation, exclusion }) => [keyName(observation.key), exclusion]));
  let counts: SliceCounts = NO_ROWS;
  for (const group of groups) {
    const id = ids.get(keyName(group.key));
    const row = id === undefined ? undefined : outcomes.get(id);
    const exclusion = row === undefined ? (excludedBefore.get(keyName(group.key)) ?? null) : row.exclusion;
    counts = addSliceCounts(
      counts,
      tally(group.rows, exclusion, row?.change ?? null, row !== undefined && added.has(row.id)),
    );
  }
  return counts;
}

/** The first row of an indicator has its outcome; the others are merged into it. */
function tally(rows: number, exclusion: string | null, change: Change | null, added: boolean): SliceCounts {
  const base = { ...NO_ROWS, rows, merged: rows - 1 };
  if (exclusion !== null) return { ...base, excluded: 1, excludedBy: addTallies({}, { [exclusion]: 1 }) };
  if (change === null) return { ...base, unchanged: 1 };
  // Another slice of this window has given it already: that row is the one that counts.
  if (!added) return { ...base, merged: rows };
  return change === 'new' ? { ...base, new: 1 } : { ...base, changed: 1 };
}

function transition(stored: StoredIndicator, record: SliceRecord): WrittenIndicator {
  const indicator = merge(stored.key, stored.sources, record.now);
  const hash = contentHash(indicator);
  const exclusion = record.exclude(indicator, record.now);
  const written = { id: stored.id, indicator, hash, exclusion };
  if (exclusion !== null) return { ...written, change: stored.delivered ? 'ended' : null };
  if (stored.hash === null) return { ...written, change: 'new' };
  return { ...written, change: stored.hash === hash && stored.exclusion === null ? null : 'changed' };
}

function idOf(ids: ReadonlyMap<string, number>, key: IndicatorKey): number {
  const id = ids.get(keyName(key));
  if (id === undefined) throw new Error(`The ledger gave no id for an indicator of type ${key.type}.`);
  return id;
}
