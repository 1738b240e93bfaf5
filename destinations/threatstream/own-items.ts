import { Fault } from '../../indicators/fault.ts';
import type { Destination, OwnItem } from '../destination.ts';
import { CANNOT_READ, CANNOT_TELL, type OwnerOf, whose } from './ownership.ts';
import type { Intelligence } from './reply-schemas.ts';
import { undecided } from './review.ts';
import { tagged } from './search.ts';
import type { ThreatStreamClient } from './threatstream-client.ts';

interface Owning {
  readonly client: ThreatStreamClient;
  readonly ownerOf: OwnerOf;
}

/**
 * Copies of our organisation that carry our tag, whatever became of them: read forward by the number of their last change, so that what
 * changes meanwhile comes once more, and nothing is passed over. A copy that may be ours is never left out in silence.
 */
export function ownItems({ client, ownerOf }: Owning): NonNullable<Destination['own']> {
  return async function* (signal) {
    const waits = undecided(client, signal);
    for await (const { found, unreadable } of tagged(client, signal)) {
      const owner = found.length === 0 ? null : await ownerOf(signal);
      requireKnown(found, unreadable, owner);
      const items: OwnItem[] = [];
      for (const copy of found) {
        // A wildcard is not what it matches.
        if (copy.type === 'string' || whose(copy, owner) !== 'ours') continue;
        items.push({ remoteId: copy.id, value: copy.value, state: await stateOf(copy, waits) });
      }
      yield items;
    }
  };
}

function requireKnown(found: readonly Intelligence[], unreadable: number, owner: string | null): void {
  const isUnclear = found.some((copy) => whose(copy, owner) === 'nobody can tell');
  if (isUnclear && owner === null) throw new Fault('Refused', `${CANNOT_TELL}.`);
  if (isUnclear || unreadable > 0 || found.some(({ showsTags }) => !showsTags)) {
    throw new Fault('Unavailable', `${CANNOT_READ}.`);
  }
}

/** One that is not active waits for a person as long as the import session that brought it does. */
async function stateOf(
  { status, sessionId }: Intelligence,
  waits: (sessionId: string) => Promise<boolean>,
): Promise<OwnItem['state']> {
  if (status === null || status === 'active') return 'held';
  return status === 'inactive' && sessionId !== null && (await waits(sessionId)) ? 'waiting' : 'gone';
}
