import { Fault } from '../../indicators/fault.ts';
import { companions, type Producer } from '../../indicators/stix-producer.ts';
import type { Destination, Withdrawable, Withdrawn } from '../destination.ts';
import { differences } from './differences.ts';
import { endOf } from './end-of.ts';
import type { OpenCtiClient } from './opencti-client.ts';
import { formsOf } from './opencti-form.ts';
import type { OpenCtiSettings } from './opencti-settings.ts';
import { isCurrent, readShown, type Shown, type ShownIndicator } from './shown-indicator.ts';
import { UnderWay } from './under-way.ts';

const FOREIGN =
  'OpenCTI shows it with another author: whether that one still means it nobody here knows, so it is left as it is; end it in OpenCTI if need be';
const AUTHORLESS =
  'OpenCTI shows it with no author, and otherwise than it was sent: whoever has it there, it is not known to be ours, so it is left as it is; end it in OpenCTI if need be';
const KEPT =
  'OpenCTI still shows it as current: what another source has given with a higher confidence stays, an exclusion list refuses whatever comes, and a push may be lost on its way';
const UNSEEN = 'OpenCTI does not show it, and a push of it may still be on its way in';

/**
 * Ends indicators, and reads back whether they have ended: there is no other word of it. What has ended there by itself is let be, and so
 * is what others have written.
 */
export function withdrawer(
  client: OpenCtiClient,
  producer: Producer,
  { author, confirmFor, confirmPoll }: Pick<OpenCtiSettings, 'author' | 'confirmFor' | 'confirmPoll'>,
  now: () => Date,
): Destination['withdraw'] {
  const underWay = new UnderWay(2 * confirmFor);
  return async (items, signal) => {
    const first = await seen(items, signal);
    const toPush = first.flatMap(({ item, standing, end }) =>
      standing === 'current' && underWay.lasted(item.id, now()) === null ? [{ item, end }] : [],
    );
    if (toPush.length > 0) {
      await client.push([...companions([], producer), ...toPush.map(({ end }) => end())], signal);
      underWay.begin(
        toPush.map(({ item }) => item.id),
        now(),
      );
    }
    return settled(toPush.length > 0 ? await seen(items, signal) : first);
  };

  async function seen(items: readonly Withdrawable[], signal: AbortSignal): Promise<readonly Seen[]> {
    const shown = await readShown(
      client,
      items.map(({ key }) => key),
      now(),
      signal,
    );
    return items.map((item) => ({ item, ...standingOf(item, shown) }));
  }

  function standingOf({ key, held, unsure }: Withdrawable, shown: Shown): Omit<Seen, 'item'> {
    const one = shown.of(key);
    const end = (): object => {
      if (one === null) throw new TypeError('What is not shown has nothing to end.');
      return endOf(one, key, producer, shown.at);
    };
    if (one === null) {
      const sentAt = Date.parse(String(unsure?.['sentAt']));
      return { standing: now().getTime() - sentAt < confirmFor ? 'unseen' : 'missing', end };
    }
    if (!isCurrent(one, shown.at)) return { standing: 'ended', end };
    const written = one.createdBy?.name ?? null;
    if (written === null) return { standing: isAsSent(one, { key, held }, shown.at) ? 'current' : 'authorless', end };
    const ours = new Set([author, ...formsOf(held).map((form) => form.author)].map(plain));
    return { standing: ours.has(plain(written)) ? 'current' : 'foreign', end };
  }

  /** Throws `Throttled` while what was pushed may still show; by then the rest is as it is, and is read again. */
  function settled(all: readonly Seen[]): Withdrawn {
    const late = ({ item }: Seen): boolean => (underWay.lasted(item.id, now()) ?? 0) >= confirmFor;
    const waiting = all.filter((one) => one.standing === 'current' && !late(one));
    if (waiting.length > 0) {
      const message = `OpenCTI has not taken in ${waiting.length} withdrawals so far: they wait in its queue.`;
      throw new Fault('Throttled', message, { isOurs: true, retryAfterMs: confirmPoll });
    }
    for (const { item } of all) underWay.end(item.id);
    const idsOf = (standing: Seen['standing']) =>
      all.filter((one) => one.standing === standing).map(({ item }) => item.id);
    return {
      withdrawn: idsOf('ended'),
      missing: idsOf('missing'),
      unknown: [
        ...idsOf('foreign').map((id) => ({ id, reason: FOREIGN })),
        ...idsOf('authorless').map((id) => ({ id, reason: AUTHORLESS })),
        ...idsOf('current').map((id) => ({ id, reason: KEPT })),
        ...idsOf('unseen').map((id) => ({ id, reason: UNSEEN })),
      ],
    };
  }
}

interface Seen {
  readonly item: Withdrawable;
  readonly standing: 'current' | 'ended' | 'foreign' | 'authorless' | 'missing' | 'unseen';
  /** What ends it. */
  readonly end: () => object;
}

/** It was seen there as it was sent, or is so now: what takes one in without an author gets ours, unless the user may not see it. */
function isAsSent(one: ShownIndicator, { key, held }: Pick<Withdrawable, 'key' | 'held'>, at: Date): boolean {
  if (held !== null && held.form !== null) return true;
  return formsOf(held).some((form) => differences(one, form, key, at).length === 0);
}

function plain(name: string): string {
  return name.trim().toLowerCase();
}
