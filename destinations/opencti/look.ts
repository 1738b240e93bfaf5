import { z } from 'zod';
import type { LostTry, Receipt, Shipment } from '../destination.ts';
import type { OpenCtiClient } from './opencti-client.ts';
import { readForm } from './opencti-form.ts';
import { readShown } from './shown-indicator.ts';
import { otherThanPushed } from './taken-in.ts';

/** The cheapest question that only a user is answered. (Source: OpenCTI, config/schema/opencti.graphql, `about`.) */
const PING = 'query About { about { version } }';
const about = z.object({ about: z.object({ version: z.string() }) });

/**
 * Looks for a push whose acknowledgement was lost: it is there as soon as any of its indicators shows as it was sent, since a push is
 * queued as a whole and taken in piece by piece. Null for nothing.
 */
export function looker(client: OpenCtiClient, now: () => Date) {
  return async ({ items }: Shipment, lost: LostTry, signal: AbortSignal): Promise<Receipt | null> => {
    const wanted = items.filter(({ form }) => readForm(form) !== null);
    if (wanted.length === 0) {
      await client.ask(PING, {}, about, signal);
      return null;
    }
    const shown = await readShown(
      client,
      wanted.map(({ key }) => key),
      now(),
      signal,
    );
    const isThere = wanted.some((item) => {
      const one = shown.of(item.key);
      return one !== null && otherThanPushed(item, one, shown.at).length === 0;
    });
    return isThere ? { sentAt: (lost.endedAt ?? lost.sentAfter).toISOString(), work: null } : null;
  };
}
