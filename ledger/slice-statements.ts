import { sql, type Transaction } from 'kysely';
import { factsHash } from '../indicators/content-hash.ts';
import type { Facts, Indicator, IndicatorKey, IndicatorType, Observation } from '../indicators/indicator.ts';
import type { ExclusionReason } from '../indicators/policy.ts';
import { jsonRows, jsonTexts } from './json-rows.ts';
import type { Database } from './schema.ts';

type Tx = Transaction<Database>;

export interface Compared {
  readonly observation: Observation;
  /**
   * `touched`: new here, or newer and different. `repeated`: the same again, later (a republished row). `stale`: not newer
   * than what the ledger has, so it changes nothing.
   */
  readonly standing: 'touched' | 'repeated' | 'stale';
  readonly indicatorId: number | null;
  /** `Modified` is not what the ledger has for this row: it may no longer name other observables. */
  readonly edited: boolean;
  /** Why the ledger has excluded the indicator, if it knows it. */
  readonly exclusion: string | null;
}

/** Holds observations against what the ledger has of the same row and indicator. */
export async function compareSources(
  tx: Tx,
  pipeline: string,
  observations: readonly Observation[],
): Promise<Compared[]> {
  if (observations.length === 0) return [];
  const rows = observations.map((observation, ord) => ({
    ord,
    type: observation.key.type,
    value: observation.key.value,
    source_id: observation.sourceId,
  }));
  const known = await sql<{
    ord: number;
    id: number;
    exclusion: string | null;
    facts_hash: string | null;
    source_time: string | null;
    modified: string | null;
    superseded: boolean | null;
  }>`select r.ord, i.id, i.exclusion, s.facts_hash, s.source_time, s.modified, s.superseded
     from ${jsonRows(rows, 'ord integer, type text, value text, source_id text')}
     join indicators i on i.value = r.value and i.type = r.type and i.pipeline = ${pipeline}
     left join sources s on s.indicator_id = i.id and s.source_id = r.source_id`.execute(tx);
  const byOrd = new Map(known.rows.map((row) => [row.ord, row]));
  return observations.map((observation, ord) => {
    const row = byOrd.get(ord);
    const base = {
      observation,
      indicatorId: row?.id ?? null,
      edited: observation.modified !== (row?.modified ?? null),
      exclusion: row?.exclusion ?? null,
    };
    if (row === undefined || row.source_time === null) return { ...base, standing: 'touched' };
    if (observation.sourceTime < row.source_time) return { ...base, standing: 'stale' };
    const same = row.facts_hash === factsHash(observation.facts, observation.sourceSystem) && row.superseded === false;
    if (!same) return { ...base, standing: 'touched' };
    return { ...base, standing: observation.sourceTime === row.source_time ? 'stale' : 'repeated' };
  });
}

/** A repeated row is remembered as newer, so that an older one that is read later cannot win over it. */
export async function moveSourceTimes(tx: Tx, repeated: readonly Compared[]): Promise<void> {
  if (repeated.length === 0) return;
  const rows = repeated.map(({ observation, indicatorId }) => ({
    indicator_id: indicatorId,
    source_id: observation.sourceId,
    source_time: observation.sourceTime,
    modified: observation.modified,
  }));
  await sql`update sources s set source_time = r.source_time, modified = r.modified
    from ${jsonRows(rows, 'indicator_id bigint, source_id text, source_time text, modified text')}
    where s.source_id = r.source_id and s.indicator_id = r.indicator_id and s.source_time < r.source_time`.execute(tx);
}

/** An indicator as merged from all that is said of it. */
export interface Merged {
  readonly indicator: Indicator;
  readonly hash: string;
  readonly exclusion: ExclusionReason | null;
  readonly entry: string | null;
}

const MERGED_COLUMNS = 'facts jsonb, sources jsonb, content_hash text, exclusion text, exclusion_entry text';

function mergedRow({ indicator: { facts, sources }, hash, exclusion, entry }: Merged) {
  return { facts, sources, content_hash: hash, exclusion, exclusion_entry: entry };
}

/** Writes indicators that the ledger does not have; with their ids. */
export async function addIndicators(
  tx: Tx,
  pipeline: string,
  all: readonly Merged[],
): Promise<readonly (Merged & { readonly id: number })[]> {
  if (all.length === 0) return [];
  const rows = all.map((one) => ({ ...one.indicator.key, ...mergedRow(one) }));
  const added = await sql<{
    id: number;
    type: IndicatorType;
    value: string;
  }>`insert into indicators (pipeline, type, value, facts, sources, content_hash, exclusion, exclusion_entry)
    select ${pipeline}, r.* from ${jsonRows(rows, `type text, value text, ${MERGED_COLUMNS}`)}
    returning id, type, value`.execute(tx);
  const byName = new Map(all.map((one) => [keyName(one.indicator.key), one]));
  return added.rows.flatMap((row) => {
    const one = byName.get(keyName(row));
    return one === undefined ? [] : [{ ...one, id: row.id }];
  });
}

/**
 * Whoever merges indicators, or changes where they stand at the destination, takes them first: one after the other, in the order of
 * their ids, so that nobody waits for one who waits for him. Rows that only refer to an indicator are written without.
 */
export async function lockIndicators(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`select id from indicators where id = any(${idList(ids)}) order by id for no key update`.execute(tx);
}

export async function writeSources(
  tx: Tx,
  rows: readonly { readonly id: number; readonly observation: Observation }[],
): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map(({ id, observation }) => ({
    indicator_id: id,
    source_id: observation.sourceId,
    source_system: observation.sourceSystem,
    source_time: observation.sourceTime,
    modified: observation.modified,
    facts: observation.facts,
    facts_hash: factsHash(observation.facts, observation.sourceSystem),
  }));
  await sql`insert into sources (indicator_id, source_id, source_system, source_time, modified, facts, facts_hash, superseded)
    select r.*, false from ${jsonRows(
      values,
      'indicator_id bigint, source_id text, source_system text, source_time text, modified text, facts jsonb, facts_hash text',
    )}
    on conflict (source_id, indicator_id) do update set
      source_system = excluded.source_system, source_time = excluded.source_time, modified = excluded.modified,
      facts = excluded.facts, facts_hash = excluded.facts_hash, superseded = false
    where sources.source_time <= excluded.source_time`.execute(tx);
}

/**
 * An edited row names its observables anew: those that only an older edit of the same Id named are superseded, in whatever
 * order the edits are read. Returns the indicators for which that has changed.
 */
export async function supersedeSources(
  tx: Tx,
  pipeline: string,
  edited: readonly Observation[],
): Promise<readonly number[]> {
  const rows = [...new Set(edited.flatMap(({ sourceId, modified }) => (modified === null ? [] : sourceId)))];
  if (rows.length === 0) return [];
  const result = await sql<{ indicator_id: number }>`with said as (
      select s.source_id, s.indicator_id, s.superseded,
        coalesce(s.modified < max(s.modified) over (partition by s.source_id), false) as older
      from ${jsonTexts(rows, 'r(source_id)')}
        join sources s on s.source_id = r.source_id
        join indicators i on i.id = s.indicator_id and i.pipeline = ${pipeline}
    )
    update sources s set superseded = said.older from said
    where s.source_id = said.source_id and s.indicator_id = said.indicator_id and said.superseded <> said.older
    returning s.indicator_id`.execute(tx);
  return result.rows.map((row) => row.indicator_id);
}

export interface StoredIndicator {
  readonly id: number;
  readonly key: IndicatorKey;
  readonly hash: string | null;
  readonly exclusion: string | null;
  /** The destination has it, or may have it. */
  readonly delivered: boolean;
  readonly sources: readonly { readonly sourceSystem: string; readonly sourceTime: string; readonly facts: Facts }[];
}

/** All that is said of these indicators now. Superseded sources are said no more: they count as deleted. */
export async function readSources(tx: Tx, ids: readonly number[]): Promise<readonly StoredIndicator[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{
    id: number;
    type: IndicatorType;
    value: string;
    content_hash: string;
    exclusion: string | null;
    source_system: string;
    source_time: string;
    facts: Facts;
    superseded: boolean;
    delivered: boolean | null;
  }>`select i.id, i.type, i.value, i.content_hash, i.exclusion, d.state = 'pending' or d.hash is not null or d.may_hold is not null as delivered,
      s.source_system, s.source_time, s.facts, s.superseded
    from indicators i join sources s on s.indicator_id = i.id left join deliveries d on d.indicator_id = i.id
    where i.id = any(${idList(ids)}) order by i.id, s.source_id`.execute(tx);
  const stored = new Map<number, StoredIndicator & { sources: StoredIndicator['sources'][number][] }>();
  for (const row of rows) {
    let indicator = stored.get(row.id);
    if (indicator === undefined) {
      indicator = {
        id: row.id,
        key: { type: row.type, value: row.value },
        hash: row.content_hash,
        exclusion: row.exclusion,
        delivered: row.delivered === true,
        sources: [],
      };
      stored.set(row.id, indicator);
    }
    const facts: Facts = row.superseded ? { ...row.facts, ended: 'deleted' } : row.facts;
    indicator.sources.push({ sourceSystem: row.source_system, sourceTime: row.source_time, facts });
  }
  return [...stored.values()];
}

export async function writeIndicators(tx: Tx, all: readonly (Merged & { readonly id: number })[]): Promise<void> {
  if (all.length === 0) return;
  const rows = all.map((one) => ({ id: one.id, ...mergedRow(one) }));
  await sql`update indicators i
    set facts = r.facts, sources = r.sources, content_hash = r.content_hash, exclusion = r.exclusion,
      exclusion_entry = r.exclusion_entry
    from ${jsonRows(rows, `id bigint, ${MERGED_COLUMNS}`)} where i.id = r.id`.execute(tx);
}

/** PostgreSQL's text form of an array of ids: one parameter, whatever their number. */
export function idList(ids: readonly number[]): ReturnType<typeof sql> {
  return sql`${`{${ids.join(',')}}`}::bigint[]`;
}

export function keyName(key: IndicatorKey): string {
  return `${key.value}\u0000${key.type}`;
}
