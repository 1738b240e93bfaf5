import type { HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Amendment } from './amendment.ts';
import type { Intelligence } from './reply-schemas.ts';
import { API, hasError, type ThreatStreamClient } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';
import { wireTags } from './wire-tags.ts';

/** Ids of one synchronous request. (Source: ThreatStream's API reference.) */
export const TAGGED_AT_ONCE = 250;
const SIDE_BY_SIDE = 8;

export interface Amended extends Amendment {
  readonly remoteId: string;
}

/**
 * `missing`: there is no such observable, or none any more. `forbidden`: it may not be changed, or nothing may. Anything else is an answer
 * that is no success, as a sentence.
 */
export type Outcome =
  | { readonly kind: 'done' | 'missing' | 'forbidden' }
  | { readonly kind: 'declined'; readonly reason: string };

/** Why one is not changed that our organisation holds and may not edit. */
export const NOT_EDITABLE = `${API} does not let our organisation change its copy`;

/** Called for copies that are not to be changed: where they may be edited, it is the user who may not, and this is `Refused`. */
export function requireEditing(copies: readonly (Intelligence | null)[]): void {
  if (copies.every((copy) => copy?.isEditable === false)) return;
  throw new Fault(
    'Refused',
    `${API} answered 403: the user of the destination lacks the permission to change intelligence.`,
  );
}

/**
 * Changes observables by their ids: the tags of many at once, grouped by the difference, and the fields of each. Asked for twice, it
 * changes nothing more. What is declined of one observable keeps no other.
 */
export async function amend<T extends Amended>(
  client: ThreatStreamClient,
  all: readonly T[],
  settings: ResolvedSettings,
  signal: AbortSignal,
): Promise<ReadonlyMap<T, Outcome>> {
  const outcomes = new Map<T, Outcome>();
  const changed = all.filter(({ fields }) => Object.keys(fields).length > 0);
  for (let at = 0; at < changed.length; at += SIDE_BY_SIDE) {
    const group = changed.slice(at, at + SIDE_BY_SIDE);
    const done = await Promise.all(group.map((one) => changeOne(client, one, signal)));
    for (const [place, one] of group.entries()) outcomes.set(one, done[place] ?? { kind: 'done' });
  }
  const isThere = (one: T): boolean => (outcomes.get(one)?.kind ?? 'done') === 'done';
  await tag(client, all.filter(isThere), settings, signal);
  for (const one of all) if (!outcomes.has(one)) outcomes.set(one, { kind: 'done' });
  return outcomes;
}

/**
 * An end can be changed only of what is active: what is to be active is made so first. (Source: Google SecOps's client.) That a marking can be
 * taken off is UNCONFIRMED: where it cannot, it stays.
 */
async function changeOne(
  client: ThreatStreamClient,
  { remoteId, fields }: Amended,
  signal: AbortSignal,
): Promise<Outcome> {
  const { status, tlp, ...rest } = fields;
  const marked = { ...rest, ...(tlp === undefined || tlp === null ? {} : { tlp }) };
  const bodies = [...(status === undefined ? [] : [{ status }]), ...(Object.keys(marked).length === 0 ? [] : [marked])];
  for (const body of bodies) {
    const outcome = outcomeOf(await patch(client, remoteId, body, signal));
    if (outcome.kind !== 'done') return outcome;
  }
  if (tlp !== null) return { kind: 'done' };
  const unmarked = outcomeOf(await patch(client, remoteId, { tlp }, signal));
  return unmarked.kind === 'declined' ? { kind: 'done' } : unmarked;
}

export function patch(
  client: ThreatStreamClient,
  remoteId: string,
  body: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
  answers: readonly number[] = [403, 404],
): Promise<HttpReply> {
  return client.send(
    {
      method: 'PATCH',
      path: `/api/v2/intelligence/${encodeURIComponent(remoteId)}/`,
      body: { type: 'application/json', text: JSON.stringify(body) },
      needs: 'change intelligence',
      answers,
    },
    signal,
  );
}

function outcomeOf(reply: HttpReply): Outcome {
  const { status } = reply;
  if (status === 404) return { kind: 'missing' };
  if (status === 403) return { kind: 'forbidden' };
  if (status >= 400) return { kind: 'declined', reason: `${API} answered ${status} when our copy was to be changed` };
  return hasError(objectOf(reply))
    ? { kind: 'declined', reason: `${API} answered ${status} with an error when our copy was to be changed` }
    : { kind: 'done' };
}

/** What a reply to a change says: the object as it is now (Splunk SOAR), or nothing that could be read. */
export function objectOf({ text }: HttpReply): object | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' ? json : null;
  } catch {
    return null;
  }
}

async function tag(
  client: ThreatStreamClient,
  all: readonly Amended[],
  settings: ResolvedSettings,
  signal: AbortSignal,
): Promise<void> {
  const groups = new Map<string, { readonly like: Amended; readonly ids: (string | number)[] }>();
  for (const one of all) {
    if (one.addTags.length + one.removeTags.length === 0) continue;
    const key = JSON.stringify([one.addTags, one.removeTags]);
    const group = groups.get(key) ?? { like: one, ids: [] };
    groups.set(key, group);
    group.ids.push(idOf(one.remoteId));
  }
  for (const { like, ids } of groups.values()) {
    for (let at = 0; at < ids.length; at += TAGGED_AT_ONCE) {
      await tagSome(client, ids.slice(at, at + TAGGED_AT_ONCE), like, settings, signal);
    }
  }
}

/** As observables have it: a number, as far as one can hold it. */
function idOf(remoteId: string): string | number {
  return /^\d{1,15}$/.test(remoteId) ? Number(remoteId) : remoteId;
}

async function tagSome(
  client: ThreatStreamClient,
  ids: readonly (string | number)[],
  { addTags, removeTags }: Amended,
  settings: ResolvedSettings,
  signal: AbortSignal,
): Promise<void> {
  const add = addTags.length === 0 ? {} : { tags: wireTags(addTags, settings) };
  const remove = wireTags(removeTags, settings);
  const isTogether = settings.untagBy === 'bulk_tagging';
  const together = { ids, ...add, ...(removeTags.length > 0 && isTogether ? { remove_tags: remove } : {}) };
  if (addTags.length > 0 || isTogether) await send(client, 'POST', 'bulk_tagging', together, signal);
  if (removeTags.length > 0 && !isTogether) {
    await send(client, 'PATCH', 'bulk_remove_tags', { ids, tags: remove }, signal);
  }
}

async function send(
  client: ThreatStreamClient,
  method: 'POST' | 'PATCH',
  resource: 'bulk_tagging' | 'bulk_remove_tags',
  body: object,
  signal: AbortSignal,
): Promise<void> {
  const { status } = await client.send(
    {
      method,
      path: `/api/v2/intelligence/${resource}/`,
      body: { type: 'application/json', text: JSON.stringify(body) },
      needs: 'tag intelligence',
    },
    signal,
  );
  if (status < 400) return;
  throw new Fault('Rejected', `${API} answered ${status} when observables were to be tagged.`);
}
