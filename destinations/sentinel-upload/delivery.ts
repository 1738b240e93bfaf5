import { Fault } from '../../indicators/fault.ts';
import { indicatorId } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import type { Destination, Found, Rendered, Send } from '../destination.ts';
import { fitted } from '../unfit.ts';
import { nextLook } from './next-look.ts';
import { idsOf, outcomeOf } from './outcome.ts';
import { readReceipt, writeReceipt } from './receipt.ts';
import type { Dialect } from './render.ts';
import { revocation } from './revocation.ts';
import type { RowBoard } from './seen-rows.ts';
import type { SentinelUploadSettings } from './sentinel-upload-settings.ts';
import type { UploadClient } from './upload-client.ts';
import { readForm } from './upload-form.ts';

export interface DeliveryParts {
  readonly client: UploadClient;
  readonly board: RowBoard;
  readonly dialect: Dialect;
  readonly now: () => Date;
}

/** What is revoked together with bringing something may have been revoked as long ago. */
export const LOOK_BACK_MS = 30 * 86_400_000;

/** An id that nothing has, to see whether questions are answered. */
const NOBODY = 'indicator--00000000-0000-4000-8000-000000000000';

/** Uploads, and looks in the workspace for what came of it. New and changed objects leave in the same way. */
export function uploadDelivery(
  settings: SentinelUploadSettings,
  { client, board, dialect, now }: DeliveryParts,
): Pick<Destination, 'confirm' | 'find'> & { readonly send: Send } {
  return {
    async send({ items }, signal, leaving) {
      const objects = fitted(() => items.flatMap((item) => objectsOf(item, dialect)));
      const declined = await client.upload(
        objects.map(({ object }) => object),
        signal,
        leaving,
      );
      const reasons = new Map<number, string>();
      for (const { place, reason } of declined) {
        const id = objects[place]?.brings;
        if (id !== undefined && id !== null) reasons.set(id, reason);
      }
      if (reasons.size > 0 && reasons.size === items.length) {
        const rows = await board.look(idsOf(items), new Date(now().getTime() - LOOK_BACK_MS), signal);
        const areRevoked = items.every(({ form }) => rows.get(readForm(form)?.id ?? '')?.revoked === true);
        // Who is to blame, the items or what they are all made with, shows when they are sent apart.
        const [reason = ''] = reasons.values();
        if (!areRevoked) throw new Fault('Rejected', reason, objects.length > items.length ? { inPart: true } : {});
      }
      return writeReceipt({ sentAt: now(), versions: versionsOf(items), declined: reasons });
    },
    async find({ items }, { sentAfter, endedAt }, signal): Promise<Found> {
      if (items.length === 0) {
        await client.probe(signal);
        await board.look([NOBODY], now(), signal);
        return { kind: 'absent' };
      }
      const versions = versionsOf(items);
      const rows = await board.look(idsOf(items), sentAfter, signal);
      const isThere = items.some(({ id, form }) => rows.get(readForm(form)?.id ?? '')?.version === versions.get(id));
      if (isThere)
        return { kind: 'found', receipt: writeReceipt({ sentAt: sentAfter, versions, declined: new Map() }) };
      const ended = endedAt?.getTime() ?? sentAfter.getTime() + settings.requestTimeout;
      const agoMs = now().getTime() - ended;
      const left = settings.lostAckGrace - agoMs;
      if (left <= 0) return { kind: 'absent' };
      return { kind: 'waiting', retryAfterMs: Math.min(nextLook(agoMs, settings.confirmPoll), left) };
    },
    async confirm(shipment, receipt, signal) {
      const read = readReceipt(receipt);
      const replaces = shipment.items.some(({ form }) => (readForm(form)?.replaces.length ?? 0) > 0);
      // What does not show may have been revoked long ago.
      const isLast = now().getTime() - read.sentAt.getTime() >= settings.confirmFor;
      const looksBack = replaces || isLast || read.declined.size > 0;
      const since = looksBack ? new Date(read.sentAt.getTime() - LOOK_BACK_MS) : read.sentAt;
      const ids = idsOf(shipment.items);
      const rows = ids.length === 0 ? new Map() : await board.look(ids, since, signal);
      return outcomeOf(shipment, read, rows, settings, now(), ({ key }, generation) =>
        indicatorId(dialect.producer.namespace, stixPattern(key), generation),
      );
    },
  };
}

/** What is revoked in its stead, and the object that is brought. */
function objectsOf({ id, key, form, content }: Rendered, dialect: Dialect) {
  const read = readForm(form);
  if (read === null || content === undefined) throw new TypeError('There is no object to upload.');
  // By no clock: what is sent again is the same version.
  const revoked = read.replaces.map((one) => ({ brings: null, object: revocation(key, one, dialect, one.from) }));
  return [...revoked, { brings: id, object: content }];
}

function versionsOf(items: readonly Rendered[]): ReadonlyMap<number, number> {
  return new Map(
    items.flatMap(({ id, form }) => {
      const read = readForm(form);
      return read === null ? [] : [[id, Date.parse(read.modified)] as const];
    }),
  );
}
