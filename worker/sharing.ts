import type { ResolvedConfig, ResolvedDestination } from '../config/resolve-secrets.ts';

/** Other pipelines that deliver to the organisation of this one, as far as the configuration tells: by its user, or by its id. */
export function sharingOf(name: string, pipelines: ResolvedConfig['pipelines']): readonly string[] {
  const own = pipelines[name]?.destination;
  if (own === undefined) return [];
  return Object.entries(pipelines)
    .filter(([other, { destination }]) => other !== name && isSameOrganisation(own, destination))
    .map(([other]) => other);
}

function isSameOrganisation(a: ResolvedDestination, b: ResolvedDestination): boolean {
  if (new URL(a.baseUrl).host !== new URL(b.baseUrl).host) return false;
  if (a.ownerOrganizationId !== undefined && b.ownerOrganizationId !== undefined) {
    return a.ownerOrganizationId === b.ownerOrganizationId;
  }
  return a.user.reveal() === b.user.reveal();
}
