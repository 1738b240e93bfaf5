import type { Confirmation, RejectedItem, Rendered, Shipment, Unknown } from '../destination.ts';
import { nextLook } from './next-look.ts';
import type { UploadReceipt } from './receipt.ts';
import type { SeenRow, SeenRows } from './seen-rows.ts';
import { NOT_THERE, readForm, remoteIdOf, type UploadForm } from './upload-form.ts';

interface Patience {
  readonly confirmPoll: number;
  readonly confirmFor: number;
}

const NOT_SHOWN =
  'was uploaded, and the workspace does not show it: its rows may be late, or a transformation of the table may leave them out';
const OLD_STILL_CURRENT =
  'was uploaded, and the workspace does not show that the object in whose place it stands was revoked';
const NEWER = 'the workspace has a newer version of it, of which nothing is known here';
const REVOKED =
  'was revoked in the workspace, which takes no more of it under that id: it is uploaded under another one the next time';
const DELETED = 'was deleted in the workspace since it was uploaded';
const CHANGED = 'has changed since it was uploaded, so that nobody can tell what to look for';

type Said = 'there' | 'newer' | 'revoked' | 'deleted' | 'not-yet' | 'old-still-current';

/** What became of a request, by what the workspace shows. `idIn`: the id of an item that was revoked before as often as `generation` says. */
export function outcomeOf(
  { items }: Shipment,
  { sentAt, versions, declined }: UploadReceipt,
  rows: SeenRows,
  { confirmPoll, confirmFor }: Patience,
  now: Date,
  idIn: (item: Rendered, generation: number) => string,
): Confirmation {
  const rejected: RejectedItem[] = [];
  const unknown: Unknown[] = [];
  const accepted: number[] = [];
  const given: { readonly id: number; readonly remoteId: string | null }[] = [];
  let waiting = false;
  const agoMs = now.getTime() - sentAt.getTime();
  for (const item of items) {
    const { id } = item;
    const reason = declined.get(id);
    const form = readForm(item.form);
    const row = form === null ? undefined : rows.get(form.id);
    if (reason !== undefined && row?.revoked !== true) {
      rejected.push({ id, reason });
      continue;
    }
    if (form === null) {
      unknown.push({ id, reason: CHANGED });
      continue;
    }
    const isLast = reason !== undefined || agoMs >= confirmFor;
    const said =
      isLast && row?.revoked === true && !row.deleted
        ? 'revoked'
        : saidOf(form, row, versions.get(id) ?? Date.parse(form.modified), rows);
    if (said === 'there' || said === 'newer') given.push({ id, remoteId: remoteIdOf(seenAs(form, row)) });
    if (said === 'there') accepted.push(id);
    else if (said === 'revoked') {
      unknown.push({ id, reason: REVOKED, isAbsent: true });
      const generation = form.generation + 1;
      given.push({ id, remoteId: remoteIdOf({ ...NOT_THERE, id: idIn(item, generation), generation }) });
    } else if (said === 'newer') unknown.push({ id, reason: NEWER, isAbsent: true });
    else if (said === 'deleted') rejected.push({ id, reason: DELETED, byReviewer: true });
    else {
      waiting = true;
      unknown.push(said === 'not-yet' ? { id, reason: NOT_SHOWN, isAbsent: true } : { id, reason: OLD_STILL_CURRENT });
    }
  }
  if (waiting && agoMs < confirmFor) {
    return { kind: 'waiting', retryAfterMs: Math.min(nextLook(agoMs, confirmPoll), Math.max(1, confirmFor - agoMs)) };
  }
  return { kind: 'settled', accepted, rejected, unknown, given, note: `${accepted.length} of ${items.length} seen` };
}

function saidOf(form: UploadForm, row: SeenRow | undefined, sent: number, rows: SeenRows): Said {
  if (row === undefined || row.version === null || row.version < sent) return 'not-yet';
  if (row.deleted) return 'deleted';
  if (row.revoked) return 'revoked';
  if (row.version > sent) return 'newer';
  return form.replaces.every(({ id }) => isGone(rows.get(id))) ? 'there' : 'old-still-current';
}

/** Whether an object is seen to be no longer current. */
export function isGone(row: SeenRow | undefined): boolean {
  return row !== undefined && (row.revoked || row.deleted);
}

function seenAs({ id, generation, modified }: UploadForm, row: SeenRow | undefined) {
  const version = row?.version ?? null;
  return { id, generation, modified: version === null ? modified : new Date(version).toISOString() };
}

/** The ids to look for, of items and of what they replace. */
export function idsOf(items: readonly Rendered[]): readonly string[] {
  return items.flatMap(({ form }) => {
    const read = readForm(form);
    return read === null ? [] : [read.id, ...read.replaces.map(({ id }) => id)];
  });
}
