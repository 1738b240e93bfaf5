import { type RawBuilder, sql } from 'kysely';

/** Longer than any lease of a look-up, and than any wait between its tries. */
const LONGEST = '1 hour';
/** Longer than what is set aside waits. */
const LONGEST_SET_ASIDE = '25 hours';

/**
 * When a host of `reputations` may be tried again, by a worker's clock; null when nothing is waited for. What a worker whose clock was
 * ahead has written down lies further away than anybody waits: that is due now.
 */
export function dueAt(now: Date): RawBuilder<Date | null> {
  return sql`case when reputations.try_at > ${now}::timestamptz
      + case when reputations.given_up is null then ${LONGEST} else ${LONGEST_SET_ASIDE} end::interval
    then ${now}::timestamptz else reputations.try_at end`;
}

/** Whether somebody is looking a host of `reputations` up. */
export function isLeased(now: Date): RawBuilder<boolean> {
  return sql`coalesce(reputations.leased_until > ${now}::timestamptz
    and reputations.leased_until <= ${now}::timestamptz + ${LONGEST}::interval, false)`;
}
