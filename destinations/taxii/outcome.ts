import { z } from 'zod';
import { parseJson } from '../../http/faults.ts';
import { Fault } from '../../indicators/fault.ts';
import { indicatorId } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import type { Destination, Receipt, Rendered, Unknown } from '../destination.ts';
import { withGrace } from '../lost-acknowledgement.ts';
import { plainWordsOf } from './add-objects.ts';
import { instantOf } from './content.ts';
import type { Parts } from './parts.ts';
import { isRevoked, type Standing, says } from './standing.ts';
import { API } from './taxii-client.ts';
import { idsOf, versionForm } from './version.ts';

/** Whether the collection shows an item as it was sent. */
type Fate = 'there' | 'revoked' | 'not yet' | 'unfit';

const REASONS: Readonly<Record<Exclude<Fate, 'there'>, string>> = {
  revoked: 'it is revoked there under its id, which is final: it comes under another id when it is brought again',
  'not yet': 'the collection does not show it as it was sent',
  unfit: 'it can no longer be put into the form in which it was sent',
};

/** Looks by reading, never at the status resource: on one server what is there already is a failure there, on another anything is a success. */
export function finder({ collection, standings, now, lostAckGrace, requestTimeoutMs }: Parts): Destination['find'] {
  return withGrace(
    async ({ items }, { sentAfter }, signal) => {
      if (items.length === 0) {
        await collection.look(signal);
        return null;
      }
      const there = await standings(items.flatMap(idsOf), signal);
      const isThere = items.every((item) => fateOf(item, there) === 'there');
      return isThere ? { sentAt: sentAfter.toISOString(), status: null } : null;
    },
    { lostAckGrace, requestTimeout: requestTimeoutMs },
    now,
  );
}

/** Confirms what the collection shows with the content that was sent, in whatever form its server writes that. */
export function confirmer(parts: Parts): Destination['confirm'] {
  const { standings, now, namespace, confirmFor, confirmPoll, companions } = parts;
  return async ({ items }, receipt, signal) => {
    const there = await standings(items.flatMap(idsOf), signal);
    const fates = items.map((item) => ({ item, fate: fateOf(item, there) }));
    const of = (fate: Fate) => fates.filter((one) => one.fate === fate).map(({ item }) => item);
    const late = of('not yet');
    const sentAt = instantOf(receipt['sentAt']) ?? 0;
    if (late.length > 0 && now().getTime() < sentAt + confirmFor) return { kind: 'waiting', retryAfterMs: confirmPoll };
    const accepted = of('there');
    const hints = late.length === 0 ? new Map<string, string>() : await hintsOf(parts, receipt, late, signal);
    const unknown = fates.flatMap(({ item, fate }): Unknown[] => {
      if (fate === 'there') return [];
      const hint = fate === 'not yet' ? hints.get(idsOf(item)[0] ?? '') : undefined;
      const reason = `${REASONS[fate]}${hint === undefined ? '' : `; the server said of it: ${hint}`}`;
      return [fate === 'unfit' ? { id: item.id, reason } : { id: item.id, reason, isAbsent: true }];
    });
    return {
      kind: 'settled',
      accepted: accepted.map(({ id }) => id),
      rejected: [],
      unknown,
      given: [
        ...accepted.flatMap((item) => ({ id: item.id, remoteId: idsOf(item)[0] ?? null })),
        ...of('revoked').map((item) => ({ id: item.id, remoteId: idAfter(item, namespace) })),
      ],
      note: noteOf(accepted, there, companions.warnings()),
    };
  };
}

function fateOf(item: Rendered, there: ReadonlyMap<string, Standing>): Fate {
  const [id, ...earlier] = idsOf(item);
  if (id === undefined) return 'unfit';
  const standing = there.get(id);
  if (standing !== undefined && isRevoked(standing)) return 'revoked';
  const isOver = (other: string): boolean => {
    const old = there.get(other);
    return old === undefined || old.own === null || isRevoked(old);
  };
  return says(standing, item.plannedHash ?? item.hash) && earlier.every(isOver) ? 'there' : 'not yet';
}

/** Under which it is brought the next time. */
function idAfter({ key, form }: Rendered, namespace: string): string {
  return indicatorId(namespace, stixPattern(key), (versionForm(form)?.generation ?? 0) + 1);
}

function noteOf(
  accepted: readonly Rendered[],
  there: ReadonlyMap<string, Standing>,
  warnings: readonly string[],
): string {
  const covered = accepted.filter((item) => {
    const standing = there.get(idsOf(item)[0] ?? '');
    return standing !== undefined && standing.newest !== standing.own;
  }).length;
  const over = covered === 0 ? [] : [`${covered} with a newer version of another producer above ours`];
  return [...over, ...warnings].join('; ');
}

const failuresShape = z.object({
  failures: z.array(z.object({ id: z.string(), message: z.string() }).nullable().catch(null)).catch([]),
});

/** What its status resource says of objects that are not there: words for a person, and no more. It may be gone. */
async function hintsOf(
  { client }: Parts,
  { status }: Receipt,
  late: readonly Rendered[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (typeof status !== 'string') return new Map();
  try {
    const reply = await client.send({ path: `status/${encodeURIComponent(status)}/` }, signal);
    const { failures } = failuresShape.parse(Object(parseJson(API, reply)));
    const values = late.map(({ value }) => value);
    return new Map(
      failures.flatMap((one) => {
        const words = one === null ? '' : plainWordsOf(one.message, values);
        return one === null || words === '' ? [] : [[one.id, words] as const];
      }),
    );
  } catch (error) {
    if (error instanceof Fault) return new Map();
    throw error;
  }
}
