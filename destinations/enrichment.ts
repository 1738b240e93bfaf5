import type { z } from 'zod';
import type { Secrets } from '../settings/secrets.ts';
import type { ArtifactStore } from './artifacts.ts';
import type { DestinationDeps, KindSection } from './destination-deps.ts';

/** What of an artifact can be written besides its tags. */
export type WrittenBesides = 'comment' | 'score';

/** How what TIPs of a kind hold is selected and enriched. */
export interface EnrichmentSpec<S extends KindSection, Select extends z.ZodType> {
  /** What can be selected there: `select` of the configuration. */
  readonly select: Select;
  readonly writes: readonly WrittenBesides[];
  /** What the user there has to be allowed. */
  readonly permissions: readonly string[];
  create(settings: z.output<S>, select: z.output<Select>, secrets: Secrets, deps: ArtifactDeps): ArtifactStore;
}

export interface ArtifactDeps extends Omit<DestinationDeps, 'deployment' | 'tlpDefault'> {
  /** With which the names of marks begin. */
  readonly tagPrefix: string;
}

/** A selection that was read, of a kind whose settings are `S`. */
export interface Selection<S extends KindSection> {
  /** As it is written, with every default: what is selected is another thing exactly when this is. */
  readonly shown: unknown;
  open(settings: z.output<S>, secrets: Secrets, deps: ArtifactDeps): ArtifactStore;
}

/** The same without the type of its selection. */
export interface Enrichment<S extends KindSection> {
  readonly select: z.ZodType;
  readonly writes: readonly WrittenBesides[];
  readonly permissions: readonly string[];
  read(raw: unknown): ReadSelection<S>;
}

type ReadSelection<S extends KindSection> =
  | { readonly ok: true; readonly selection: Selection<S> }
  | { readonly ok: false; readonly issues: readonly z.core.$ZodIssue[] };

export function enrichment<S extends KindSection, Select extends z.ZodType>(
  spec: EnrichmentSpec<S, Select>,
): Enrichment<S> {
  return {
    select: spec.select,
    writes: spec.writes,
    permissions: spec.permissions,
    read(raw) {
      const read = spec.select.safeParse(raw, { reportInput: true });
      if (!read.success) return { ok: false, issues: read.error.issues };
      const { data: selected } = read;
      const open: Selection<S>['open'] = (settings, secrets, deps) => spec.create(settings, selected, secrets, deps);
      return { ok: true, selection: { shown: selected, open } };
    },
  };
}
