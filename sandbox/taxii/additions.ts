import type { Contents } from './contents.ts';
import type { Dialect } from './dialect.ts';
import { isDuplicate, type Tally } from './held-items.ts';
import type { Fates, StatusResource, StatusResources } from './status-resources.ts';
import type { StixObject } from './stix-object.ts';
import { stampsFor, storeObjects, underWay } from './store-objects.ts';
import type { TaxiiFaults } from './taxii-faults.ts';

/** The content of one request that is taken in. */
export interface Addition {
  readonly contents: Contents;
  readonly objects: readonly StixObject[];
  readonly dialect: Dialect;
}

interface Waiting extends Addition {
  readonly status: StatusResource;
  requests: number;
  readonly notBefore: number;
}

/** Takes objects in: at once, or later, as long as its faults say so. */
export class Additions {
  readonly #waiting = new Set<Waiting>();
  readonly #its: AdditionsGiven;

  constructor(its: AdditionsGiven) {
    this.#its = its;
  }

  add(addition: Addition): StatusResource {
    const { faults, now, stamp, statuses, tally } = this.#its;
    const { appearsAfterMs, appearsAfterRequests: requests } = faults();
    const earlier = new Map<string, StixObject>();
    for (const object of addition.objects) {
      if (this.#isDuplicate(addition, object, earlier.get(object.id))) tally.duplicates += 1;
      earlier.set(object.id, object);
    }
    const requestedAt = stamp();
    if (requests === 0 && appearsAfterMs === 0) return statuses.open(requestedAt, this.#store(addition, requestedAt));
    const status = statuses.open(requestedAt, underWay(addition.objects, addition.dialect, requestedAt));
    this.#waiting.add({ ...addition, status, requests, notBefore: now().getTime() + appearsAfterMs });
    return status;
  }

  /** One more request has come. */
  tick(): void {
    for (const waiting of this.#waiting) {
      if (waiting.requests === 0 && waiting.notBefore <= this.#its.now().getTime()) this.#settle(waiting);
      else waiting.requests = Math.max(0, waiting.requests - 1);
    }
  }

  settleAll(): void {
    for (const waiting of this.#waiting) this.#settle(waiting);
  }

  #settle(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    this.#its.statuses.settle(waiting.status, this.#store(waiting, this.#its.stamp()));
  }

  #isDuplicate({ contents }: Addition, object: StixObject, earlier: StixObject | undefined): boolean {
    const waiting = [...this.#waiting].filter((other) => other.contents === contents);
    const ofId = waiting.flatMap(({ objects }) => objects.filter(({ id }) => id === object.id));
    return isDuplicate(contents, earlier === undefined ? ofId : [...ofId, earlier], object);
  }

  #store({ contents, dialect, objects }: Addition, at: string): Fates {
    const { faults, now, stamp, tally } = this.#its;
    const { afterRevocation } = faults();
    const judgement = { now: now(), afterRevocation };
    return storeObjects(objects, {
      contents,
      dialect,
      faults: faults(),
      judgement,
      tally,
      stamp: stampsFor(dialect, at, stamp),
    });
  }
}

interface AdditionsGiven {
  readonly faults: () => TaxiiFaults;
  readonly now: () => Date;
  readonly stamp: () => string;
  readonly statuses: StatusResources;
  readonly tally: Tally;
}
