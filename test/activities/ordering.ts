import { sql } from 'kysely';
import { formBatches } from '../../activities/form-batches.ts';
import { orderBatches } from '../../activities/order-batches.ts';
import type { Pipeline } from '../../activities/parts.ts';
import type { Observation } from '../../indicators/indicator.ts';
import { undecidedItems, writeDecisions } from '../../ledger/batches.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import type { WindowKind } from '../../ledger/schema.ts';
import { claimWindow } from '../../ledger/window-owners.ts';
import { planWindows } from '../../ledger/windows.ts';
import { readRows } from '../ledger/decided-window.ts';
import { observation } from '../ledger/observation.ts';
import { RUN } from '../ledger/run.ts';
import { partsWith } from './parts.ts';

const NOW = new Date('2026-11-24T12:00:00Z');

let pipelines = 0;
/**
 * The steps between the reading of windows and their delivery, at work on a ledger. What shares a request at the destination has the
 * same first tag; what has none cannot be rendered. Scores are as high as the confidence in the row: 75 are delivered.
 */
export function startOrdering(
  ledger: LedgerDb,
  settings: Partial<Pipeline> & { readonly fullLoad?: number | undefined } = {},
) {
  const { fullLoad, ...given } = settings;
  pipelines += 1;
  const name = `ordered${pipelines}`;
  const clock = { at: NOW };
  const unused = partsWith(ledger, { name }).pipeline(name);
  const parts = partsWith(
    ledger,
    {
      name,
      destination: {
        ...unused.destination,
        ...(fullLoad === undefined ? {} : { fullLoad }),
        render({ id, indicator: { key, facts } }) {
          const [batchKey] = facts.tags;
          if (batchKey === undefined) throw new Error('It has no tag.');
          return { id, key, hash: JSON.stringify(facts), batchKey, value: key.value, form: {} };
        },
      },
      ...given,
    },
    { now: () => clock.at },
  );
  const input = (windowId: number) => ({ pipeline: name, windowId, after: 0, limit: 1_000 });
  let windows = 0;
  let slices = 0;

  return {
    parts,
    name,
    later: (ms: number): void => {
      clock.at = new Date(clock.at.getTime() + ms);
    },
    window: async (kind: WindowKind = 'live'): Promise<number> => {
      windows += 1;
      const [from = '', to = ''] = [windows, windows + 1].map((hour) =>
        new Date(Date.UTC(2026, 0, 1, hour)).toISOString(),
      );
      const { windows: planned } = await planWindows(ledger, {
        pipeline: name,
        kind,
        owner: RUN,
        span: { from, to },
        windowMs: 3_600_000,
        overlapMs: 0,
        limit: 1,
        now: NOW,
      });
      const windowId = planned[0]?.id ?? 0;
      await claimWindow(ledger, windowId, RUN);
      return windowId;
    },
    read: (windowId: number, observations: readonly Observation[]) =>
      readRows(ledger, { pipeline: name, windowId, slice: `${(slices += 1)}`, observations }),
    /** Scores what is to be scored; the sizes of the parts in which that was done. */
    score: async (windowId: number): Promise<readonly number[]> => {
      const { toScore = [] } = await formBatches(parts, { ...input(windowId), scoresFirst: true });
      for (const { scoring } of toScore) {
        const items = await undecidedItems(ledger, windowId, { scoring });
        await writeDecisions(
          ledger,
          windowId,
          items.map(({ id, indicator, exclusion }) => {
            const score = indicator.facts.confidence ?? 0;
            if (exclusion !== null) return { id, decision: { kind: 'exclude', reason: exclusion, score: null } };
            return score < 75
              ? { id, decision: { kind: 'hold', reason: 'score-below-minimum', score } }
              : { id, decision: { kind: 'deliver', reason: 'score-at-or-above-minimum', score } };
          }),
        );
      }
      return toScore.map(({ items }) => items);
    },
    order: (windowId: number) => orderBatches(parts, input(windowId)),
    /** The keys of what is in each batch, in the order of the batches. */
    batches: async (windowId: number): Promise<readonly string[]> => {
      const { rows } = await sql<{
        keys: string;
      }>`select string_agg(coalesce(sort_key, '-'), ' ' order by sort_key, indicator_id) as keys
        from batch_items where window_id = ${windowId} and batch is not null group by batch order by batch`.execute(
        ledger,
      );
      return rows.map(({ keys }) => keys);
    },
    /** What became of the items of a window, by value. */
    outcomes: async (windowId: number): Promise<Readonly<Record<string, string | null>>> => {
      const { rows } = await sql<{ value: string; outcome: string | null }>`select i.value, bi.outcome
        from batch_items bi join indicators i on i.id = bi.indicator_id
        where bi.window_id = ${windowId} order by i.value`.execute(ledger);
      return Object.fromEntries(rows.map(({ value, outcome }) => [value, outcome]));
    },
    /** Who is on the list, and until when. */
    list: async (): Promise<readonly { value: string; reason: string; due: string | undefined }[]> => {
      const { rows } = await sql<{
        value: string;
        reason: string;
        due_at: Date | null;
      }>`select i.value, s.reason, s.due_at
        from set_aside s join indicators i on i.id = s.indicator_id where i.pipeline = ${name} order by i.value`.execute(
        ledger,
      );
      return rows.map(({ value, reason, due_at: due }) => ({ value, reason, due: due?.toISOString() }));
    },
    /** The destination holds these, as a window before has brought them. */
    hold: async (...values: readonly string[]): Promise<void> => {
      await sql`insert into deliveries (indicator_id, state, hash, changed_at)
        select id, 'confirmed', 'as it was', ${NOW}::timestamptz from indicators
        where pipeline = ${name} and value = any(${[...values]}::text[])`.execute(ledger);
    },
  };
}

/** So many rows of one key. */
export function rowsOf(key: string, count: number, from = 0): readonly Observation[] {
  return Array.from({ length: count }, (_, index) => rowOf(key, `${key}${from + index}.example.com`));
}

export function rowOf(key: string, value: string, confidence = 80, edit = 1): Observation {
  const tags = key === '' ? [] : [key];
  return observation(value, { time: `2026-11-0${edit}T00:00:00.0000000Z`, facts: { tags, confidence } });
}
