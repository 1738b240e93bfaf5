import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import { connectionPages } from './connection-pages.ts';
import type { OpenCtiClient } from './opencti-client.ts';
import { API } from './refusals.ts';
import { filterOf } from './selected-filters.ts';

/** (Source: OpenCTI, config/schema/opencti.graphql, `labels`, `labelAdd`.) */
const LABELS = `query Labels($filters: FilterGroup, $after: ID) {
  labels(first: 100, after: $after, filters: $filters) {
    pageInfo { hasNextPage endCursor globalCount }
    edges { node { id value } }
  }
}`;
const ADD = 'mutation NewLabel($input: LabelAddInput!) { label: labelAdd(input: $input) { id } }';

const label = z.object({ id: z.string().min(1), value: z.string().nullish() });
const added = z.object({ id: z.string().min(1) });

/** The ids of labels by their names, in lower case; what is not there is left out. */
export async function labelIds(
  client: OpenCtiClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const variables = { filters: { mode: 'and', filters: [filterOf('value', names)], filterGroups: [] } };
  const found = new Map<string, string>();
  const pages = connectionPages(client, { query: LABELS, field: 'labels', variables, node: label }, signal);
  for await (const { data } of pages) {
    for (const { id, value } of data) {
      const name = (value ?? '').trim().toLowerCase();
      if (names.includes(name)) found.set(name, id);
    }
  }
  return found;
}

/** Makes a label, or finds it where it was made meanwhile; returns its id. */
export async function newLabel(client: OpenCtiClient, name: string, signal: AbortSignal): Promise<string> {
  const { data, declined } = await client.change(
    { text: ADD, variables: { input: { value: name } }, things: 1 },
    signal,
  );
  const code = declined.get('label');
  if (code === 'FORBIDDEN_ACCESS') {
    throw new Fault(
      'Refused',
      `${API} has no label ${name}, and the user of the destination's token may not make one: give it the capability Manage labels & attributes (SETTINGS_SETLABELS), or make the label there.`,
    );
  }
  if (code !== undefined) throw new Fault('Refused', `${API} declined to make the label ${name} (${code}).`);
  const made = added.safeParse(data.get('label'));
  if (!made.success) throw new Fault('Unavailable', `${API} does not say what became of the label ${name}.`);
  return made.data.id;
}
