import type { HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Destination } from '../destination.ts';
import { ownOrganization } from './own-organization.ts';
import type { Intelligence } from './reply-schemas.ts';
import { searchByValue } from './search.ts';
import { areOurs } from './tags.ts';
import { textValue } from './text-value.ts';
import { API, hasError, type ThreatStreamClient } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

/** What became of one value: `missing` only where our copy would have been seen. */
type Fate = { readonly kind: 'retracted' | 'missing' } | { readonly kind: 'unknown'; readonly reason: string };

/** Asked only where there are copies that could be ours. */
type OwnerOf = (signal: AbortSignal) => Promise<string | null>;

const CANNOT_TELL = `${API} shows copies with our tag, and not whose they are: set ownerOrganizationId of the destination`;
const CANNOT_READ = `${API} shows copies in a form that could not be read, and one of them may be ours`;

/**
 * Sets values inactive: the copies of our own organisation that carry our tag, and never another's. A copy that may be ours, and is
 * not seen to be withdrawn, is `unknown`.
 */
export function retractor(settings: ResolvedSettings, client: ThreatStreamClient): Destination['retract'] {
  let known = settings.ownerOrganizationId === undefined ? null : String(settings.ownerOrganizationId);
  const ownerOf: OwnerOf = async (signal) => {
    if (known !== null) return known;
    const owner = await ownOrganization(client, signal);
    known = owner;
    return owner;
  };
  return async (values, signal) => {
    const retracted: number[] = [];
    const missing: number[] = [];
    const unknown: { readonly id: number; readonly reason: string }[] = [];
    for (const { id, value } of values) {
      signal.throwIfAborted();
      const fate = await withdraw(client, value, ownerOf, signal).catch(declinedAlone);
      if (fate.kind === 'unknown') unknown.push({ id, reason: fate.reason });
      else (fate.kind === 'retracted' ? retracted : missing).push(id);
    }
    return { retracted, missing, unknown };
  };
}

/** What is declined of one value alone keeps no other. */
function declinedAlone(error: unknown): Fate {
  if (error instanceof Fault && error.kind === 'Rejected') return { kind: 'unknown', reason: error.message };
  throw error;
}

/** In the form that an import's text has, and in the plain one. */
async function withdraw(
  client: ThreatStreamClient,
  value: string,
  ownerOf: OwnerOf,
  signal: AbortSignal,
): Promise<Fate> {
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
      const outcome = await setInactive(client, copy, signal);
      if (outcome.kind === 'failed') failures.push(outcome.reason);
      else withdrawn += 1;
      if (outcome.kind === 'mute') mute.push(copy);
    }
    if (mute.length > 0) await requireChanged(client, form, { copies: mute, wasActive }, signal);
  }
  // One copy of ours is all that there is of a value: what is in doubt beside it is another's.
  const [reason] = withdrawn > 0 ? failures : [...failures, ...doubts];
  if (reason !== undefined) return { kind: 'unknown', reason };
  return { kind: withdrawn > 0 ? 'retracted' : 'missing' };
}

/** What lacks our tag came from elsewhere, even in our organisation. */
function whose(copy: Intelligence, owner: string | null): 'ours' | 'theirs' | 'nobody can tell' {
  if (!areOurs(copy.tags)) return 'theirs';
  if (owner !== null && copy.ownerOrganizationId !== null)
    return copy.ownerOrganizationId === owner ? 'ours' : 'theirs';
  return copy.isEditable === true ? 'ours' : 'nobody can tell';
}

type Change =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** A success that says nothing of the copy, as what stands between may answer in ThreatStream's stead. */
  | { readonly kind: 'mute' };

/** What holds of all copies, as a missing permission does, is thrown. */
async function setInactive(
  client: ThreatStreamClient,
  { id, isEditable }: Intelligence,
  signal: AbortSignal,
): Promise<Change> {
  const reply = await client.send(
    {
      method: 'PATCH',
      path: `/api/v2/intelligence/${encodeURIComponent(id)}/`,
      body: { type: 'application/json', text: JSON.stringify({ status: 'inactive' }) },
      needs: 'change intelligence',
      answers: isEditable === false ? [403, 404] : [404],
    },
    signal,
  );
  const { status } = reply;
  if (status >= 400) {
    return { kind: 'failed', reason: `${API} answered ${status} when our copy was to be set inactive` };
  }
  const object = objectOf(reply);
  if (object === null) return { kind: status === 202 ? 'done' : 'mute' };
  const isActive = hasError(object) || (status === 200 && 'status' in object && object.status === 'active');
  return isActive ? { kind: 'failed', reason: `${API} answered ${status} and left our copy active` } : { kind: 'done' };
}

/** The reply is the object as it is now (Splunk SOAR); a 202 may come before the change, and without one (Polarity). */
function objectOf({ text }: HttpReply): object | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' ? json : null;
  } catch {
    return null;
  }
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
  if (copies.some(isSame)) {
    throw new Fault('Unavailable', `${API} acknowledged a withdrawal without the object, and shows it as it was.`);
  }
}
