import type { Pipeline } from './parts.ts';

const SECOND_MS = 1_000;

/** Window bounds are part of workflow ids: whole seconds keep them readable, where that holds no row back longer than `settle`. */
export function readableTime(ms: number, settleMs: number): Date {
  const step = settleMs < SECOND_MS ? 1 : SECOND_MS;
  return new Date(Math.floor(ms / step) * step);
}

/** Where a pipeline's coverage begins that begins now. */
export function beginning({ since }: Pick<Pipeline, 'since'>, now: Date): Date {
  return readableTime(since(now).getTime(), SECOND_MS);
}
