import { randomUUID } from 'node:crypto';
import { z } from 'zod';

const detail = z.object({ id: z.string(), version: z.string(), message: z.string().optional() });
export type Detail = z.infer<typeof detail>;

/** What became of the objects of one request. */
export interface Fates {
  readonly successes: readonly Detail[];
  readonly failures: readonly Detail[];
  readonly pendings: readonly Detail[];
}

/** (Source: TAXII 2.1, 4.3.1.) */
export const statusResource = z.object({
  id: z.string(),
  status: z.enum(['pending', 'complete']),
  request_timestamp: z.string(),
  total_count: z.int(),
  success_count: z.int(),
  failure_count: z.int(),
  pending_count: z.int(),
  successes: z.array(detail).optional(),
  failures: z.array(detail).optional(),
  pendings: z.array(detail).optional(),
});
export type StatusResource = z.infer<typeof statusResource>;

const REMEMBERED = 1_000;

/** The status resources, the latest of them. (Source: TAXII 2.1, 4.3: they need not be kept; OpenTAXII clears them away after a day.) */
export class StatusResources {
  readonly #resources = new Map<string, StatusResource>();

  open(requestedAt: string, fates: Fates): StatusResource {
    const id = randomUUID();
    const resource = described(id, requestedAt, fates);
    this.restore([resource]);
    return resource;
  }

  settle({ id, request_timestamp }: StatusResource, fates: Fates): void {
    if (this.#resources.has(id)) this.#resources.set(id, described(id, request_timestamp, fates));
  }

  get(id: string): StatusResource | undefined {
    return this.#resources.get(id);
  }

  restore(kept: readonly StatusResource[]): void {
    for (const resource of kept) this.#resources.set(resource.id, resource);
    for (const id of this.#resources.keys()) if (this.#resources.size > REMEMBERED) this.#resources.delete(id);
  }

  snapshot(): readonly StatusResource[] {
    return [...this.#resources.values()];
  }
}

/** As if nothing had come of it yet. */
export function stuck(resource: StatusResource): StatusResource {
  const { successes = [], failures = [], pendings = [] } = resource;
  const all = [...successes, ...failures, ...pendings].map(({ id, version }) => ({ id, version }));
  return described(resource.id, resource.request_timestamp, { successes: [], failures: [], pendings: all });
}

function described(id: string, requestedAt: string, { successes, failures, pendings }: Fates): StatusResource {
  return {
    id,
    status: pendings.length > 0 ? 'pending' : 'complete',
    request_timestamp: requestedAt,
    total_count: successes.length + failures.length + pendings.length,
    success_count: successes.length,
    failure_count: failures.length,
    pending_count: pendings.length,
    ...(successes.length > 0 ? { successes: [...successes] } : {}),
    ...(failures.length > 0 ? { failures: [...failures] } : {}),
    ...(pendings.length > 0 ? { pendings: [...pendings] } : {}),
  };
}
