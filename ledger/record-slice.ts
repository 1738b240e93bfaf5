import type { Transaction } from 'kysely';
import { addSliceCounts, addTallies, NO_ROWS, type SliceCounts } from '../indicators/counts.ts';
import type { IndicatorKey, Observation } from '../indicators/indicator.ts';
import { isBySettings } from '../indicators/policy.ts';
import { excerpt } from '../indicators/storable-text.ts';
import { addBatchItems } from './add-batch-items.ts';
import { type Group, groupByKey } from './group-by-key.ts';
import { isExcluded, type Judgement, merged } from './judged.ts';
import { leftUndone, takeOver, type Undone } from './left-undone.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Change, Database } from './schema.ts';
import {
  addIndicators,
  compareSources,
  keyName,
  lockIndicators,
  type Merged,
  moveSourceTimes,
  readSources,
  type StoredIndicator,
  supersedeSources,
  writeIndicators,
  writeSources,
} from './slice-statements.ts';

export interface SliceRecord extends Judgement {
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
}

/** Indicators handled by one round of statements: bounds memory and the size of a parameter. */
const ROUND = 4_000;
/** Quarantine shows the raw texts, but not a whole document. */
const LONGEST_EXCERPT = 500;

/**
 * Writes one extracted slice in one transaction: sources, merged indicators, the work that follows, quarantine, and the
 * counts. Recorded twice, it changes nothing and returns the first counts.
 *
 * The slices of a pipeline are recorded one after the other: two that hold edits of one row have to see each other, and neither has
 * the rows that it would lock the other out of before it has read them.
 */
export async function recordSlice(db: LedgerDb, record: SliceRecord): Promise<SliceCounts> {
  const groups = groupByKey(record.observations);
  return oneAtATime(db, `slices of ${record.pipeline}`, async (tx) => {
    const before = await recordedCounts(tx, record.windowId, record.slice);
    if (before !== null) return before;

    const malformed = record.malformed.length;
    const written = await writeSaid(tx, record, groups);
    const outcomes = await mergeAnew(tx, record, written);
    const counts = groups
      .map((group) => tally(group, written, outcomes))
      .reduce(addSliceCounts, { ...NO_ROWS, rows: malformed, malformed, notedBy: tallyNotes(record.observations) });
    for (let at = 0; at < malformed; at += ROUND) {
      const rows = record.malformed.slice(at, at + ROUND).map((row) => ({
        pipeline: record.pipeline,
        window_id: record.windowId,
        source_id: row.sourceId === null ? null : excerpt(row.sourceId, LONGEST_EXCERPT),
        reason: excerpt(row.reason, LONGEST_EXCERPT),
        excerpt: excerpt(row.excerpt, LONGEST_EXCERPT),
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

/** What a slice has written of its rows, before anything follows from it. */
interface Written {
  /** Of the indicators with something new said of them, by key name. */
  readonly ids: ReadonlyMap<string, number>;
  /** Those of them that the ledger did not have, written with all that is said of them: why each is excluded. */
  readonly made: ReadonlyMap<number, string | null>;
  /** Those that it had, and the ones that an edit no longer names. */
  readonly touched: readonly number[];
  /** Those of them that an earlier window has left undone. */
  readonly undone: ReadonlyMap<number, Undone>;
  /** Why the ledger has excluded the others, by key name. */
  readonly excluded: ReadonlyMap<string, string | null>;
}

/** Writes down what the rows say, each of its own indicator. */
async function writeSaid(tx: Transaction<Database>, record: SliceRecord, groups: readonly Group[]): Promise<Written> {
  const { pipeline } = record;
  const ids = new Map<string, number>();
  const made = new Map<number, string | null>();
  const known = new Set<number>();
  const undone = new Map<number, Undone>();
  const excluded = new Map<string, string | null>();
  for (const round of rounds(groups)) {
    const compared = await compareSources(
      tx,
      pipeline,
      round.flatMap((group) => group.observations),
    );
    const knownIds = new Map(compared.map(({ observation, indicatorId }) => [keyName(observation.key), indicatorId]));
    for (const { observation, exclusion } of compared) excluded.set(keyName(observation.key), exclusion);
    for (const { observation, indicatorId: id, exclusion } of compared) {
      if (id === null || isExcluded(observation, record) === isBySettings(exclusion)) continue;
      ids.set(keyName(observation.key), id);
      known.add(id);
    }
    for (const one of await leftUndone(tx, record, compared)) {
      ids.set(keyName(one.key), one.id);
      known.add(one.id);
      undone.set(one.id, one);
    }
    const added = await addIndicators(
      tx,
      pipeline,
      round
        .filter(({ key }) => knownIds.get(keyName(key)) === null)
        .map(({ key, observations }) => merged(key, observations, record)),
    );
    for (const { id, indicator, exclusion } of added) {
      made.set(id, exclusion);
      knownIds.set(keyName(indicator.key), id);
    }
    const touched = compared.filter(({ standing }) => standing === 'touched').map(({ observation }) => observation);
    const rows = touched.map((observation) => ({ id: idOf(knownIds, observation.key), observation }));
    for (const { id, observation } of rows) {
      ids.set(keyName(observation.key), id);
      if (!made.has(id)) known.add(id);
    }
    const repeated = compared.filter(({ standing }) => standing === 'repeated');
    await moveSourceTimes(tx, repeated);
    await writeSources(tx, rows);
    const edited = [...touched, ...repeated.filter((one) => one.edited).map(({ observation }) => observation)];
    for (const id of await supersedeSources(tx, pipeline, edited)) known.add(id);
  }
  return { ids, made, touched: [...known], undone, excluded };
}

interface Outcome {
  readonly exclusion: string | null;
  readonly change: Change | null;
  /** The window did not have it yet. */
  readonly added: boolean;
}

/** Merges the touched indicators from all that is said of them now, and gives the window the work that follows. */
async function mergeAnew(
  tx: Transaction<Database>,
  record: SliceRecord,
  { ids, made, touched, undone }: Written,
): Promise<ReadonlyMap<number, Outcome>> {
  // Deliveries that are planned meanwhile see what comes of this, or this sees them.
  await lockIndicators(tx, touched);
  await takeOver(tx, record.windowId, undone);
  const given = new Set(ids.values());
  const outcomes = new Map<number, Outcome>();
  const follow = async (
    round: readonly { readonly id: number; readonly exclusion: string | null; readonly change: Change | null }[],
  ): Promise<void> => {
    const items = round.flatMap(({ id, change }) => (change === null ? [] : [{ id, change }]));
    const added = await addBatchItems(tx, record.windowId, items, record.now);
    for (const { id, exclusion, change } of round) outcomes.set(id, { exclusion, change, added: added.has(id) });
  };
  for (const round of rounds(touched)) {
    const written = (await readSources(tx, round)).map((stored) => {
      const after = merged(stored.key, stored.sources, record);
      const { indicator, hash, exclusion, entry } = after;
      const change = changeOf(made.has(stored.id) ? NOTHING_STORED : stored, after, undone.get(stored.id));
      const isConsequence = change !== null && change !== 'ended' && !given.has(stored.id);
      return {
        id: stored.id,
        indicator,
        hash,
        exclusion,
        entry,
        change: isConsequence ? ('consequence' as const) : change,
      };
    });
    await writeIndicators(tx, written);
    await follow(written);
  }
  const again = new Set(touched);
  const others = [...made].filter(([id]) => !again.has(id));
  for (const round of rounds(others)) {
    await follow(round.map(([id, exclusion]) => ({ id, exclusion, change: exclusion === null ? 'new' : null })));
  }
  return outcomes;
}

function rounds<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / ROUND) }, (_, round) =>
    all.slice(round * ROUND, (round + 1) * ROUND),
  );
}

/** The first row of an indicator has its outcome; the others are merged into it. */
function tally({ key, rows }: Group, { ids, excluded }: Written, outcomes: ReadonlyMap<number, Outcome>): SliceCounts {
  const name = keyName(key);
  const id = ids.get(name);
  const outcome = id === undefined ? undefined : outcomes.get(id);
  const exclusion = outcome === undefined ? (excluded.get(name) ?? null) : outcome.exclusion;
  const change = outcome?.change ?? null;
  const base = { ...NO_ROWS, rows, merged: rows - 1 };
  if (exclusion !== null) return { ...base, excluded: 1, excludedBy: addTallies({}, { [exclusion]: 1 }) };
  if (change === null) return { ...base, unchanged: 1 };
  // Another slice of this window has given it already: that row is the one that counts.
  if (outcome?.added !== true) return { ...base, merged: rows };
  return change === 'new' ? { ...base, new: 1 } : { ...base, changed: 1 };
}

function tallyNotes(observations: readonly Observation[]): Readonly<Record<string, number>> {
  const noted: Record<string, number> = {};
  for (const note of observations.flatMap(({ facts }) => facts.notes ?? [])) noted[note] = (noted[note] ?? 0) + 1;
  return noted;
}

const NOTHING_STORED = { hash: null, exclusion: null, delivered: false } as const;

/** What follows from an indicator as it is now; null when nothing does. */
function changeOf(
  before: Pick<StoredIndicator, 'exclusion' | 'delivered'> & { readonly hash: string | null },
  { hash, exclusion }: Merged,
  undone: Undone | undefined,
): Exclude<Change, 'consequence'> | null {
  if (exclusion !== null) return before.delivered ? 'ended' : null;
  if (before.hash === null || undone?.change === 'new') return 'new';
  return undone === undefined && before.hash === hash && before.exclusion === null ? null : 'changed';
}

function idOf(ids: ReadonlyMap<string, number | null>, key: IndicatorKey): number {
  const id = ids.get(keyName(key));
  if (id === undefined || id === null) throw new Error(`The ledger gave no id for an indicator of type ${key.type}.`);
  return id;
}
