/**
 * Lower goes first wherever work waits; children have it from whoever starts them. This is why live runs and backfills share one
 * task queue: a queue for each would divide the slots of every worker, and leave half of them idle most of the time.
 */
export const LIVE_PRIORITY = 2;
export const BACKFILL_PRIORITY = 4;
