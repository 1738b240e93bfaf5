import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import type { Pipeline } from '../../activities/parts.ts';
import { followReviews } from '../../delivery/follow-reviews.ts';
import type { Destination, Held, Rendered, Send, Unknown, Withdrawable } from '../../destinations/destination.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Observation } from '../../indicators/indicator.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { partsWith } from '../activities/parts.ts';
import { decideWindow, NOW, readWindow } from '../ledger/decided-window.ts';

/** What the destination says of a value that it is asked about. */
type Said = 'accepted' | 'rejected' | 'unknown' | 'absent' | 'waiting' | 'unavailable';

/** What it is asked, and what it says: by value, or of all that is not named. */
export interface Script {
  said: Record<string, Said>;
  /** What it brings waits for a person. */
  reviews: boolean;
  /** The shipments that a person has decided about. */
  decided: readonly number[] | Fault;
  /** Values that it cannot withdraw now. */
  stuck: readonly string[];
  /** Goes into the ids that it gives. */
  generation: number;
}

/** A request as it was sent, or asked about: whether it brings or changes, and what. */
export interface Asked {
  readonly act: string;
  readonly values: readonly string[];
  readonly held: readonly (Held | null)[];
}

const ANALYST = 'excluded from the import by an analyst';

let pipelines = 0;
/** The steps of a delivery to a destination that does as it is told: it brings what has no id, and changes the rest. */
export function startScripted(ledger: LedgerDb, given: Partial<Pipeline> = {}, own: Partial<Destination> = {}) {
  pipelines += 1;
  const name = given.name ?? `scripted${pipelines}`;
  const script: Script = { said: {}, reviews: false, decided: [], stuck: [], generation: 1 };
  const sent: Asked[] = [];
  const asked: Asked[] = [];
  const withdrawn: Withdrawable[] = [];
  const reviewed: (readonly number[])[] = [];
  const clock = { at: NOW };
  const logged: string[] = [];
  let under = 0;
  let abreast = 0;
  const saidOf = ({ value }: Rendered): Said => script.said[value] ?? script.said['*'] ?? 'accepted';
  const send: Send = async ({ items }, _signal, leaving) => {
    await leaving?.();
    sent.push(toAsked(items));
    return { session: sent.length };
  };
  const destination: Destination = {
    describe: 'a scripted destination',
    render: ({ id, indicator: { key, facts }, held }) => ({
      id,
      key,
      hash: JSON.stringify([facts.confidence, facts.threat]),
      batchKey: (held?.remoteId ?? null) === null ? 'bring' : 'change',
      value: key.value,
      form: { confidence: facts.confidence, threat: facts.threat },
    }),
    plan: (items) =>
      ['bring', 'change']
        .map((act) => items.filter(({ batchKey }) => batchKey === act))
        .filter(({ length }) => length > 0),
    requestsFor: () => 1,
    bring: send,
    change: send,
    find: async () => ({ kind: 'absent' }),
    async confirm({ items }) {
      asked.push(toAsked(items));
      under += 1;
      abreast = Math.max(abreast, under);
      await new Promise(setImmediate);
      under -= 1;
      const of = (said: Said) => items.filter((item) => saidOf(item) === said);
      if (of('unavailable').length > 0) throw new Fault('Unavailable', 'It is away.');
      if (of('waiting').length === items.length && items.length > 0) return { kind: 'waiting', retryAfterMs: 1 };
      const silent = (item: Rendered): Unknown => ({ id: item.id, reason: 'it does not say' });
      const absent = (item: Rendered): Unknown => ({ ...silent(item), isAbsent: true });
      const unknown = [...[...of('unknown'), ...of('waiting')].map(silent), ...of('absent').map(absent)];
      return {
        kind: 'settled',
        accepted: of('accepted').map(({ id }) => id),
        rejected: of('rejected').map(({ id }) => ({ id, reason: ANALYST })),
        unknown,
        given: [...of('accepted'), ...of('unknown')].map(({ id, value }) => ({
          id,
          remoteId: `${value}#${script.generation}`,
        })),
        ...(script.reviews ? { awaitsReview: true } : {}),
        note: '',
      };
    },
    async reviewed(waiting) {
      reviewed.push(waiting.map(({ shipmentId }) => shipmentId));
      if (script.decided instanceof Fault) throw script.decided;
      return script.decided;
    },
    async withdraw(items) {
      withdrawn.push(...items);
      const gone = items.filter(({ key }) => !script.stuck.includes(key.value)).map(({ id }) => id);
      const unknown = items.filter(({ id }) => !gone.includes(id)).map(({ id }) => ({ id, reason: 'it is stuck' }));
      return { withdrawn: gone, missing: [], unknown };
    },
  };
  const parts = partsWith(ledger, { destination: { ...destination, ...own }, ...given, name }, { now: () => clock.at });
  const logger = new DefaultLogger('WARN', ({ message }) => logged.push(message));
  const run = async <T>(step: () => Promise<T>): Promise<T | Fault['kind']> => {
    try {
      return await new MockActivityEnvironment({}, { logger }).run(step);
    } catch (error) {
      if (error instanceof Fault) return error.kind;
      throw error;
    }
  };
  const batch = (windowId: number) => ({ pipeline: name, windowId, batch: 1 });
  return {
    name,
    script,
    sent,
    asked,
    withdrawn,
    /** The shipments that it was asked for, each time. */
    reviewed,
    logged,
    /** The most questions that were under way at once. */
    abreast: () => abreast,
    clock,
    parts,
    deliver: (windowId: number) => run(() => deliver(parts, batch(windowId))),
    confirm: (windowId: number) => run(() => confirm(parts, batch(windowId))),
    review: () => run(() => followReviews(parts, parts.pipeline(name))),
    /** Reads rows in a window of their own, decides, delivers and confirms them. */
    bring: async (...rows: readonly Observation[]): Promise<number> => {
      const windowId = await readWindow(ledger, name, rows, clock.at);
      await decideWindow(ledger, windowId);
      await run(() => deliver(parts, batch(windowId)));
      await run(() => confirm(parts, batch(windowId)));
      return windowId;
    },
  };
}

function toAsked(items: readonly Rendered[]): Asked {
  return {
    act: [...new Set(items.map(({ batchKey }) => batchKey))].join(' and '),
    values: items.map(({ value }) => value),
    held: items.map(({ held }) => held ?? null),
  };
}
