import { ApplicationFailure } from '@temporalio/common';
import type { FormedBatches } from '../../activities/form-batches.ts';
import type { Plan, WindowToDo } from '../../activities/plan.ts';

/** The window of an hour of the day. */
export function windowOf(hour: number): WindowToDo {
  const [from = '', to = ''] = [hour, hour + 1].map((at) => new Date(Date.UTC(2026, 0, 1, at)).toISOString());
  return { id: hour + 1, from, to, readFrom: from };
}

export function planned(windows: readonly WindowToDo[], more: Partial<Plan> = {}): Plan {
  return { windows, remaining: windows.length, others: 0, closed: null, warning: null, ...more };
}

/** Comes from one plan after the other; when there are no more, nothing is missing. */
export function planOf(...plans: readonly Plan[]): () => Promise<Plan> {
  const left = [...plans];
  return async () => left.shift() ?? planned([]);
}

/** So much of a window is to be scored, one by one. */
export function toScore(count: number): FormedBatches {
  return { batches: count, open: [], toScore: numbered(count).map((scoring) => ({ scoring, items: 1 })), lanes: 1 };
}

/** So many batches of one are to be delivered. */
export function toDeliver(count: number): FormedBatches {
  return { batches: count, open: numbered(count).map((batch) => ({ batch, items: 1 })), lanes: 1 };
}

function numbered(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** What a step fails with, as the boundary of the steps lets it out. */
export function failureOf(type: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message: `This is ${type}.`, nonRetryable: true });
}
