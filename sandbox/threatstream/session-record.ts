import { z } from 'zod';
import type { ImportForm } from './import-form.ts';

/**
 * An import session as it is saved; while `pollsLeft` is not below 0 it is on its way: to `approved` or `deleted` when it is `approving` or
 * `rejecting`, and else to `status`. (Source of the statuses: facts/tips.md 1.4; `done` is ready for review, `deleted` is rejected.)
 */
export const sessionRecord = z.object({
  id: z.string(),
  jobId: z.string(),
  status: z.enum(['done', 'approved', 'errors', 'approving', 'rejecting', 'deleted']),
  pollsLeft: z.number(),
  accepted: z.number(),
  rejected: z.number(),
  messages: z.string(),
  threatType: z.string(),
  confidence: z.number(),
  /** Of the sender's confidence. */
  weight: z.number().default(100),
  expiration: z.string().nullable(),
  isPublic: z.boolean(),
  isAnonymous: z.boolean().default(false),
  source: z.string(),
  tags: z.array(z.object({ name: z.string(), tlp: z.string().nullable() })).readonly(),
  tlp: z.string().nullable(),
  fileName: z.string().nullable().default(null),
  fileType: z.string().default('analyst'),
  created: z.string(),
  modified: z.string(),
});
export type SessionRecord = Readonly<z.infer<typeof sessionRecord>>;

/** What a session is said to be at when nothing hides it. */
export function statusOf({ status, pollsLeft }: SessionRecord): string {
  const isDecided = status === 'approving' || status === 'rejecting';
  return pollsLeft >= 0 && !isDecided ? 'processing' : status;
}

export function recordOf(
  { attributes, fileName, fileType }: ImportForm,
  outcome: Pick<SessionRecord, 'id' | 'jobId' | 'status' | 'pollsLeft' | 'accepted' | 'rejected' | 'messages'>,
  now: Date,
): SessionRecord {
  const { threatType, confidence, weight, expiration, isPublic, isAnonymous, source, tags, tlp } = attributes;
  const times = { created: now.toISOString(), modified: now.toISOString() };
  const said = { threatType, confidence, weight, expiration, isPublic, isAnonymous, source, tags, tlp };
  return { ...outcome, ...said, fileName, fileType, ...times };
}
