import { createRateLimit } from '../graph/rate-limit.ts';
import type { Given, StandIn, Tip, TipCounts, TipItem } from '../stand-in.ts';
import type { WireRequest } from '../wire.ts';
import { type Answer, answer, Declined, declined, INTERNAL_ERROR, type Rooms } from './answer.ts';
import { attributesIn } from './attribute-writes.ts';
import { callOf } from './call.ts';
import { addForeignEvents } from './events-seen.ts';
import { Instance } from './instance.ts';
import { fieldsOf, isTrue } from './loose.ts';
import { createControls } from './misp-controls.ts';
import { type MispFaults, mispFaults } from './misp-faults.ts';
import { isHeld } from './records.ts';
import { answered } from './routes.ts';
import { SearchLimit } from './search-limit.ts';

const API_KEY = 'Zz0123456789abcdefghijklmnopqrstuvwxyzAB';

/** And what was done to tags, and to what is another organisation's. */
interface MispCounts extends TipCounts {
  /** How many attributes carry each local tag that requests have added. */
  readonly tags: Readonly<Record<string, number>>;
  /** Attributes whose tags a request has changed, each time. */
  readonly tagWrites: number;
  /** The same, where nothing had to be changed. */
  readonly idleTagWrites: number;
  /** Requests that would have changed another organisation's event or attribute for all to see; all were declined. */
  readonly foreignTouched: number;
}

interface MispTip extends Tip {
  counts(): MispCounts;
  readonly controls: ReturnType<typeof createControls>;
}

/** A stand-in for the part of MISP 2.5's REST API that takes, shows, tags and withdraws attributes of events. */
export const MISP_STAND_IN: StandIn<MispFaults, MispTip> = {
  name: 'misp',
  credentials: { apiKey: API_KEY },
  faults: mispFaults,
  open,
};

function open({ faults, now, address, perSecond, restore }: Given<MispFaults>): MispTip {
  const instance = new Instance();
  if (restore !== undefined) instance.restore(restore);
  const rooms: Rooms = { instance, faults, address, now: () => Math.floor(now().getTime() / 1_000) };
  const limit = createRateLimit(perSecond, () => performance.now());
  const searches = new SearchLimit();
  const counts = { requests: 0, throttled: 0 };

  const routed = (request: WireRequest): Answer => {
    if (!isForMachines(request)) return { status: 302, headers: { location: `${address()}/users/login` }, body: '' };
    checkKey(request, faults());
    const call = callOf(request);
    const { searches: most } = faults();
    const isSearch = call.action === 'restSearch';
    const headers = isSearch && most !== null ? searches.take(most, rooms.now(), request.path) : {};
    if (isAnswer(headers)) {
      counts.throttled += 1;
      return headers;
    }
    const reply = answered(rooms, call);
    return { ...reply, headers: { ...reply.headers, ...headers } };
  };

  const inFront = (request: WireRequest): Answer => {
    const { mostAttributes, tooManyAre, broken } = faults();
    const isTooMany = mostAttributes !== null && attributeCount(request) > mostAttributes;
    if (isTooMany && tooManyAre === 'lost') return TOO_MUCH;
    try {
      if (isWrite(request) && broken.some((value) => request.body.includes(JSON.stringify(value).slice(1, -1)))) {
        throw new Declined(500, INTERNAL_ERROR);
      }
      const reply = routed(request);
      return isTooMany ? TOO_MUCH : reply;
    } catch (error) {
      if (error instanceof Declined) return declined(error, request.path);
      throw error;
    }
  };

  return {
    async handle(request) {
      counts.requests += 1;
      const wait = limit.take();
      if (wait !== 0) {
        counts.throttled += 1;
        return answer(429, { message: 'Too many requests' }, { 'retry-after': String(wait) });
      }
      addForeignEvents(rooms);
      return inFront(request);
    },
    counts: () => ({
      ...counts,
      holds: instance.holds(),
      ...instance.attributes.counts(),
      tags: instance.localTags(),
      ...instance.tagWrites.counts(),
    }),
    controls: createControls(rooms),
    items: () => itemsOf(instance),
    snapshot: () => instance.save(),
  };
}

const TOO_MUCH: Answer = {
  status: 503,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>503 Service Unavailable</title></head><body><h1>Service Unavailable</h1></body></html>',
};

/** Others are sent to where people sign in. (Source: MISP 2.5.1, IndexFilterComponent::isRest, AppController::beforeFilter.) */
function isForMachines({ headers, path }: WireRequest): boolean {
  const wants = headers['accept'] ?? '';
  return wants.startsWith('application/json') || path.endsWith('.json') || path.includes('/restSearch');
}

/** (Source: MISP 2.5.1, AppController::beforeFilter, __verifyUser.) */
function checkKey({ headers }: WireRequest, { key }: MispFaults): void {
  const authentication = 'Authentication failed.';
  const messages = {
    expired: 'Auth key is expired',
    disabled: `${authentication} Your user account has been disabled.`,
    'wrong-address': 'It is not possible to use this Auth key from your IP address',
  };
  if (headers['authorization'] !== API_KEY) {
    const hint = 'Please make sure you pass the API key of an API enabled user along in the Authorization header.';
    throw new Declined(403, `${authentication} ${hint}`);
  }
  if (key !== 'good' && key !== 'read-only') throw new Declined(403, messages[key]);
}

function isWrite({ path }: WireRequest): boolean {
  return /^\/(?:attributes|events)\/(?:add|edit)\b|^\/events$/.test(path);
}

function attributeCount(request: WireRequest): number {
  if (!isWrite(request)) return 0;
  try {
    const body: unknown = JSON.parse(request.body);
    const event = fieldsOf(body)['Event'] ?? body;
    return isTrue(event) ? attributesIn(event).length : 0;
  } catch {
    return 0;
  }
}

function isAnswer(taken: Answer | Readonly<Record<string, string>>): taken is Answer {
  return 'status' in taken;
}

function itemsOf(instance: Instance): readonly TipItem[] {
  const attributes = instance.attributes.all().map((attribute): TipItem => {
    const { uuid, meant } = attribute;
    return { id: uuid, value: meant, state: isHeld(attribute) ? 'held' : 'gone' };
  });
  const proposals = instance.proposals().map(({ uuid, value }): TipItem => ({ id: uuid, value, state: 'waiting' }));
  return [...attributes, ...proposals];
}
