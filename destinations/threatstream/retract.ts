import type { HttpReply } from '../../http/http-client.ts';
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
      const fate = await withdraw(client, value, ownerOf, signal);
      if (fate.kind === 'unknown') unknown.push({ id, reason: fate.reason });
      else (fate.kind === 'retracted' ? retracted : missing).push(id);
    }
    return { retracted, missing, unknown };
  };
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
    const copies = shown.find((ours) => ours.length > 0) ?? [];
    for (const copy of copies) {
      const failure = await setInactive(client, copy, signal);
      if (failure === null) withdrawn += 1;
      else failures.push(failure);
    }
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

/** Null when it is; else why not. What holds of all copies, as a missing permission does, is thrown. */
async function setInactive(
  client: ThreatStreamClient,
  { id, isEditable }: Intelligence,
  signal: AbortSignal,
): Promise<string | null> {
  const reply = await client.send(
    {
      method: 'PATCH',
      path: `/api/v2/intelligence/${encodeURIComponent(id)}/`,
      body: { type: 'application/json', text: JSON.stringify({ status: 'inactive' }) },
      needs: 'change intelligence',
      mayBeMissing: true,
      mayBeForbidden: isEditable === false,
    },
    signal,
  );
  if (reply.status >= 400) return `${API} answered ${reply.status} when our copy was to be set inactive`;
  return saysActive(reply) ? `${API} answered ${reply.status} and left our copy active` : null;
}

/** The reply is the object as it is now (Splunk SOAR); a 202 may come before the change (Polarity). */
function saysActive({ status, text }: HttpReply): boolean {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return false;
  }
  if (hasError(json)) return true;
  return status === 200 && typeof json === 'object' && json !== null && 'status' in json && json.status === 'active';
}
