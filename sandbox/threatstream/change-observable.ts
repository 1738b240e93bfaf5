import { z } from 'zod';
import { type Answer, answer, type Rooms, type Route } from './answer.ts';
import { heldCopy } from './copies.ts';
import type { Entry, EntryState } from './entry.ts';
import { intelligenceObject } from './intelligence-object.ts';
import { isItypeOf } from './kinds.ts';
import { knownObservable } from './own-observable.ts';
import { Declined, expirationOf, isTlp, jsonOf } from './request-values.ts';

const change = z.object({
  itype: z.string().optional(),
  status: z.enum(['active', 'inactive', 'falsepos']).optional(),
  tlp: z.string().refine(isTlp).nullable().optional(),
  severity: z.enum(['low', 'medium', 'high', 'very-high']).optional(),
  confidence: z.int().min(0).max(100).optional(),
  expiration_ts: z.string().nullable().optional(),
});
type Change = z.infer<typeof change>;

/** One observable, by its id. (Source: facts/apis.md 2.7, facts/tips.md 1.7.) */
export const CHANGE_ROUTE: Route = {
  method: 'PATCH',
  path: /^\/api\/v2\/intelligence\/(\d+)\/$/,
  answer(rooms, { body }, [id]) {
    const { entry, copy } = knownObservable(rooms, Number(id));
    const parsed = change.safeParse(jsonOf(body, 'The body'));
    if (!parsed.success) throw new Declined(400, z.prettifyError(parsed.error));
    const { itype, tlp, severity, confidence, status } = parsed.data;
    if (itype !== undefined && !isItypeOf(entry.kind, itype)) {
      throw new Declined(400, 'itype is not one of the type of the observable.');
    }
    const profile = {
      ...copy.profile,
      ...(itype === undefined ? {} : { itype }),
      ...(tlp === undefined ? {} : { tlp }),
      ...(severity === undefined ? {} : { severity }),
      ...(confidence === undefined ? {} : { confidence }),
      ...endOf(rooms, parsed.data, entry),
    };
    if (profile.confidence !== copy.profile.confidence) rooms.counts.confidences += 1;
    rooms.holdings.change(entry, profile, stateOf(entry.state, status), true);
    return changed(rooms, entry);
  },
};

/** An end can be set of active observables only. (Source: facts/tips.md 1.3, trap 10.) */
function endOf(
  { faults, now }: Rooms,
  { expiration_ts, status }: Change,
  { state }: Entry,
): { expiration?: string | null } {
  if (expiration_ts === undefined) return {};
  const expiration = expirationOf(expiration_ts, now());
  const { expiryNeedsActive } = faults();
  const isActive = status === undefined ? state === 'active' : status === 'active';
  if (isActive || expiryNeedsActive === false) return { expiration };
  if (expiryNeedsActive === 'ignored') return {};
  throw new Declined(400, 'expiration_ts can be changed of active observables only.');
}

/** What waits for a review is shown as inactive; to set it so withdraws it. */
function stateOf(state: EntryState, status: Change['status']): EntryState {
  if (status === undefined) return state;
  return status === 'inactive' ? 'gone' : status;
}

/** (UNCONFIRMED which: clients expect 200 or 202, and read the object or not.) */
function changed({ faults }: Rooms, entry: Entry): Answer {
  const { changeReply } = faults();
  const copy = heldCopy(entry);
  if (changeReply === 'mute' || copy === null) return { status: 202, headers: {}, body: '' };
  return answer(changeReply === 'object' ? 200 : 202, intelligenceObject(copy));
}
