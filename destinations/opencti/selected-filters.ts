import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import type { OpenCtiSelect } from './artifact-select.ts';
import { connectionPages } from './connection-pages.ts';
import type { OpenCtiClient } from './opencti-client.ts';
import { API } from './refusals.ts';

const PAGE_INFO = 'pageInfo { hasNextPage endCursor globalCount }';

/** (Source: OpenCTI, config/schema/opencti.graphql, `markingDefinitions`, `identities`.) */
const MARKINGS = `query Markings($filters: FilterGroup, $after: ID) {
  markingDefinitions(first: 100, after: $after, filters: $filters) { ${PAGE_INFO} edges { node { id definition } } }
}`;
const AUTHORS = `query Authors($filters: FilterGroup, $after: ID) {
  identities(first: 100, after: $after, filters: $filters) { ${PAGE_INFO} edges { node { id name } } }
}`;

const marking = z
  .object({ id: z.string().min(1), definition: z.string().nullish() })
  .transform(({ id, definition }) => ({ id, name: definition ?? '' }));
const identity = z.object({ id: z.string().min(1), name: z.string() });

/** A condition of GraphQL. */
interface Filter {
  readonly key: readonly string[];
  readonly values: readonly unknown[];
  readonly operator: 'eq' | 'gte';
  readonly mode: 'or';
}

/**
 * What is selected, as a filter group. Labels are told by their names, all else by OpenCTI's own ids. (Source: OpenCTI, utils/filtering,
 * `checkAndConvertFilters`.) `Refused`, with the setting's name, for a name that OpenCTI does not know: nothing would be selected, and nobody told.
 */
export async function selectedFilters(
  client: OpenCtiClient,
  { labels, markings, createdBy, minimumScore, filters }: OpenCtiSelect,
  since: Date | null,
  signal: AbortSignal,
): Promise<object> {
  const markingIds = await idsOf(
    client,
    {
      setting: 'markings',
      names: markings,
      query: MARKINGS,
      field: 'markingDefinitions',
      key: 'definition',
      node: marking,
    },
    signal,
  );
  const authorIds = await idsOf(
    client,
    { setting: 'createdBy', names: createdBy, query: AUTHORS, field: 'identities', key: 'name', node: identity },
    signal,
  );
  return {
    mode: 'and',
    filters: [
      ...(labels.length === 0 ? [] : [filterOf('objectLabel', labels)]),
      ...(markingIds.length === 0 ? [] : [filterOf('objectMarking', markingIds)]),
      ...(authorIds.length === 0 ? [] : [filterOf('createdBy', authorIds)]),
      ...(minimumScore === undefined ? [] : [filterOf('x_opencti_score', [String(minimumScore)], 'gte')]),
      ...(since === null ? [] : [filterOf('updated_at', [since.toISOString()], 'gte')]),
    ],
    filterGroups: filters === undefined ? [] : [filters],
  };
}

export function filterOf(key: string, values: readonly string[], operator: Filter['operator'] = 'eq'): Filter {
  return { key: [key], values, operator, mode: 'or' };
}

interface Named {
  readonly setting: string;
  readonly names: readonly string[];
  readonly query: string;
  readonly field: 'markingDefinitions' | 'identities';
  readonly key: string;
  readonly node: z.ZodType<{ readonly id: string; readonly name: string }>;
}

/** Several may have one name. */
async function idsOf(
  client: OpenCtiClient,
  { setting, names, query, field, key, node }: Named,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const variables = { filters: { mode: 'and', filters: [filterOf(key, names)], filterGroups: [] } };
  const found = new Map(names.map((name) => [plain(name), new Set<string>()]));
  for await (const { data } of connectionPages(client, { query, field, variables, node }, signal)) {
    for (const { id, name } of data) found.get(plain(name))?.add(id);
  }
  const unknown = names.find((name) => found.get(plain(name))?.size === 0);
  if (unknown !== undefined) {
    throw new Fault(
      'Refused',
      `${API} shows nothing of the name ${JSON.stringify(unknown)}, which select.${setting} has: check how it is written there, and that the user of the token may see it.`,
    );
  }
  return [...found.values()].flatMap((ids) => Array.from(ids));
}

function plain(name: string): string {
  return name.trim().toLowerCase();
}
