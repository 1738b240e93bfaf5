import { liftPauses as lift } from '../ledger/pauses.ts';
import { enrichedOr } from './answer-enrichment.ts';
import type { Parts } from './parts.ts';

/** A person wants what a pipeline asks to be tried now, however long it asked to wait. Returns how many APIs had. */
export async function liftPauses(parts: Parts, { pipeline }: { readonly pipeline: string }): Promise<number> {
  const { budgets = [] } = enrichedOr(parts, pipeline) ?? parts.pipeline(pipeline);
  return lift(
    parts.ledger,
    budgets.map(({ budget }) => budget),
  );
}
