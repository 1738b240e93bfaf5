import { z } from 'zod';

/** What an attribute of ours says, besides its value. Kept for each. */
export const attributeForm = z.object({
  /** The uuid of the event that it is at home in. */
  event: z.string(),
  /** Its own uuid. */
  uuid: z.string(),
  type: z.string(),
  category: z.string(),
  comment: z.string(),
  tlp: z.string(),
  /** All of its tags that are ours, the TLP among them. */
  tags: z.array(z.string()),
  firstSeen: z.string().nullable(),
  lastSeen: z.string().nullable(),
});
export type AttributeForm = z.infer<typeof attributeForm>;
