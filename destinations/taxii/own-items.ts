import { parseJson } from '../../http/faults.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Destination, OwnItem } from '../destination.ts';
import { instantOf } from './content.ts';
import type { Parts } from './parts.ts';
import { pageOf, type ShownObject, shownObject } from './read-objects.ts';
import { isRevoked, type Standing } from './standing.ts';
import { API } from './taxii-client.ts';

/** Objects of a page. A server may give fewer. */
const LIMIT = 1_000;
/** In what is asked for once more, since objects may have been added at one instant. */
const OVERLAP_MS = 1;

/** Lists the collection's indicators in the order in which they came, and tells ours among them, also those that another producer has put a version over. */
export function ownItems({ client, collection, standings, producer, now }: Parts): NonNullable<Destination['own']> {
  const pageAt = (at: Place, signal: AbortSignal): Promise<HttpReply> => {
    const asked = `match%5Btype%5D=indicator&match%5Bversion%5D=last&limit=${LIMIT}`;
    const since = at.since === null ? '' : `&added_after=${encodeURIComponent(at.since)}`;
    const next = at.next === null ? '' : `&next=${encodeURIComponent(at.next)}`;
    // A token may be unknown by now. (Source: TAXII 2.1, 3.5; medallion forgets it after 30 seconds.)
    const answers = at.next === null ? [] : [400, 404];
    return client.send({ path: collection.objects, query: `${asked}${since}${next}`, answers }, signal);
  };
  const ownIn = async (objects: readonly ShownObject[], signal: AbortSignal): Promise<readonly OwnItem[]> => {
    const maybe = objects.filter((object) => object['created_by_ref'] !== producer && isNamed(object));
    const covered = maybe.length === 0 ? null : await standings([...new Set(maybe.map(({ id }) => id))], signal);
    return objects.flatMap((object) => {
      const standing =
        object['created_by_ref'] === producer ? { newest: object, own: object } : (covered?.get(object.id) ?? null);
      const value = standing?.own?.['name'];
      return standing === null || typeof value !== 'string'
        ? []
        : [{ remoteId: object.id, value, state: stateOf(standing, now()) }];
    });
  };

  return async function* own(signal) {
    let at: Place = { since: null, next: null };
    let reached: string | null = null;
    let before: ReadonlySet<string> = new Set();
    for (;;) {
      const reply = await pageAt(at, signal);
      if (reply.status >= 300) {
        const since = reached === null ? null : earlier(reached);
        if (since === null || since === at.since) throw endless(`answered ${reply.status}`);
        at = { since, next: null };
        before = new Set();
        continue;
      }
      const told = pageOf(parseJson(API, reply));
      const objects = told.objects.flatMap((each) => shownObject.safeParse(each).data ?? []);
      yield await ownIn(objects, signal);
      const next = told.next ?? null;
      if (told.more !== true) return;
      const isNew = objects.some(({ id }) => !before.has(id));
      if (next === null || !isNew) throw endless('says that there is more, and gives none of it');
      reached = reply.headers[ADDED_LAST] ?? reached;
      before = new Set(objects.map(({ id }) => id));
      at = { since: at.since, next };
    }
  };
}

/** Where the next page is. */
interface Place {
  readonly since: string | null;
  readonly next: string | null;
}

/** (Source: TAXII 2.1, 5.4.) */
const ADDED_LAST = 'x-taxii-date-added-last';

function earlier(instant: string): string | null {
  const at = instantOf(instant);
  return at === null ? null : new Date(at - OVERLAP_MS).toISOString();
}

/** Made from a name, as ours are. (Source: RFC 9562, 5.5.) */
function isNamed({ id }: ShownObject): boolean {
  return id.startsWith('5', 'indicator--'.length + 14);
}

function stateOf(standing: Standing, now: Date): OwnItem['state'] {
  const until = instantOf(standing.newest['valid_until']);
  return isRevoked(standing) || (until !== null && until <= now.getTime()) ? 'gone' : 'held';
}

function endless(what: string): Fault {
  return new Fault('Unavailable', `${API} ${what} in the middle of the list of its objects.`);
}
