import { z } from 'zod';
import { Attributes } from './attributes.ts';
import {
  type AttributeRecord,
  attributeRecord,
  type EventRecord,
  eventRecord,
  isHeld,
  type ProposalRecord,
  proposalRecord,
  tagRecord,
} from './records.ts';
import { TagWrites, tagWriteCounts } from './tag-writes.ts';
import { Tags } from './tags.ts';

const count = z.number();
const snapshot = z.object({
  events: z.array(eventRecord),
  lastEventId: count,
  attributes: z.array(attributeRecord),
  lastAttributeId: count,
  tags: z.array(tagRecord),
  proposals: z.array(proposalRecord),
  blocked: z.array(z.string()),
  counts: z.object({ updates: count, withdrawn: count, duplicates: count }),
  tagWrites: tagWriteCounts.prefault({}),
});

/** Everything that one MISP has. */
export class Instance {
  readonly attributes = new Attributes();
  readonly tags = new Tags();
  readonly tagWrites = new TagWrites();
  readonly #events = new Map<number, EventRecord>();
  readonly #idsByUuid = new Map<string, number>();
  #lastEventId = 0;
  #proposals: ProposalRecord[] = [];
  /** Uuids of events that were deleted and can never come again. */
  readonly blocked = new Set<string>();

  event(id: number): EventRecord | null {
    return this.#events.get(id) ?? null;
  }

  eventWithUuid(uuid: string): EventRecord | null {
    return this.event(this.#idsByUuid.get(uuid) ?? 0);
  }

  events(): readonly EventRecord[] {
    return [...this.#events.values()];
  }

  addEvent(event: Omit<EventRecord, 'id'>): EventRecord {
    this.#lastEventId += 1;
    const added = { ...event, id: this.#lastEventId };
    this.setEvent(added);
    return added;
  }

  setEvent(event: EventRecord): void {
    this.#events.set(event.id, event);
    this.#idsByUuid.set(event.uuid, event.id);
  }

  /** As every change of what is in an event does. (Source: MISP 2.5.1, Event::unpublishEvent.) */
  unpublish(id: number, timestamp: number): void {
    const event = this.event(id);
    if (event !== null) this.setEvent({ ...event, published: false, timestamp });
  }

  removeEvent({ id, uuid }: EventRecord): void {
    for (const attribute of this.attributes.of(id)) this.attributes.remove(attribute.id);
    this.#proposals = this.#proposals.filter(({ eventId }) => eventId !== id);
    this.#events.delete(id);
    this.#idsByUuid.delete(uuid);
  }

  propose(proposal: Omit<ProposalRecord, 'id'>): ProposalRecord {
    const made = { ...proposal, id: this.#proposals.length + 1 };
    this.#proposals.push(made);
    return made;
  }

  proposals(): readonly ProposalRecord[] {
    return this.#proposals;
  }

  holds(): number {
    const held = this.attributes.all().filter((attribute: AttributeRecord) => isHeld(attribute));
    return new Set([...held, ...this.#proposals].map(({ value }) => value)).size;
  }

  /** How many attributes carry each local tag that requests have added. */
  localTags(): Readonly<Record<string, number>> {
    const found = new Map<string, number>();
    for (const attribute of this.attributes.all()) {
      for (const { id, local, ours } of attribute.tags) {
        const name = this.tags.withId(id)?.name;
        if (local && ours && name !== undefined && !attribute.deleted) found.set(name, (found.get(name) ?? 0) + 1);
      }
    }
    return Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  save(): z.infer<typeof snapshot> {
    return {
      events: [...this.events()],
      lastEventId: this.#lastEventId,
      attributes: [...this.attributes.all()],
      lastAttributeId: this.attributes.lastId(),
      tags: [...this.tags.all()],
      proposals: [...this.#proposals],
      blocked: [...this.blocked],
      counts: this.attributes.counts(),
      tagWrites: this.tagWrites.counts(),
    };
  }

  /** Throws when it is not what `save` gave. */
  restore(saved: unknown): void {
    const read = snapshot.parse(saved);
    for (const event of read.events) this.setEvent(event);
    this.#lastEventId = read.lastEventId;
    this.attributes.restore(read.attributes, read.lastAttributeId, read.counts);
    for (const tag of read.tags) this.tags.restore(tag);
    this.#proposals = read.proposals;
    for (const uuid of read.blocked) this.blocked.add(uuid);
    this.tagWrites.restore(read.tagWrites);
  }
}
