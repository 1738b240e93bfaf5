/** When an indicator counts, in milliseconds since 1970. */
export interface ValidPeriod {
  readonly from: number;
  readonly until: number;
  readonly revoked: boolean;
}

export interface Dated {
  readonly validFrom: number | null;
  readonly validUntil: number | null;
  readonly created: number | null;
  readonly revoked: boolean;
}

export const DAY = 86_400_000;

/**
 * The period of what comes in; null where it would end before it begins. `revoked` is heeded only without a `valid_until`: else it follows
 * from that alone. (Source: OpenCTI, modules/indicator/indicator-utils, `computeValidPeriod`.)
 */
export function validPeriod(input: Dated, lifetimeDays: number, now: number): ValidPeriod | null {
  const from = input.validFrom ?? input.created ?? now;
  const until = endOf(input, from, lifetimeDays);
  return until <= from ? null : { from, until, revoked: until <= now };
}

function endOf({ validUntil, revoked }: Dated, from: number, lifetimeDays: number): number {
  if (validUntil === null) return revoked ? from + 1_000 : from + lifetimeDays * DAY;
  return validUntil === from ? from + 1_000 : validUntil;
}
