import { z } from 'zod';
import { type GivenArtifact, givenArtifact, putArtifacts, taggedBy } from './artifacts.ts';
import type { Instance } from './instance.ts';
import { madeUpArtifacts } from './made-up-artifacts.ts';
import type { AttributeRecord } from './records.ts';

interface Parts {
  readonly instance: Instance;
  /** Seconds since 1970. */
  readonly now: () => number;
}

const madeUpRequest = z.strictObject({ count: z.int().min(0), seed: z.int().default(1) });
const artifactsRequest = z.strictObject({ artifacts: z.array(givenArtifact) });
const uuid = z.guid().toLowerCase();
const deleteRequest = z.strictObject({ uuids: z.array(uuid) });
const retagRequest = z.strictObject({
  uuid,
  add: z.array(z.strictObject({ name: z.string().min(1), local: z.boolean().default(false) })).default([]),
  remove: z.array(z.string()).default([]),
});

/** What happens in MISP without the product, by name: others bring attributes, delete some, or tag one. And what is held is shown. */
export function createControls({ instance, now }: Parts) {
  return {
    /** `{count, seed}` made-up ones, or `{artifacts}`. The count, and the uuids of those that were given. */
    artifacts(body: unknown): { readonly artifacts: number; readonly uuids: readonly string[] } {
      const isMadeUp = madeUpRequest.partial().safeParse(body).success;
      const artifacts: Iterable<GivenArtifact> = isMadeUp
        ? madeUpArtifacts({ ...madeUpRequest.parse(body), now: now() })
        : artifactsRequest.parse(body).artifacts;
      const uuids = putArtifacts(artifacts, { instance, now: now() });
      return { artifacts: uuids.length, uuids: isMadeUp ? [] : uuids };
    },
    /** Softly. Those that are not there are left out of the count. */
    delete(body: unknown): { readonly deleted: number } {
      const found = deleteRequest.parse(body).uuids.flatMap((one) => instance.attributes.withUuid(one) ?? []);
      const there = found.filter(({ deleted }) => !deleted);
      for (const one of there) instance.attributes.replace({ ...one, deleted: true, timestamp: now() });
      return { deleted: there.length };
    },
    /** By its owner, or here; local tags alone do not change its time. */
    retag(body: unknown): { readonly retagged: number } {
      const { uuid: wanted, add, remove } = retagRequest.parse(body);
      const attribute = instance.attributes.withUuid(wanted);
      if (attribute === null) return { retagged: 0 };
      const goes = new Set(remove.flatMap((name) => instance.tags.named(name)?.id ?? []));
      const came = add.map(({ name, local }) => taggedBy(instance, name, local));
      const isShared = [...came, ...attribute.tags.filter(({ id }) => goes.has(id))].some(({ local }) => !local);
      const tags = [...attribute.tags.filter(({ id }) => !goes.has(id) && came.every((one) => one.id !== id)), ...came];
      instance.attributes.tagLocally(attribute.id, tags);
      if (isShared) instance.attributes.touch(attribute.id, now());
      return { retagged: 1 };
    },
    /** All attributes, delivered ones too. */
    holdings: () => instance.attributes.all().map((attribute) => holdingOf(instance, attribute)),
  };
}

function holdingOf(instance: Instance, { uuid: id, type, value, eventId, deleted, timestamp, tags }: AttributeRecord) {
  const event = instance.event(eventId);
  return {
    uuid: id,
    type,
    value,
    event: event?.uuid ?? '',
    owner: event?.foreign === true ? ('foreign' as const) : ('own' as const),
    published: event?.published === true,
    deleted,
    timestamp,
    tags: tags.map((one) => ({ name: instance.tags.withId(one.id)?.name ?? '', local: one.local })),
  };
}
