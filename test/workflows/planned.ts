import { ApplicationFailure } from '@temporalio/common';
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

/** What a step fails with, as the boundary of the steps lets it out. */
export function failureOf(type: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message: `This is ${type}.`, nonRetryable: true });
}
