/** Repeated measurements of one thing. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly runs: number;
}

/** @throws Error for no values at all. */
export function spreadOf(values: readonly number[]): Spread {
  return {
    min: quantile(values, 0),
    median: quantile(values, 0.5),
    max: quantile(values, 1),
    runs: values.length,
  };
}

/** The value below which this share of them lies, from 0 to 1, between neighbours by their distance. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new Error('There are no values to tell a quantile of.');
  return below + (above - below) * (place - Math.floor(place));
}

/** @throws Error for no values at all. */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new Error('There are no values to tell a mean of.');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
