import { Fault } from '../../indicators/fault.ts';
import type { Destination, Receipt, Withdrawable } from '../destination.ts';
import { areOurs } from '../threatstream-csv/tags.ts';
import { ownAmong } from './adoption.ts';
import { objectOf, patch } from './amend.ts';
import { CANNOT_READ, CANNOT_TELL, type OwnerOf, whose } from './ownership.ts';
import type { Intelligence } from './reply-schemas.ts';
import { searchByValue, searchByValues } from './search.ts';
import { exclude, sessionById } from './session-lookup.ts';
import { textValue } from './text-value.ts';
import { API, hasError, type ThreatStreamClient } from './threatstream-client.ts';

/** What became of one value: `missing` only where our copy would have been seen. */
type Fate = { readonly kind: 'withdrawn' | 'missing' } | { readonly kind: 'unknown'; readonly reason: string };

interface Withdrawing {
  readonly client: ThreatStreamClient;
  readonly ownerOf: OwnerOf;
}

const MAY_COME = `its import session is still "processing" in ${API} and may bring it yet: it is withdrawn then`;
const AFTER_REVIEW = `it waits for a review in ${API} and may not be excluded from it: it is withdrawn once that is over`;

/**
 * Withdraws what is held: by its id, as far as that is known, else by its value, where only the copies of our own organisation count that
 * carry our tag. What waits for a person is left out of its import session. A copy that may be ours, and is not seen to be withdrawn, is
 * `unknown`.
 */
export function withdrawer(withdrawing: Withdrawing): Destination['withdraw'] {
  return async (items, signal) => {
    const withdrawn: number[] = [];
    const missing: number[] = [];
    const unknown: { readonly id: number; readonly reason: string }[] = [];
    for (const item of items) {
      signal.throwIfAborted();
      const fate = await withdraw(withdrawing, item, signal).catch(declinedAlone);
      if (fate.kind === 'unknown') unknown.push({ id: item.id, reason: fate.reason });
      else (fate.kind === 'withdrawn' ? withdrawn : missing).push(item.id);
    }
    return { withdrawn, missing, unknown };
  };
}

/** What is declined of one value alone keeps no other. */
function declinedAlone(error: unknown): Fate {
  if (error instanceof Fault && error.kind === 'Rejected') return { kind: 'unknown', reason: error.message };
  throw error;
}

async function withdraw(withdrawing: Withdrawing, item: Withdrawable, signal: AbortSignal): Promise<Fate> {
  const { client } = withdrawing;
  const { value } = item.key;
  const { awaiting = null } = item;
  const remoteId = item.held?.remoteId ?? null;
  const fate = awaiting === null ? null : await outOfReview(withdrawing, { ...item, awaiting }, signal);
  if (fate !== null) return fate;
  if (remoteId === null) return unlessComing(withdrawing, item, signal);
  const outcome = await setInactive(client, remoteId, true, signal);
  if (outcome.kind === 'done') return { kind: 'withdrawn' };
  if (outcome.kind === 'accepted') {
    if ((await ourCopy(withdrawing, value, signal))?.status === 'active') throw asItWas();
    return { kind: 'withdrawn' };
  }
  // An approval may give an observable another id (UNCONFIRMED), and what says nothing of the copy need not be ThreatStream.
  if (outcome.kind === 'failed' && !outcome.isMissing) return { kind: 'unknown', reason: outcome.reason };
  return byValue(withdrawing, value, signal);
}

/**
 * Leaves what waits for a person out of the import session that has it, which need not be the one that it was sent with: that may have
 * discarded it as a duplicate, and lets itself be told all the same to leave it out. Null when it is active, or is there still.
 */
async function outOfReview(
  withdrawing: Withdrawing,
  { key: { value }, held, awaiting }: Withdrawable & { readonly awaiting: Receipt },
  signal: AbortSignal,
): Promise<Fate | null> {
  const { client } = withdrawing;
  const copy = await ourCopy(withdrawing, value, signal);
  const id = copy?.id ?? held?.remoteId ?? null;
  if (copy?.status === 'active' || id === null) return null;
  const sessionId = copy?.sessionId ?? awaiting['sessionId'];
  if (typeof sessionId !== 'string') return { kind: 'unknown', reason: AFTER_REVIEW };
  if (await exclude(client, sessionId, id, signal)) {
    return (await ourCopy(withdrawing, value, signal)) === undefined ? { kind: 'missing' } : null;
  }
  const session = await sessionById(client, sessionId, signal);
  return session === null || session.status === 'approved' ? null : { kind: 'unknown', reason: AFTER_REVIEW };
}

/** What is not there may be on its way in with an import session that takes longer than was waited for it: that is asked first. */
async function unlessComing(
  withdrawing: Withdrawing,
  { key: { value }, unsure }: Withdrawable,
  signal: AbortSignal,
): Promise<Fate> {
  const sessionId = unsure?.['sessionId'];
  const session = typeof sessionId === 'string' ? await sessionById(withdrawing.client, sessionId, signal) : null;
  const fate = await byValue(withdrawing, value, signal);
  return fate.kind === 'missing' && session?.status === 'processing' ? { kind: 'unknown', reason: MAY_COME } : fate;
}

/** One that lacks our tag is an analyst's, and says nothing of ours. */
async function ourCopy(
  { client, ownerOf }: Withdrawing,
  value: string,
  signal: AbortSignal,
): Promise<Intelligence | undefined> {
  const item = { value };
  const copies = await searchByValues(client, [...new Set([value, textValue(value)])], signal);
  const tagged = copies.filter(({ tags }) => areOurs(tags));
  return (await ownAmong([item], tagged, { ownerOf, signal })).get(item);
}

/** In the form that an import's text has, and in the plain one. */
async function byValue({ client, ownerOf }: Withdrawing, value: string, signal: AbortSignal): Promise<Fate> {
  const doubts: string[] = [];
  const failures: string[] = [];
  let withdrawn = 0;
  for (const form of new Set([textValue(value), value])) {
    const { active, inactive } = await searchByValue(client, form, signal);
    if (active.unreadable + inactive.unreadable > 0) doubts.push(CANNOT_READ);
    const all = [...active.found, ...inactive.found];
    const owner = all.some(({ tags }) => areOurs(tags)) ? await ownerOf(signal) : null;
    if (all.some((copy) => whose(copy, owner) === 'nobody can tell')) doubts.push(CANNOT_TELL);
    const shown = [active, inactive].map(({ found }) => found.filter((copy) => whose(copy, owner) === 'ours'));
    // Active ones or, where there are none, those that wait for a review.
    const [ourActive = [], ourInactive = []] = shown;
    const wasActive = ourActive.length > 0;
    const copies = wasActive ? ourActive : ourInactive;
    const mute: Intelligence[] = [];
    for (const copy of copies) {
      // An approval might make it active again.
      if (!wasActive && copy.sessionId !== null && (await exclude(client, copy.sessionId, copy.id, signal))) {
        if (await isShown(client, form, copy, signal)) failures.push(AFTER_REVIEW);
        else withdrawn += 1;
        continue;
      }
      const outcome = await setInactive(client, copy.id, copy.isEditable !== false, signal);
      if (outcome.kind === 'failed') failures.push(outcome.reason);
      else withdrawn += 1;
      if (outcome.kind === 'mute' || (outcome.kind === 'accepted' && wasActive)) mute.push(copy);
    }
    if (mute.length > 0) await requireChanged(client, form, { copies: mute, wasActive }, signal);
  }
  // One copy of ours is all that there is of a value: what is in doubt beside it is another's.
  const [reason] = withdrawn > 0 ? failures : [...failures, ...doubts];
  if (reason !== undefined) return { kind: 'unknown', reason };
  return { kind: withdrawn > 0 ? 'withdrawn' : 'missing' };
}

/** What has acknowledged that it is left out of its import session need not be ThreatStream. */
async function isShown(
  client: ThreatStreamClient,
  value: string,
  { id }: Intelligence,
  signal: AbortSignal,
): Promise<boolean> {
  const { active, inactive } = await searchByValue(client, value, signal);
  return [...active.found, ...inactive.found].some((copy) => copy.id === id);
}

type Change =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly reason: string; readonly isMissing: boolean }
  /**
   * A success that says nothing of the copy, as what stands between may answer in ThreatStream's stead. With 202, or an object without a
   * status, it may be ThreatStream's own, and is believed unless the copy is seen to be active.
   */
  | { readonly kind: 'mute' | 'accepted' };

/** What holds of all copies, as a missing permission does, is thrown. */
async function setInactive(
  client: ThreatStreamClient,
  remoteId: string,
  isOurs: boolean,
  signal: AbortSignal,
): Promise<Change> {
  const reply = await patch(client, remoteId, { status: 'inactive' }, signal, isOurs ? [404] : [403, 404]);
  const { status } = reply;
  if (status >= 400) {
    const reason = `${API} answered ${status} when our copy was to be set inactive`;
    return { kind: 'failed', reason, isMissing: status === 404 };
  }
  const object = objectOf(reply);
  if (object === null) return { kind: status === 202 ? 'accepted' : 'mute' };
  const isActive = hasError(object) || (status === 200 && 'status' in object && object.status === 'active');
  if (!isActive) return { kind: 'status' in object ? 'done' : 'accepted' };
  return { kind: 'failed', reason: `${API} answered ${status} and left our copy active`, isMissing: false };
}

/** Throws when copies are still active, or wait for a review as they did before they were to be set inactive. */
async function requireChanged(
  client: ThreatStreamClient,
  value: string,
  { copies, wasActive }: { readonly copies: readonly Intelligence[]; readonly wasActive: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { active, inactive } = await searchByValue(client, value, signal);
  const isSame = (copy: Intelligence): boolean =>
    active.found.some(({ id }) => id === copy.id) ||
    (!wasActive && inactive.found.some(({ id, version }) => id === copy.id && version === copy.version));
  if (copies.some(isSame)) throw asItWas();
}

function asItWas(): Fault {
  return new Fault('Unavailable', `${API} acknowledged a withdrawal without the object, and shows it as it was.`);
}
