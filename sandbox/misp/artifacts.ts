import { z } from 'zod';
import { hexDigits } from '../rows/random.ts';
import type { Instance } from './instance.ts';
import type { Tagged } from './records.ts';

const seconds = z.int().min(0);

/** An attribute that nobody here has delivered, of our organisation or another. */
export const givenArtifact = z.strictObject({
  type: z.string().min(1),
  /** As it is stored: of two halves, with `|` between them. */
  value: z.string().min(1),
  owner: z.enum(['own', 'foreign']).default('foreign'),
  uuid: z.guid().toLowerCase().optional(),
  /** Its uuid; made when it is not there yet. Default: one for each owner, published or not. */
  event: z.guid().toLowerCase().optional(),
  /** Of its event. */
  published: z.boolean().default(true),
  toIds: z.boolean().default(true),
  /** Default: now. */
  timestamp: seconds.optional(),
  tags: z.array(z.strictObject({ name: z.string().min(1), local: z.boolean().default(false) })).default([]),
});
export type GivenArtifact = z.output<typeof givenArtifact>;

/** Returns their uuids. */
export function putArtifacts(
  artifacts: Iterable<GivenArtifact>,
  { instance, now }: { readonly instance: Instance; readonly now: number },
): readonly string[] {
  const uuids: string[] = [];
  for (const given of artifacts) {
    const uuid = given.uuid ?? attributeUuid(instance.attributes.lastId() + 1);
    const { type, value, toIds, tags } = given;
    const timestamp = given.timestamp ?? now;
    instance.attributes.add({
      eventId: homeOf(given, instance, now),
      uuid,
      type,
      category: type.includes('md5') || type.includes('sha') ? 'Payload delivery' : 'Network activity',
      value,
      meant: value,
      toIds,
      timestamp,
      distribution: '5',
      comment: '',
      deleted: false,
      disableCorrelation: false,
      firstSeen: null,
      lastSeen: null,
      tags: tags.map(({ name, local }) => taggedBy(instance, name, local)),
    });
    uuids.push(uuid);
  }
  return uuids;
}

/** That somebody there has set it. */
export function taggedBy({ tags }: Instance, name: string, local: boolean): Tagged {
  return { id: (tags.named(name) ?? tags.add(name)).id, local, ours: false };
}

const EVENTS = {
  own: { published: '3a5c1f04-5a0e-4c3f-9a63-0c1f6e0d7b01', unpublished: '3a5c1f04-5a0e-4c3f-9a63-0c1f6e0d7b02' },
  foreign: { published: '3a5c1f04-5a0e-4c3f-9a63-0c1f6e0d7b03', unpublished: '3a5c1f04-5a0e-4c3f-9a63-0c1f6e0d7b04' },
} as const;

function homeOf({ event, owner, published }: GivenArtifact, instance: Instance, now: number): number {
  const uuid = event ?? EVENTS[owner][published ? 'published' : 'unpublished'];
  const there = instance.eventWithUuid(uuid);
  if (there !== null) return there.id;
  return instance.addEvent({
    uuid,
    info: owner === 'own' ? 'Findings' : 'Findings elsewhere',
    date: new Date(now * 1_000).toISOString().slice(0, 10),
    threatLevel: '4',
    analysis: '0',
    distribution: '1',
    published,
    timestamp: now,
    publishTimestamp: published ? now : 0,
    foreign: owner === 'foreign',
    tags: [],
  }).id;
}

/** A random one by its form, and the same for the same number. */
function attributeUuid(number: number): string {
  const digits = hexDigits(0, number, 60, 32);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20)}`;
}
