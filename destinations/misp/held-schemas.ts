import { z } from 'zod';
import { flag, whole } from './reply-schemas.ts';

/** Whose the key is, and whether it may tag; what is not said of its role is found out when it is used. */
export const keyUser = z.object({
  User: z.object({ org_id: whole }),
  Role: z.object({ perm_tagger: flag.nullish(), perm_tag_editor: flag.nullish() }),
});

/** An attribute that may be anybody's, as `attributes/restSearch` shows it: what is used of it. */
export const heldAttribute = z.object({
  id: whole,
  uuid: z.string().toLowerCase(),
  type: z.string(),
  value: z.string(),
  deleted: flag.nullish(),
  Event: z.object({ info: z.string(), orgc_id: whole }),
  Tag: z.array(z.object({ id: whole, name: z.string(), local: flag.nullish() })).nullish(),
});
export type HeldAttribute = z.output<typeof heldAttribute>;

/** When it was changed, in seconds, whatever else can be read of it. */
export const attributeTime = z.object({ timestamp: whole });
export const attributeUuid = z.object({ uuid: z.string().toLowerCase() });

/** What a search has found, each still to be read alone. Nothing is an empty list there, as PHP writes it. */
export const foundHeld = z.object({
  response: z.union([
    z.array(z.never()).transform((): unknown[] => []),
    z.object({ Attribute: z.array(z.unknown()).nullish() }).transform(({ Attribute }): unknown[] => Attribute ?? []),
  ]),
});

/** What is answered when tags are set or taken away: `errors` is a text, or is not there. */
export const tagAnswer = z.object({
  saved: flag.nullish(),
  errors: z.unknown().optional(),
  message: z.string().nullish(),
});
export type TagAnswer = z.output<typeof tagAnswer>;

const namedTag = z.object({ id: whole, name: z.string() });
export const listedTags = z.object({ Tag: z.array(namedTag) });
export const madeTag = z.object({ Tag: namedTag });
