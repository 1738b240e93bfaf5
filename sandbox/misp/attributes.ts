import { comparable } from './attribute-value.ts';
import { type AttributeRecord, isHeld, type Tagged } from './records.ts';

/** The attributes of all events. Records are replaced, never changed. */
export class Attributes {
  readonly #byId = new Map<number, AttributeRecord>();
  readonly #idsByUuid = new Map<string, number>();
  readonly #idsByEvent = new Map<number, Set<number>>();
  /** Of those that are not deleted. */
  readonly #idsByValue = new Map<string, Set<number>>();
  #lastId = 0;
  #updates = 0;
  #withdrawn = 0;
  #duplicates = 0;

  get(id: number): AttributeRecord | null {
    return this.#byId.get(id) ?? null;
  }

  /** Uuids are compared letter by letter. (Source: MISP 2.5.1, db_schema.json: uuid is utf8mb3_bin.) */
  withUuid(uuid: string): AttributeRecord | null {
    return this.get(this.#idsByUuid.get(uuid) ?? 0);
  }

  /** By an id or a uuid. */
  named(name: string): AttributeRecord | null {
    return /^\d+$/.test(name) ? this.get(Number(name)) : this.withUuid(name);
  }

  of(eventId: number): readonly AttributeRecord[] {
    return this.#all(this.#idsByEvent.get(eventId));
  }

  all(): readonly AttributeRecord[] {
    return [...this.#byId.values()];
  }

  /** Those that are not deleted, of one event, type and value. (Source: MISP 2.5.1, MispAttribute::findAttributeByValue.) */
  alike(eventId: number, type: string, value: string): readonly AttributeRecord[] {
    return this.#all(this.#idsByValue.get(keyOf(eventId, type, value)));
  }

  add(attribute: Omit<AttributeRecord, 'id'>): AttributeRecord {
    this.#lastId += 1;
    const added = { ...attribute, id: this.#lastId };
    this.#put(added);
    return added;
  }

  /** In place of the one with the same id; what it changes is counted. */
  replace(attribute: AttributeRecord): void {
    const before = this.get(attribute.id);
    if (before === null) return;
    if (isHeld(before) && !isHeld(attribute)) this.#withdrawn += 1;
    else if (isSame(before, attribute)) this.#duplicates += isHeld(attribute) ? 1 : 0;
    else this.#updates += 1;
    this.#drop(before);
    this.#put(attribute);
  }

  /** Sets its time, and nothing that counts. */
  touch(id: number, timestamp: number): void {
    const attribute = this.get(id);
    if (attribute !== null) this.#byId.set(id, { ...attribute, timestamp });
  }

  /** A change of its tags alone. */
  retag(id: number, tags: readonly Tagged[]): void {
    const attribute = this.get(id);
    if (attribute === null) return;
    this.#byId.set(id, { ...attribute, tags: [...tags] });
    this.#updates += 1;
  }

  /** A change of its local tags, which changes nothing that others see. */
  tagLocally(id: number, tags: readonly Tagged[]): void {
    const attribute = this.get(id);
    if (attribute !== null) this.#byId.set(id, { ...attribute, tags: [...tags] });
  }

  remove(id: number): void {
    const attribute = this.get(id);
    if (attribute === null) return;
    if (isHeld(attribute)) this.#withdrawn += 1;
    this.#drop(attribute);
    this.#byId.delete(id);
    this.#idsByUuid.delete(attribute.uuid);
    this.#idsByEvent.get(attribute.eventId)?.delete(id);
  }

  /** Something arrived that was refused, or passed over, because it is held in just that form. */
  arrivedAgain(): void {
    this.#duplicates += 1;
  }

  counts() {
    return { updates: this.#updates, withdrawn: this.#withdrawn, duplicates: this.#duplicates };
  }

  lastId(): number {
    return this.#lastId;
  }

  restore(saved: readonly AttributeRecord[], lastId: number, counts: ReturnType<Attributes['counts']>): void {
    for (const attribute of saved) this.#put(attribute);
    this.#lastId = lastId;
    this.#updates = counts.updates;
    this.#withdrawn = counts.withdrawn;
    this.#duplicates = counts.duplicates;
  }

  #put(attribute: AttributeRecord): void {
    const { id, eventId, uuid, type, value, deleted } = attribute;
    this.#byId.set(id, attribute);
    this.#idsByUuid.set(uuid, id);
    setIn(this.#idsByEvent, eventId).add(id);
    if (!deleted) setIn(this.#idsByValue, keyOf(eventId, type, value)).add(id);
  }

  #drop({ id, eventId, type, value }: AttributeRecord): void {
    const key = keyOf(eventId, type, value);
    const ids = this.#idsByValue.get(key);
    ids?.delete(id);
    if (ids?.size === 0) this.#idsByValue.delete(key);
  }

  #all(ids: ReadonlySet<number> | undefined): readonly AttributeRecord[] {
    return [...(ids ?? [])].flatMap((id) => this.get(id) ?? []);
  }
}

/** Whether one says what the other says, whenever it said it. */
export function isSame(one: AttributeRecord, other: AttributeRecord): boolean {
  return content(one) === content(other);
}

function content({ timestamp: _time, id: _id, uuid: _uuid, meant: _meant, ...said }: AttributeRecord): string {
  return JSON.stringify(Object.entries(said).sort(([one], [other]) => one.localeCompare(other)));
}

function keyOf(eventId: number, type: string, value: string): string {
  return `${eventId} ${type} ${comparable(value)}`;
}

function setIn<Key>(sets: Map<Key, Set<number>>, key: Key): Set<number> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set;
}
