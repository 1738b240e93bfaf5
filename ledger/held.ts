import { type RawBuilder, sql } from 'kysely';

/** A form as it was asked of the destination. */
export type HeldForm = Readonly<Record<string, unknown>>;

/**
 * With the hash that it has: one that does not have the hash of what is held, since a worker of the release before has delivered
 * something else, is not taken for it.
 */
export interface HashedForm {
  readonly hash: string;
  readonly form: HeldForm;
}

/** What a destination held of an item. */
export interface HeldAtPlan {
  readonly remoteId: string | null;
  readonly form: HeldForm | null;
  readonly maybe: HeldForm | null;
}

/**
 * What the destination holds by a delivery `d`; null when nothing, and it has never given an id. Where it may hold something else of
 * which no form is known, nothing is known of the form that it has. What was withdrawn is there still in the form that it had, and has to
 * lose of that what is not wanted when it comes back.
 */
export const HELD: RawBuilder<HeldAtPlan | null> = sql<HeldAtPlan | null>`case
  when d.remote_id is not null or d.hash is not null or d.may_hold is not null then jsonb_build_object(
    'remoteId', d.remote_id,
    'form', case when d.held->>'hash' = d.hash and (d.may_hold is null or d.asked->>'hash' = d.may_hold) then d.held->'form' end,
    'maybe', case when d.asked->>'hash' = d.may_hold then d.asked->'form'
      when d.hash is null and d.may_hold is null then d.held->'form' end) end`;
