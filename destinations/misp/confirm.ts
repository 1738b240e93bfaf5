import { Fault } from '../../indicators/fault.ts';
import type { Confirmation, Destination, RejectedItem, Rendered, Unknown } from '../destination.ts';
import { likeness, type Wanted, wantedOf } from './likeness.ts';
import { API } from './misp-client.ts';
import type { MispParts } from './parts.ts';
import { fromReceipt } from './receipt.ts';
import { uuidOfRendered } from './render.ts';
import { listedValues, type ShownAttribute } from './reply-schemas.ts';
import { reasonOf } from './troubles.ts';

const SWITCHED_OFF = `a person has deleted it at ${API}, or taken it out of detection: switch it on there if it is wanted`;

interface Seen {
  readonly item: Rendered;
  readonly wanted: Wanted | null;
  readonly shown: ShownAttribute | undefined;
}

/** Looks at what MISP holds of each item; its acknowledgement counts for nothing, but for what it has declined. */
export function confirmer(parts: MispParts): Destination['confirm'] {
  const { read, ids, settings, now } = parts;
  return async ({ items }, receipt, signal) => {
    const { sentAt, troubles, switchedOff } = fromReceipt(receipt);
    const named = items.map((item) => ({ item, wanted: wantedOf(item), uuid: uuidOfRendered(item, ids) }));
    const found = await read(
      named.map(({ uuid }) => uuid),
      signal,
    );
    const all = named.map(({ item, wanted, uuid }): Seen => ({ item, wanted, shown: found.get(uuid) }));
    const left = all.filter(({ item }) => !switchedOff.includes(item.id));
    const lacks = new Map(left.map((one) => [one, lackOf(one)]));
    const accepted = left.filter((one) => lacks.get(one) === null);
    const declined = left.flatMap((one) => {
      const trouble = troubles.find(({ id }) => id === one.item.id);
      return accepted.includes(one) || trouble === undefined ? [] : [{ one, trouble }];
    });
    const open = left.filter((one) => !accepted.includes(one) && declined.every((other) => other.one !== one));
    if (open.length > 0 && now().getTime() < sentAt.getTime() + settings.confirmFor) {
      return { kind: 'waiting', retryAfterMs: settings.confirmPoll };
    }
    const listed = declined.filter(({ trouble }) => trouble.kind === 'listed').map(({ one }) => one.item.value);
    const lists = await listsOf(listed, parts, signal);
    await parts.publishChanged(
      accepted.flatMap(({ shown }) => shown ?? []),
      sentAt,
      signal,
    );
    const rejected: RejectedItem[] = [
      ...switchedOff.map((id): RejectedItem => ({ id, reason: SWITCHED_OFF, byReviewer: true })),
      ...declined.map(({ one, trouble }) => ({
        id: trouble.id,
        reason: reasonOf(trouble, lists.get(one.item.value) ?? []),
      })),
    ];
    return {
      kind: 'settled',
      accepted: accepted.map(({ item }) => item.id),
      rejected,
      unknown: open.map((one): Unknown => ({ id: one.item.id, ...(lacks.get(one) ?? NOT_SHOWN) })),
      given: [...accepted, ...open].flatMap(({ item, shown }) =>
        shown === undefined ? [] : [{ id: item.id, remoteId: shown.uuid }],
      ),
      note: noteOf(accepted),
    } satisfies Confirmation;
  };
}

type Lack = Omit<Unknown, 'id'>;

const NOT_SHOWN: Lack = { reason: `${API} took it in, and does not show it`, isAbsent: true };

/** What keeps an item from counting as held, in a sentence; null for nothing. */
function lackOf({ item, wanted, shown }: Seen): Lack | null {
  if (shown === undefined) return NOT_SHOWN;
  if (shown.deleted) return { reason: `it is deleted at ${API}, which did not take that back`, isAbsent: true };
  if (!shown.to_ids) return { reason: `it is not for detection at ${API}`, isAbsent: true };
  if (wanted === null) return null;
  const { isSameValue, isSameText, missing, stale } = likeness({ ...wanted, item }, shown);
  // It would be no other value if it were sent again.
  if (!isSameValue) return { reason: `${API} holds another value under its UUID` };
  if (missing.includes(wanted.form.tlp)) {
    return { reason: `${API} left out its tag ${wanted.form.tlp}: see who may set that`, isAbsent: true };
  }
  if (!isSameText || stale.length > 0) return { reason: `${API} does not show it as it was sent`, isAbsent: true };
  return null;
}

/** In whatever order they came: the same tags make the same note. */
function noteOf(accepted: readonly Seen[]): string {
  const missing = new Set(
    accepted.flatMap(({ wanted, shown }) =>
      wanted === null || shown === undefined ? [] : likeness(wanted, shown).missing,
    ),
  );
  if (missing.size === 0) return '';
  return `${API} left out ${missing.size} of the tags: the role of the key may not make them (perm_tag_editor), or they are reserved`;
}

/** The names of the warninglists that values are in; none where MISP does not tell them, which keeps nobody from what it has declined. */
async function listsOf(
  values: readonly string[],
  { client }: Pick<MispParts, 'client'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (values.length === 0) return new Map();
  const call = { method: 'POST', path: '/warninglists/checkValue', body: values, needs: 'read warninglists' } as const;
  const listed = await client.read(call, listedValues, signal).catch((error: unknown) => {
    if (error instanceof Fault && error.kind !== 'Throttled') return {};
    throw error;
  });
  return new Map(Object.entries(listed).map(([value, lists]) => [value, lists.map(({ name }) => name)]));
}
