import { setTimeout as delay } from 'node:timers/promises';
import { random } from '../rows/random.ts';
import type { WireApi, WireReply, WireRequest } from '../wire.ts';
import { type MadeUpAnswer, madeUpAnswer } from './made-up-answer.ts';
import { type SpoiltAnswer, spoiltAnswer } from './spoilt-answer.ts';
import { SPOILT_ANSWERS, type WireApiName, type WireFault } from './wire-fault.ts';

/** How often each fault happened: `graph 503 before` by its API, kind and moment. */
export type Injected = Readonly<Record<string, number>>;

/** A fault that is set, and what it has come to. */
interface Armed {
  readonly fault: WireFault;
  /** When the first request came that it fits; null before. */
  since: number | null;
  seen: number;
  hits: number;
}

const DRAWS = 1_000_000;
const PURPOSE = 77;

/** What lies between the clients and the stand-ins: it knows nothing of what is asked, and does to it what it is told. */
export class FaultyWire {
  readonly #now: () => Date;
  readonly #injected = new Map<string, number>();
  #set: readonly WireFault[] = [];
  #armed: Armed[] = [];

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** These faults from now on, and no others; their counting begins anew, unless they are the ones that are set. */
  set(faults: readonly WireFault[]): void {
    if (faults === this.#set) return;
    this.#set = faults;
    this.#armed = faults.map((fault) => ({ fault, since: null, seen: 0, hits: 0 }));
  }

  injected(): Injected {
    return Object.fromEntries([...this.#injected].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The stand-in, reached over this wire. */
  before(name: WireApiName, api: WireApi): WireApi {
    return {
      handle: async (request) => {
        const fault = this.#faultFor(name, request);
        return fault === null ? api.handle(request) : this.#inject(fault, api, request);
      },
    };
  }

  /** The first that hits the request; every one that fits it counts it. */
  #faultFor(name: WireApiName, request: WireRequest): WireFault | null {
    const now = this.#now().getTime();
    let hit: Armed | null = null;
    for (const armed of this.#armed) {
      if (!fits(armed.fault, name, request)) continue;
      armed.seen += 1;
      armed.since ??= now;
      if (hit === null && isDue(armed, now)) hit = armed;
    }
    if (hit === null) return null;
    hit.hits += 1;
    return hit.fault;
  }

  async #inject(fault: WireFault, api: WireApi, request: WireRequest): Promise<WireReply> {
    const { kind, waitSeconds, ms } = fault;
    const spoils = isSpoilt(kind);
    const moment = spoils ? 'after' : fault.moment;
    const name = `${fault.api} ${kind} ${moment}`;
    this.#injected.set(name, (this.#injected.get(name) ?? 0) + 1);
    if (spoils) return spoiltAnswer(kind, await api.handle(request), ms);
    if (moment === 'after') await api.handle(request);
    // Whatever the stand-in answers then, nobody hears it.
    if (moment === 'early') void delay(ms).then(() => api.handle(request));
    if (kind === 'hang') await delay(ms);
    return madeUpAnswer(kind, waitSeconds, this.#now());
  }
}

function fits({ api, method, path }: WireFault, name: WireApiName, request: WireRequest): boolean {
  return (
    api === name &&
    (method === undefined || method === request.method) &&
    (path === undefined || request.path.includes(path))
  );
}

function isDue({ fault, since, seen, hits }: Armed, now: number): boolean {
  const { at, share, seed, times, forMs } = fault;
  if (times !== undefined && hits >= times) return false;
  if (forMs !== undefined && now - (since ?? now) > forMs) return false;
  if (at === undefined && share === undefined) return true;
  if (at?.includes(seen) === true) return true;
  return share !== undefined && (random(seed, seen, PURPOSE) % DRAWS) / DRAWS < share;
}

const SPOILT: ReadonlySet<string> = new Set(SPOILT_ANSWERS);

function isSpoilt(kind: MadeUpAnswer | SpoiltAnswer): kind is SpoiltAnswer {
  return SPOILT.has(kind);
}
