import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Labels } from './labels.ts';
import { label, type Note, note, type Observable, observable } from './observable.ts';
import { standardId } from './standard-id.ts';

export const savedObservables = z.object({
  observables: z.array(observable),
  labels: z.array(label),
  notes: z.array(note),
  counts: z.object({ tagWrites: z.int(), idleTagWrites: z.int(), foreignTouched: z.int() }),
});
type SavedObservables = z.infer<typeof savedObservables>;

export interface LabelCounts {
  /** How many observables have each label that a mutation put on them. */
  readonly tags: Readonly<Record<string, number>>;
  /** Labels put on observables and taken off. */
  readonly tagWrites: number;
  /** Those that were so before. */
  readonly idleTagWrites: number;
  /** Labels taken off that no mutation had put there. */
  readonly foreignTouched: number;
}

/** What of an observable is given when it comes, or comes again. */
export type Given = Pick<Observable, 'type' | 'value'> &
  Partial<Pick<Observable, 'score' | 'labels' | 'markings' | 'createdBy' | 'restricted'>>;

/** The observables of the platform, with their labels and notes. */
export class Observables {
  readonly labels: Labels;
  readonly #byId = new Map<string, Observable>();
  readonly #byStandardId = new Map<string, string>();
  readonly #notes: Note[];
  readonly #counts = { tagWrites: 0, idleTagWrites: 0, foreignTouched: 0 };

  constructor(saved: SavedObservables | null) {
    this.labels = new Labels(saved?.labels ?? []);
    this.#notes = [...(saved?.notes ?? [])];
    for (const one of saved?.observables ?? []) this.#keep(one);
    if (saved !== null) Object.assign(this.#counts, saved.counts);
  }

  all(): Observable[] {
    return [...this.#byId.values()];
  }

  /** By either of its ids. */
  find(id: string): Observable | null {
    return this.#byId.get(this.#byStandardId.get(id) ?? id) ?? null;
  }

  /** One of the same type and value is the same, and is changed. (Source: OpenCTI, schema/stixCyberObservable, the ids' contributions.) */
  put({ type, value, ...given }: Given, now: number): Observable {
    const id = standardId(type.toLowerCase(), { value });
    const held = this.find(id);
    const one: Observable = {
      ...(held ?? {
        internalId: randomUUID(),
        standardId: id,
        type,
        value,
        score: null,
        labels: [],
        labelled: [],
        markings: [],
        createdBy: null,
        createdAt: now,
        restricted: false,
      }),
      ...given,
      updatedAt: now,
    };
    this.#keep(one);
    return one;
  }

  remove(one: Observable): void {
    this.#byId.delete(one.internalId);
    this.#byStandardId.delete(one.standardId);
  }

  /** What is so already leaves it as it is. (Source: OpenCTI, database/middleware, `updateAttributeFromLoadedWithRefs`.) */
  addLabels(one: Observable, ids: readonly string[], now: number): void {
    const added = ids.filter((id) => !one.labels.includes(id));
    this.#counts.tagWrites += added.length;
    this.#counts.idleTagWrites += ids.length - added.length;
    if (added.length === 0) return;
    const [labels, labelled] = [
      [...one.labels, ...added],
      [...one.labelled, ...added],
    ];
    this.#keep({ ...one, labels, labelled, updatedAt: now });
  }

  removeLabel(one: Observable, id: string, now: number): void {
    if (!one.labels.includes(id)) {
      this.#counts.idleTagWrites += 1;
      return;
    }
    this.#counts.tagWrites += 1;
    if (!one.labelled.includes(id)) this.#counts.foreignTouched += 1;
    const without = (all: readonly string[]): string[] => all.filter((each) => each !== id);
    this.#keep({ ...one, labels: without(one.labels), labelled: without(one.labelled), updatedAt: now });
  }

  score(one: Observable, score: number, now: number): void {
    if (one.score !== score) this.#keep({ ...one, score, updatedAt: now });
  }

  notes(): readonly Note[] {
    return this.#notes;
  }

  /** One with an id that is known is the same. (Source: OpenCTI, database/middleware, `createEntity`: by any of its ids.) */
  addNote(given: Omit<Note, 'internalId'>): Note {
    const known = this.#notes.find(({ stixId }) => stixId !== null && stixId === given.stixId);
    if (known !== undefined) return known;
    const made = { ...given, internalId: randomUUID() };
    this.#notes.push(made);
    return made;
  }

  counts(): LabelCounts {
    const tags: Record<string, number> = {};
    for (const { labelled } of this.#byId.values()) {
      for (const id of labelled) {
        const name = this.labels.get(id)?.value ?? id;
        tags[name] = (tags[name] ?? 0) + 1;
      }
    }
    return { tags, ...this.#counts };
  }

  snapshot(): SavedObservables {
    return { observables: this.all(), labels: this.labels.all(), notes: [...this.#notes], counts: { ...this.#counts } };
  }

  #keep(one: Observable): void {
    this.#byId.set(one.internalId, one);
    this.#byStandardId.set(one.standardId, one.internalId);
  }
}
