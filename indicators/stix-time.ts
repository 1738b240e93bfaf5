/** An instant as all our STIX objects have it: in UTC, with exactly three decimals. What is finer is cut off. */
export function stixTime(time: string): string {
  return new Date(time).toISOString();
}

/**
 * `modified` of the next version: now, but always later than the version before, whatever the clock says. Exactly three decimals, since
 * there are servers that compare the texts, and then one instant written in two ways is two versions. (Source: medallion 3.0.0.)
 */
export function nextModified(now: string, previous: string | null): string {
  return previous === null ? stixTime(now) : laterThan(previous, now);
}

/** The time, or the first instant after `start` when it is not later than that. */
export function laterThan(start: string, time: string): string {
  return new Date(Math.max(Date.parse(time), Date.parse(start) + 1)).toISOString();
}

/** Null for none, and for one so far off that nothing could come after it. */
export function realBeginning(validFrom: string | null): string | null {
  return validFrom === null || validFrom.startsWith('9999-') ? null : validFrom;
}
