import type { MispClient } from './misp-client.ts';
import type { MispSettings } from './misp-settings.ts';
import type { ShownAttribute } from './reply-schemas.ts';

/** Publishes the events of attributes that were written until an instant, if the settings say so, and they are not yet. */
export type PublishChanged = (
  attributes: readonly ShownAttribute[],
  writtenBy: Date,
  signal: AbortSignal,
) => Promise<void>;

/**
 * Every write unpublishes its event, so what has changed since it was published last is to be published; nothing else is, since that mails
 * people. Of requests that are looked at side by side one does it for all. (Source: MISP 2.5.1, Event::unpublishEvent, EventsController::publish.)
 */
export function publisher(
  client: Pick<MispClient, 'send'>,
  { publish }: Pick<MispSettings, 'publish'>,
  now: () => Date,
): PublishChanged {
  /** When each event was last asked for to be published. */
  const askedAt = new Map<string, number>();
  return async (attributes, writtenBy, signal) => {
    if (publish === 'never') return;
    const changed = attributes.filter(({ timestamp, Event }) => timestamp >= (Event.publish_timestamp ?? 0));
    for (const event of new Set(changed.map(({ Event }) => Event.uuid))) {
      if ((askedAt.get(event) ?? Number.NEGATIVE_INFINITY) >= writtenBy.getTime()) continue;
      askedAt.set(event, now().getTime());
      try {
        const call = { method: 'POST', path: `/events/publish/${event}`, body: {}, needs: 'publish events' } as const;
        await client.send(call, signal);
      } catch (error) {
        askedAt.delete(event);
        throw error;
      }
    }
  };
}
