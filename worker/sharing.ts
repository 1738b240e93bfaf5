import type { ResolvedConfig } from '../config/resolve-secrets.ts';
import type { ReadyDestination } from '../destinations/kind.ts';

/** Other pipelines whose destination holds what that of this one does, as far as the configuration tells: by its owner, or its account. */
export function sharingOf(name: string, pipelines: ResolvedConfig['pipelines']): readonly string[] {
  const own = pipelines[name]?.destination;
  if (own === undefined) return [];
  return Object.entries(pipelines)
    .filter(([other, { destination }]) => other !== name && holdTheSame(own, destination))
    .map(([other]) => other);
}

function holdTheSame(a: ReadyDestination, b: ReadyDestination): boolean {
  if (a.tenant === null || b.tenant === null) return false;
  return a.tenant === undefined || b.tenant === undefined ? a.account === b.account : a.tenant === b.tenant;
}
