import { z } from 'zod';
import { generatedObservable } from '../rows/generated-observable.ts';
import { OBSERVABLE_KEYS } from '../rows/observable.ts';
import type { Given, Observables } from './observables.ts';
import type { References } from './references.ts';

const names = z.array(z.string().min(1));
const artifact = z.strictObject({
  type: z.string().min(1),
  value: z.string().min(1),
  score: z.int().min(0).max(100).nullable().optional(),
  /** By their names, as the markings and the author. */
  labels: names.optional(),
  markings: names.optional(),
  createdBy: z.string().min(2).nullable().optional(),
  restricted: z.boolean().optional(),
});

/** Observables that come, or change, now: so many made-up ones, or these; or those with these values are deleted. */
const request = z.union([
  z.strictObject({ count: z.int().min(1).max(1_000_000), seed: z.int().min(0).default(1) }),
  z.strictObject({ artifacts: z.array(artifact).min(1) }),
  z.strictObject({ gone: z.array(z.string().min(1)).min(1) }),
]);

/** By how a pattern names them. */
const TYPES: ReadonlyMap<string, string> = new Map([
  [OBSERVABLE_KEYS.ipv4, 'IPv4-Addr'],
  [OBSERVABLE_KEYS.ipv6, 'IPv6-Addr'],
  [OBSERVABLE_KEYS.domain, 'Domain-Name'],
  [OBSERVABLE_KEYS.url, 'Url'],
  [OBSERVABLE_KEYS.email, 'Email-Addr'],
]);

interface Held {
  readonly observables: Observables;
  readonly references: References;
  readonly now: () => number;
}

/** `POST …/artifacts` and `POST …/held-artifacts`, which answers what they look like now. */
export function artifactControls({ observables, references, now }: Held) {
  const given = ({ labels, markings, createdBy, score, restricted, type, value }: z.infer<typeof artifact>): Given => ({
    type,
    value,
    ...(score === undefined ? {} : { score }),
    ...(restricted === undefined ? {} : { restricted }),
    ...(labels === undefined ? {} : { labels: labels.map((name) => observables.labels.add(name, 'kept').internalId) }),
    ...(markings === undefined ? {} : { markings: markings.map((name) => references.markingNamed(name)) }),
    ...(createdBy === undefined ? {} : { createdBy: createdBy === null ? null : references.named(createdBy) }),
  });
  return {
    artifacts(body: unknown) {
      const asked = request.parse(body);
      if ('gone' in asked) {
        const gone = observables.all().filter(({ value }) => asked.gone.includes(value));
        for (const one of gone) observables.remove(one);
        return { gone: gone.length };
      }
      const all = 'artifacts' in asked ? asked.artifacts.map(given) : madeUp(asked.count, asked.seed);
      for (const one of all) observables.put(one, now());
      return { artifacts: all.length };
    },
    'held-artifacts': () =>
      observables.all().map((one) => ({
        id: one.internalId,
        type: one.type,
        value: one.value,
        score: one.score,
        labels: one.labels.map((id) => observables.labels.get(id)?.value ?? id),
        notes: observables
          .notes()
          .flatMap(({ objects, content }) => (objects.includes(one.internalId) ? [content] : [])),
      })),
  };
}

function madeUp(count: number, seed: number): Given[] {
  return Array.from({ length: count }, (_, index) => {
    const { key, value } = generatedObservable(seed, index);
    return { type: TYPES.get(key) ?? 'StixFile', value };
  });
}
