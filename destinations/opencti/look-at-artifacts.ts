import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import type { MarkNames } from '../../indicators/judge-artifact.ts';
import type { Artifact } from '../artifacts.ts';
import { OBSERVABLE_TYPES } from './artifact-select.ts';
import { connectionPages } from './connection-pages.ts';
import type { OpenCtiClient } from './opencti-client.ts';
import { API } from './refusals.ts';
import { filterOf } from './selected-filters.ts';
import { OBSERVABLE_FIELDS, readObservable } from './shown-observable.ts';

/** (Source: OpenCTI, config/schema/opencti.graphql, `stixCyberObservables`.) */
const QUERY = `query Known($types: [String], $filters: FilterGroup, $after: ID) {
  stixCyberObservables(types: $types, first: 500, after: $after, filters: $filters) {
    pageInfo { hasNextPage endCursor globalCount }
    edges { node { ${OBSERVABLE_FIELDS} } }
  }
}`;

/** Ids, or values, of one query. */
const AT_ONCE = 100;

/** The observables with one of these ids, or values, each once; what the user may not see is not there. */
export async function lookAtArtifacts(
  client: OpenCtiClient,
  { key, values }: { readonly key: 'ids' | 'value'; readonly values: readonly string[] },
  names: MarkNames,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Artifact>> {
  const found = new Map<string, Artifact>();
  for (let from = 0; from < values.length; from += AT_ONCE) {
    const filter = filterOf(key, values.slice(from, from + AT_ONCE));
    const variables = { types: OBSERVABLE_TYPES, filters: { mode: 'and', filters: [filter], filterGroups: [] } };
    const query = { query: QUERY, field: 'stixCyberObservables', variables, node: z.unknown() } as const;
    for await (const { data: nodes } of connectionPages(client, query, signal)) {
      for (const node of nodes) {
        const { artifact } = readObservable(node, names);
        // What is not in the answer counts as gone.
        if (artifact === null)
          throw new Fault('Unavailable', `${API} shows an observable in a form that cannot be read.`);
        found.set(artifact.remoteId, artifact);
      }
    }
  }
  return found;
}
