import type { Said } from '../../sandbox/graph/graph-api.ts';

/** What is to be said of a host. */
export interface Verdict {
  /** As comments tell it. */
  readonly name: string;
  /** The tags of whatever has that host, sorted. */
  readonly tags: readonly string[];
  /** The confidence of what is ours; null: what it was before. */
  readonly confidence: number | null;
}

/** Null: MDTI does not know the host, or there is none. */
export function verdictOn(said: Said | null, minimumScore: number): Verdict {
  if (said === null) return { name: 'none', tags: [], confidence: null };
  const { score, classification } = said;
  if (score < minimumScore) return { name: 'below', tags: [], confidence: null };
  const band = score >= 90 ? '90-100' : score >= 75 ? '75-89' : score >= 50 ? '50-74' : '0-49';
  return {
    name: `${classification} ${band}`,
    tags: [`mdti-score:${band}`, `mdti:${classification}`],
    confidence: score,
  };
}

export function isOurTag({ name }: { readonly name: string }): boolean {
  return name.startsWith('mdti:') || name.startsWith('mdti-score:');
}
