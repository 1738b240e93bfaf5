import { z } from 'zod';
import { readPattern } from '../../indicators/stix-pattern.ts';
import { type Producer, producerId } from '../../indicators/stix-producer.ts';
import type { OwnItem } from '../destination.ts';
import { connectionPages } from './connection-pages.ts';
import type { OpenCtiClient } from './opencti-client.ts';
import { isCurrent, shownIndicator } from './shown-indicator.ts';

/** (Source: pycti, `Identity.read`.) */
const AUTHOR = 'query Author($id: String!) { identity(id: $id) { id } }';
const author = z.object({ identity: z.object({ id: z.string().min(1) }).nullable() });

/** What is created meanwhile is at the end, and what changes stays where it is. (Source: OpenCTI, modules/indicator, `IndicatorsOrdering`.) */
const QUERY = `query Own($filters: FilterGroup, $after: ID) {
  indicators(first: 500, after: $after, filters: $filters, orderBy: created_at, orderMode: asc) {
    pageInfo { hasNextPage endCursor globalCount }
    edges { node { standard_id name pattern revoked valid_until } }
  }
}`;
const node = shownIndicator
  .pick({ standard_id: true, name: true, revoked: true, valid_until: true })
  .extend({ pattern: z.string().nullish() });

/**
 * The indicators that have our author there: the identity that comes with every push, which OpenCTI knows by the id that it comes with, whatever
 * its name is and was. What another source had brought before has that one's author; what lies in a draft, or the user may not see, is not
 * shown.
 */
export async function* ownItems(
  client: OpenCtiClient,
  producer: Producer,
  signal: AbortSignal,
): AsyncGenerator<readonly OwnItem[]> {
  const { data } = await client.ask(AUTHOR, { id: producerId(producer) }, author, signal);
  if (data.identity === null) return;
  // By no other of its ids. (Source: OpenCTI, utils/filtering, `checkAndConvertFilters`.)
  const filters = { mode: 'and', filters: [{ key: ['createdBy'], values: [data.identity.id] }], filterGroups: [] };
  for await (const { data: nodes, at } of connectionPages(
    client,
    { query: QUERY, field: 'indicators', variables: { filters }, node },
    signal,
  )) {
    yield nodes.map((one) => ({
      remoteId: one.standard_id,
      value: valueOf(one),
      state: isCurrent(one, at) ? 'held' : 'gone',
    }));
  }
}

/** A person may have named it otherwise: what it looks for is in the pattern. */
function valueOf({ name, pattern }: z.infer<typeof node>): string {
  const read = readPattern(pattern ?? '');
  const [first, ...others] = read.ok ? read.comparisons : [];
  return first === undefined || others.length > 0 ? name : first.value;
}
