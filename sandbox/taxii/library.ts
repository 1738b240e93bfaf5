import { z } from 'zod';
import type { Given, TipCounts, TipItem } from '../stand-in.ts';
import { type Addition, Additions } from './additions.ts';
import { COLLECTIONS } from './collections.ts';
import { Contents, keptContents, type Version } from './contents.ts';
import { itemsOf, type Judgement, tallied } from './held-items.ts';
import { createStamps } from './instant.ts';
import { type StatusResource, StatusResources, statusResource } from './status-resources.ts';
import type { TaxiiFaults } from './taxii-faults.ts';

const keptLibrary = z.object({
  collections: z.record(z.string(), keptContents),
  statuses: z.array(statusResource),
  tally: z.object({ duplicates: z.int(), updates: z.int(), withdrawn: z.int() }),
});

/** All that the server holds, and what is known of how it came to hold it. */
export class Library {
  readonly #collections = new Map(COLLECTIONS.map(({ id }) => [id, new Contents()]));
  readonly #statuses = new StatusResources();
  readonly #tally = { duplicates: 0, updates: 0, withdrawn: 0 };
  readonly #additions: Additions;
  readonly #given: Given<TaxiiFaults>;

  constructor(given: Given<TaxiiFaults>) {
    this.#given = given;
    const { faults, now } = given;
    const stamp = createStamps(now);
    this.#additions = new Additions({ faults, now, stamp, statuses: this.#statuses, tally: this.#tally });
  }

  contents(collection: string): Contents | undefined {
    return this.#collections.get(collection);
  }

  add(addition: Addition): StatusResource {
    return this.#additions.add(addition);
  }

  delete(contents: Contents, versions: readonly Version[]): void {
    for (const version of versions)
      tallied(contents, version.object, { judgement: this.#judgement(), tally: this.#tally }, () =>
        contents.remove(version),
      );
  }

  status(id: string): StatusResource | undefined {
    return this.#statuses.get(id);
  }

  /** One more request has come. */
  tick(): void {
    this.#additions.tick();
  }

  items(): readonly TipItem[] {
    const judgement = this.#judgement();
    return [...this.#collections.values()].flatMap((contents) => itemsOf(contents, judgement));
  }

  counts(): Omit<TipCounts, 'requests' | 'throttled'> {
    const held = this.items().filter(({ state }) => state === 'held');
    return { holds: new Set(held.map(({ value }) => value)).size, ...this.#tally };
  }

  restore(kept: unknown): void {
    const { collections, statuses, tally } = keptLibrary.parse(kept);
    for (const [id, contents] of Object.entries(collections)) this.contents(id)?.restore(contents);
    this.#statuses.restore(statuses);
    Object.assign(this.#tally, tally);
  }

  /** What is under way is there by then. */
  snapshot(): z.infer<typeof keptLibrary> {
    this.#additions.settleAll();
    return {
      collections: Object.fromEntries([...this.#collections].map(([id, contents]) => [id, contents.snapshot()])),
      statuses: [...this.#statuses.snapshot()],
      tally: { ...this.#tally },
    };
  }

  #judgement(): Judgement {
    return { now: this.#given.now(), afterRevocation: this.#given.faults().afterRevocation };
  }
}
