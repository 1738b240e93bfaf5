import { z } from 'zod';

/** MISP writes numbers as texts, and small ones as booleans or texts, as the database brings them. */
export const flag = z
  .union([z.boolean(), z.number(), z.string()])
  .transform((value) => value === true || String(value) === '1');
export const whole = z.union([z.number(), z.string().regex(/^\d+$/)]).transform(Number);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const instant = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

/** An attribute as `attributes/restSearch` shows it: what is used of it. */
export const shownAttribute = z.object({
  id: whole,
  uuid: z.string().toLowerCase(),
  type: z.string(),
  category: z.string(),
  value: z.string(),
  to_ids: flag,
  deleted: flag,
  comment: text,
  timestamp: whole,
  first_seen: instant,
  last_seen: instant,
  Event: z.object({ uuid: z.string().toLowerCase(), publish_timestamp: whole.nullish() }),
  Tag: z.array(z.object({ name: z.string() })).nullish(),
});
export type ShownAttribute = z.infer<typeof shownAttribute>;

/** Nothing is an empty list there, as PHP writes it. */
export const foundAttributes = z.object({
  response: z.union([
    z.array(z.never()).transform((): ShownAttribute[] => []),
    z
      .object({ Attribute: z.array(shownAttribute).nullish() })
      .transform(({ Attribute }): ShownAttribute[] => Attribute ?? []),
  ]),
});

export const foundEvents = z.object({
  response: z.array(z.object({ Event: z.object({ attribute_count: whole }) })),
});

export const namedEvents = z.object({
  response: z.array(z.object({ Event: z.object({ uuid: z.string().toLowerCase() }) })),
});

/** What was declined says so here; errors are by the place of an attribute, or by field, or a text. */
export const declinedWrite = z.object({ saved: z.literal(false).optional(), errors: z.unknown().optional() });

/** `message` says what a person is to read, of an exception too. */
export const said = z.object({ message: z.string().nullish() });

const allowed = flag.nullish();
/** What is not said of a role is found out when it is used. */
export const ownUser = z.object({
  Role: z.object({ perm_add: allowed, perm_tagger: allowed, perm_tag_editor: allowed, perm_publish: allowed }),
});

export const foundTags = z.object({ Tag: z.array(z.object({ name: z.string() })) });

/** Which lists a value is in. Nothing is an empty list there, too. */
export const listedValues = z.union([
  z.array(z.never()).transform((): Record<string, { name: string }[]> => ({})),
  z.record(z.string(), z.array(z.object({ name: z.string() }))),
]);
