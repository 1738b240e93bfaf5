import { cancellationSignal } from '@temporalio/activity';
import { type Confirmed, confirmArtifacts as confirm } from '../enrichment/confirm-artifacts.ts';
import type { Parts } from './parts.ts';

/** Asks the TIP until what was written shows, or its time is over. */
export async function confirmArtifacts(parts: Parts, { pipeline }: { readonly pipeline: string }): Promise<Confirmed> {
  return confirm(parts, parts.enriched(pipeline), cancellationSignal());
}
