/** Lower goes first wherever work waits. Children have it from whoever starts them. */
export const LIVE_PRIORITY = 2;
export const BACKFILL_PRIORITY = 4;
