const HOUR_MS = 3_600_000;
/** With hardly a factor in common: their cuts are seldom near each other. */
const LENGTHS = [168, 167, 165, 163];

/**
 * A length for windows, for `source.window`, with which the last three hours are in one. Windows are cut at multiples of their length
 * since the epoch, and what changes between two windows is confirmed once in each: an account of a single run is plainer without.
 */
export function oneWindow(now: Date): string {
  const hours = LENGTHS.find((each) => now.getTime() % (each * HOUR_MS) > 3 * HOUR_MS) ?? LENGTHS[0];
  return `${hours}h`;
}
