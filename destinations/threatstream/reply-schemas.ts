import { z } from 'zod';

/** Ids come as numbers and as text, by version. */
const id = z.union([z.string().min(1), z.number()]).transform(String);
const tags = z
  .array(z.object({ name: z.string() }))
  .nullish()
  .transform((list) => (list ?? []).map(({ name }) => name));

/** The answer to an import with approval. */
export const importReply = z.object({ success: z.boolean().nullish(), import_session_id: id, job_id: id.nullish() });

/** An import session, as far as we read it. */
export const importSession = z.object({
  id,
  status: z.string(),
  numIndicators: z.number().nullish(),
  numRejected: z.number().nullish(),
  messages: z.unknown().optional(),
  tags,
  organization: z.object({ id: z.number() }).nullish(),
});
export type ImportSession = z.infer<typeof importSession>;

/** An observable, as far as we read it. */
export const intelligence = z.object({
  id: z.number(),
  value: z.string(),
  tags,
  owner_organization_id: z.number().nullish(),
  is_editable: z.boolean().nullish(),
  import_session_id: id.nullish(),
});
export type Intelligence = z.infer<typeof intelligence>;

const meta = z.object({ next: z.string().nullish() });
export const sessionPage = z.object({ meta, objects: z.array(importSession) });
export const intelligencePage = z.object({ meta, objects: z.array(intelligence) });
