import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import type { MarkNames } from '../../indicators/judge-artifact.ts';
import type { Artifact, ArtifactPage } from '../artifacts.ts';
import type { OpenCtiSelect } from './artifact-select.ts';
import { connectionPages } from './connection-pages.ts';
import type { OpenCtiClient } from './opencti-client.ts';
import { API } from './refusals.ts';
import { selectedFilters } from './selected-filters.ts';
import { OBSERVABLE_FIELDS, type ReadObservable, readObservable } from './shown-observable.ts';

/** What changes meanwhile comes to the end. (Source: OpenCTI, config/schema/opencti.graphql, `StixCyberObservablesOrdering`.) */
const QUERY = `query Selected($types: [String], $filters: FilterGroup, $after: ID) {
  stixCyberObservables(types: $types, first: 500, after: $after, filters: $filters, orderBy: updated_at, orderMode: asc) {
    pageInfo { hasNextPage endCursor globalCount }
    edges { node { ${OBSERVABLE_FIELDS} } }
  }
}`;

/** What was written by then may show later: its index is refreshed after a while, and its nodes' clocks differ. */
const OVERLAP_MS = 5 * 60_000;

/** (Source: OpenCTI, utils/filtering, `UnsupportedError`.) */
const OF_FILTERS = /^(?:UNSUPPORTED_ERROR|FUNCTIONAL_ERROR|VALIDATION_ERROR|BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/;

/** The selected observables, in the order in which they were changed; a position says when the last one was. */
export async function* artifactPages(
  client: OpenCtiClient,
  select: OpenCtiSelect,
  { names, author, after }: { readonly names: MarkNames; readonly author: string; readonly after: string | null },
  signal: AbortSignal,
): AsyncGenerator<ArtifactPage> {
  const since = sinceOf(after);
  const filters = await selectedFilters(client, select, since, signal);
  const pages = connectionPages(
    client,
    {
      query: QUERY,
      field: 'stixCyberObservables',
      variables: { types: select.types, filters },
      node: z.unknown(),
      declined: (code) => (select.filters !== undefined && OF_FILTERS.test(code) ? declinedFilters(code) : null),
    },
    signal,
  );
  let position = since === null ? null : after;
  for await (const { data: nodes } of pages) {
    const read = nodes.map((node) => readObservable(node, names));
    position = latest([position, ...read.map(({ updatedAt }) => updatedAt)]);
    yield { ...sorted(read, author), position };
  }
}

function sinceOf(after: string | null): Date | null {
  const at = after === null ? Number.NaN : Date.parse(after);
  return Number.isNaN(at) ? null : new Date(at - OVERLAP_MS);
}

function latest(instants: readonly (string | null)[]): string | null {
  return instants.reduce((one, other) => {
    if (one === null || other === null) return one ?? other;
    return Date.parse(other) > Date.parse(one) ? other : one;
  }, null);
}

/** By its author what we have brought is known, as far as it is: an observable keeps the one that it had first. */
function sorted(read: readonly ReadObservable[], author: string): Omit<ArtifactPage, 'position'> {
  const artifacts: Artifact[] = [];
  const delivered: string[] = [];
  let unreadable = 0;
  for (const one of read) {
    if (one.artifact === null) unreadable += 1;
    else if (one.author !== null && plain(one.author) === plain(author)) delivered.push(one.artifact.remoteId);
    else artifacts.push(one.artifact);
  }
  return { artifacts, delivered, unreadable };
}

function plain(name: string): string {
  return name.trim().toLowerCase();
}

function declinedFilters(code: string): Fault {
  return new Fault(
    'Refused',
    `${API} declines select.filters (${code}): check its keys, operators and values against a filter that OpenCTI's own interface makes.`,
  );
}
