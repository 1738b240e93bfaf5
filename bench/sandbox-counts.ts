import { z } from 'zod';
import type { Stack } from '../test/e2e/stack.ts';
import { tipCounts } from '../test/e2e/tip-counts.ts';

const byApi = z.object({ logs: z.number(), graph: z.number(), threatstream: z.number() });
const shape = z.object({
  requests: byApi,
  throttled: byApi,
  lookUps: z.number(),
  holds: z.number(),
  duplicates: z.number(),
  /** Import sessions. */
  sessions: z.number(),
});

/** What the sandbox saw: the judge of what was done, not we. */
export type SandboxCounts = z.infer<typeof shape>;

export async function sandboxCounts({ control }: Stack): Promise<SandboxCounts> {
  return shape.parse(await tipCounts({ control }));
}

/** What came between two countings; `holds` may be negative. */
export function difference(after: SandboxCounts, before: SandboxCounts): SandboxCounts {
  const of = (a: z.infer<typeof byApi>, b: z.infer<typeof byApi>) => ({
    logs: a.logs - b.logs,
    graph: a.graph - b.graph,
    threatstream: a.threatstream - b.threatstream,
  });
  return {
    requests: of(after.requests, before.requests),
    throttled: of(after.throttled, before.throttled),
    lookUps: after.lookUps - before.lookUps,
    holds: after.holds - before.holds,
    duplicates: after.duplicates - before.duplicates,
    sessions: after.sessions - before.sessions,
  };
}
