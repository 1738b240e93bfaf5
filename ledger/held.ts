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

/** A form that was asked for, with those that had been before it and may have left something: the newest first. */
export interface AskedForm extends HashedForm {
  readonly before?: readonly HashedForm[];
}

/** What a destination held of an item. */
export interface HeldAtPlan {
  readonly remoteId: string | null;
  readonly form: HeldForm | null;
  readonly maybes: readonly HeldForm[];
  readonly awaits: boolean;
  readonly withdrawn?: 'maybe' | 'yes';
}

/** Of forms that may have left something, as many are known. */
const MOST = 8;

/** A jsonb of the forms in an `asked`, the newest first. */
function formsIn(asked: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`case when ${asked} is null then '[]'::jsonb
    else jsonb_build_array(${asked} - 'before') || coalesce(${asked}->'before', '[]'::jsonb) end`;
}

/** What is asked for next, after an `asked` of which not all may have been done. */
export function askedAfter(next: RawBuilder<unknown>, asked: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${next} || jsonb_build_object('before', coalesce((select jsonb_agg(kept.form order by kept.place) from (
    select form, place from jsonb_array_elements(${formsIn(asked)}) with ordinality as forms(form, place)
    where form->>'hash' is distinct from (${next})->>'hash' order by place limit ${MOST}) kept), '[]'::jsonb))`;
}

/** Of a delivery `d`, the form that was asked for last. */
export const ASKED = sql`d.asked - 'before'`;

/** What a delivery `d` was asked for before, when what it was asked for last has never left, or was declined. */
export const UNASKED = sql`case when d.asked->>'hash' = d.may_hold then d.asked
  else (d.asked->'before'->0) || jsonb_build_object('before', (d.asked->'before') - 0) end`;

/** Of a delivery, the form of what it may hold; null when that is not known. */
export function maybe(delivery: 'd' | 'deliveries'): RawBuilder<unknown> {
  const [asked, mayHold] = [sql.ref(`${delivery}.asked`), sql.ref(`${delivery}.may_hold`)];
  return sql`(select one from jsonb_array_elements(${formsIn(asked)}) as forms(one) where one->>'hash' = ${mayHold} limit 1)`;
}

/** A withdrawal that nobody has seen done may have been done. */
const WITHDRAWAL = sql`case when d.state = 'retracted' then '{"withdrawn": "yes"}'::jsonb
  when d.withdrawn_by is not null and d.hash is null and d.shipment_id is null then '{"withdrawn": "maybe"}'::jsonb
  else '{}'::jsonb end`;

/**
 * What the destination holds by a delivery `d`; null when nothing, and it has never given an id, nor had anything to be withdrawn. Where it
 * may hold something else of which no form is known, nothing is known of the form that it has. What was withdrawn is there still in the form
 * that it had, and has to lose of that what is not wanted when it comes back.
 */
export const HELD: RawBuilder<HeldAtPlan | null> = sql<HeldAtPlan | null>`case
  when d.remote_id is not null or d.hash is not null or d.may_hold is not null
    or (d.state = 'retracted' and coalesce(d.held, d.asked) is not null) then jsonb_build_object(
    'remoteId', d.remote_id,
    'form', case when d.held->>'hash' = d.hash and (d.may_hold is null or ${maybe('d')} is not null) then d.held->'form' end,
    'maybes', (select coalesce(jsonb_agg(one->'form' order by place), '[]'::jsonb) from jsonb_array_elements(
      case when d.hash is null and d.held is not null then jsonb_build_array(d.held) else '[]'::jsonb end
      || ${formsIn(sql`d.asked`)}) with ordinality as forms(one, place)),
    'awaits', d.awaits is not null) || ${WITHDRAWAL} end`;
