import { z } from 'zod';

const sum = z.number();

/** What a run that enriches says in the end, as far as it is judged. */
export const enrichSums = z.object({
  new: sum,
  changed: sum,
  judged: sum,
  lookedUp: sum,
  marked: sum,
  cleared: sum,
  commented: sum,
  rescored: sum,
  gone: sum,
  artifacts: sum,
  right: sum,
  hashes: sum,
  noHost: sum,
  excluded: sum,
  aside: sum,
  pending: sum,
  hosts: sum,
});

/** It accounts for all that it knows, and has left nothing. */
export function enrichViolations(workflowId: string, result: unknown): readonly string[] {
  const run = enrichSums.safeParse(result);
  if (!run.success) return [`${workflowId} does not say what became of its observables`];
  const { artifacts, right, hashes, noHost, excluded, aside, pending } = run.data;
  const accounted = right + hashes + noHost + excluded + aside + pending;
  return [
    ...(artifacts === accounted ? [] : [`${workflowId} knows ${artifacts} observables and accounts for ${accounted}`]),
    ...(pending === 0 ? [] : [`${workflowId} ended with ${pending} pending`]),
  ];
}
