import { z } from 'zod';

const tagged = z.object({ id: z.int(), local: z.boolean(), ours: z.boolean().default(false) });
/** That a tag is at something; `local` ones stay with this instance, `ours` came by a request. */
export type Tagged = z.infer<typeof tagged>;

export const tagRecord = z.object({ id: z.int(), name: z.string() });
export type TagRecord = z.infer<typeof tagRecord>;

export const eventRecord = z.object({
  id: z.int(),
  uuid: z.string(),
  info: z.string(),
  date: z.string(),
  threatLevel: z.string(),
  analysis: z.string(),
  distribution: z.string(),
  published: z.boolean(),
  /** Seconds since 1970, as all times here that are numbers. */
  timestamp: z.number(),
  publishTimestamp: z.number(),
  /** Whether it is another organisation's. */
  foreign: z.boolean(),
  tags: z.array(tagged),
});
export type EventRecord = z.infer<typeof eventRecord>;

export const attributeRecord = z.object({
  id: z.int(),
  eventId: z.int(),
  uuid: z.string(),
  type: z.string(),
  category: z.string(),
  value: z.string(),
  /** The value before it was blanked. */
  meant: z.string(),
  toIds: z.boolean(),
  timestamp: z.number(),
  distribution: z.string(),
  comment: z.string(),
  deleted: z.boolean(),
  disableCorrelation: z.boolean(),
  firstSeen: z.string().nullable(),
  lastSeen: z.string().nullable(),
  tags: z.array(tagged),
});
export type AttributeRecord = z.infer<typeof attributeRecord>;

/** What was proposed to another organisation for its event. */
export const proposalRecord = z.object({
  id: z.int(),
  uuid: z.string(),
  eventId: z.int(),
  type: z.string(),
  category: z.string(),
  value: z.string(),
  toIds: z.boolean(),
});
export type ProposalRecord = z.infer<typeof proposalRecord>;

/** Whether someone who uses MISP is shown it as current. */
export function isHeld({ deleted, toIds }: AttributeRecord): boolean {
  return !deleted && toIds;
}
