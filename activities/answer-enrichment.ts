import type { EnrichDone, EnrichStanding } from '../indicators/enrich-counts.ts';
import { Fault } from '../indicators/fault.ts';
import { artifactStanding, artifactsAside } from '../ledger/artifacts.ts';
import { doneSoFar } from '../ledger/enrichment-counts.ts';
import { type Passes, passesOf } from '../ledger/enrichments.ts';
import { pausesOf } from '../ledger/pauses.ts';
import type { Parts } from './parts.ts';

/** How a pipeline that enriches stands. */
export interface EnrichmentStatus {
  readonly kind: 'enrich';
  readonly pipeline: string;
  /** Null before the first run. */
  readonly passes: Passes | null;
  readonly standing: EnrichStanding;
  /** Ever. */
  readonly done: EnrichDone;
  /** The most frequent reasons, and when the first of each is taken up again, as ISO 8601. */
  readonly setAside: readonly { readonly reason: string; readonly artifacts: number; readonly due: string | null }[];
  /** APIs that asked to wait, and until when, as ISO 8601. */
  readonly waiting: readonly { readonly api: string; readonly until: string }[];
  readonly destination: { readonly describe: string; readonly stability: 'stable' | 'beta' };
}

/** Null for a pipeline of another kind. */
export async function answerEnrichment(parts: Parts, pipeline: string): Promise<EnrichmentStatus | null> {
  const own = enrichedOr(parts, pipeline);
  if (own === null) return null;
  const { ledger } = parts;
  const names = new Map(own.budgets.map(({ budget, api }) => [budget, api]));
  const pauses = await pausesOf(ledger, [...names.keys()]);
  const setAside = await artifactsAside(ledger, pipeline);
  return {
    kind: 'enrich',
    pipeline,
    passes: await passesOf(ledger, pipeline),
    standing: await artifactStanding(ledger, pipeline),
    done: await doneSoFar(ledger, pipeline),
    setAside: setAside.map(({ reason, artifacts, due }) => ({ reason, artifacts, due: due?.toISOString() ?? null })),
    waiting: pauses.map(({ api, until }) => ({ api: names.get(api) ?? api, until: until.toISOString() })),
    destination: { describe: own.store.describe, stability: own.stability },
  };
}

/** Null where the configuration has it of another kind, or not at all. */
export function enrichedOr(parts: Parts, pipeline: string): ReturnType<Parts['enriched']> | null {
  try {
    return parts.enriched(pipeline);
  } catch (error) {
    if (error instanceof Fault && error.kind === 'Refused') return null;
    throw error;
  }
}
