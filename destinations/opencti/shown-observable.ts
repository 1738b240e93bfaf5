import { z } from 'zod';
import type { ArtifactType } from '../../indicators/artifact.ts';
import type { MarkNames } from '../../indicators/judge-artifact.ts';
import type { Artifact } from '../artifacts.ts';
import type { OBSERVABLE_TYPES } from './artifact-select.ts';

/** Of an observable. (Source: OpenCTI, config/schema/opencti.graphql, `StixCyberObservable`; pycti, observable properties.) */
export const OBSERVABLE_FIELDS =
  'id entity_type observable_value x_opencti_score updated_at createdBy { name } objectLabel { value }';

const TYPES: ReadonlyMap<string, ArtifactType> = new Map<(typeof OBSERVABLE_TYPES)[number], ArtifactType>([
  ['IPv4-Addr', 'ipv4'],
  ['IPv6-Addr', 'ipv6'],
  ['Domain-Name', 'domain'],
  ['Hostname', 'domain'],
  ['Url', 'url'],
  ['Email-Addr', 'email'],
  ['StixFile', 'hash'],
]);

const shownObservable = z.object({
  id: z.string().min(1),
  entity_type: z.string(),
  observable_value: z.string().min(1),
  x_opencti_score: z.number().nullish().catch(null),
  // What labels it has has to be known: those that are not seen would never be taken off.
  objectLabel: z.array(z.object({ value: z.string().nullish() })).nullish(),
});
const shownAuthor = z.object({ createdBy: z.object({ name: z.string() }) });
const shownUpdate = z.object({ updated_at: z.iso.datetime({ offset: true }) });

/** What is read of a node, each by itself. */
export interface ReadObservable {
  /** Null for one that could not be read. */
  readonly artifact: Artifact | null;
  /** The name; null for none. */
  readonly author: string | null;
  /** Null where it does not say. */
  readonly updatedAt: string | null;
}

/**
 * Observables are the platform's, whoever brought them, and are edited by whom its capabilities allow to: all are as much ours as anybody's. Of
 * their labels only those that we write are looked at.
 */
export function readObservable(node: unknown, names: MarkNames): ReadObservable {
  const read = shownObservable.safeParse(node).data ?? null;
  return {
    artifact:
      read === null
        ? null
        : {
            remoteId: read.id,
            value: read.observable_value,
            type: TYPES.get(read.entity_type) ?? 'other',
            isOurs: true,
            marks: (read.objectLabel ?? []).flatMap(({ value }) => markIn(value, names)),
            score: read.x_opencti_score ?? null,
          },
    author: shownAuthor.safeParse(node).data?.createdBy.name ?? null,
    updatedAt: shownUpdate.safeParse(node).data?.updated_at ?? null,
  };
}

function markIn(label: string | null | undefined, names: MarkNames): string[] {
  const mark = (label ?? '').trim().toLowerCase();
  return names.has(mark) ? [mark] : [];
}
