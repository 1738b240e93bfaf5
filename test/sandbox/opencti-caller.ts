import { z } from 'zod';
import { OPENCTI_STAND_IN } from '../../sandbox/opencti/opencti-stand-in.ts';
import type { Given } from '../../sandbox/stand-in.ts';
import type { Fetched } from './https-request.ts';
import { request, serveTip, type TipServer } from './tip-server.ts';

const credentials = z
  .object({ token: z.string(), username: z.string(), password: z.string(), collection: z.string() })
  .parse(OPENCTI_STAND_IN.credentials);
export const { username, password, collection } = credentials;

export const BEARER = { authorization: `Bearer ${credentials.token}` };
export const PUSH_TYPE = 'application/taxii+json;version=2.1';
export const COLLECTION = `/taxii2/root/collections/${collection}/`;
export const NOW = new Date('2026-11-24T08:00:00.000Z');

const EXTENSION = 'extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba';

export type Clock = { now: Date };

type Faults = Readonly<Record<string, unknown>>;

/** Served at a time that stands still. */
export function start(faults: Faults = {}, clock: Clock = { now: NOW }, given: Partial<Given<unknown>> = {}) {
  const { perSecond, restore } = given;
  return serveTip(OPENCTI_STAND_IN, faults, {
    given: {
      now: () => clock.now,
      ...(perSecond === undefined ? {} : { perSecond }),
      ...(restore === undefined ? {} : { restore }),
    },
  });
}

interface Made {
  readonly pattern?: string;
  readonly id?: string;
  readonly score?: number | null;
  readonly type?: string | null;
  readonly [property: string]: unknown;
}

/** An indicator of an address, as it is pushed. */
export function indicator(value: string, { score = 80, type = 'IPv4-Addr', ...rest }: Made = {}) {
  const extension = {
    extension_type: 'property-extension',
    ...(score === null ? {} : { score }),
    ...(type === null ? {} : { main_observable_type: type }),
  };
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: 'indicator--11111111-1111-4111-8111-111111111111',
    created: '2026-11-20T00:00:00.000Z',
    modified: '2026-11-20T00:00:00.000Z',
    name: value,
    pattern: `[ipv4-addr:value = '${value}']`,
    pattern_type: 'stix',
    valid_from: '2026-11-20T00:00:00.000Z',
    valid_until: '2027-11-20T00:00:00.000Z',
    extensions: { [EXTENSION]: extension },
    ...rest,
  };
}

export function send(
  served: TipServer,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Fetched> {
  return request(served, {
    method: 'POST',
    path: `${COLLECTION}objects/`,
    headers: { ...BEARER, 'content-type': PUSH_TYPE, ...headers },
    body,
  });
}

/** Pushes, and returns the id of the work. */
export async function push(served: TipServer, ...objects: readonly unknown[]): Promise<string> {
  const reply = await send(served, JSON.stringify({ objects }));
  return z.object({ id: z.string() }).parse(reply.json()).id;
}

export async function status(served: TipServer, work: string): Promise<unknown> {
  const path = `/taxii2/root/status/${encodeURIComponent(work)}/`;
  return (await request(served, { path, headers: BEARER })).json();
}

/** Pushes, and asks until the work is complete. */
export async function pushed(served: TipServer, ...objects: readonly unknown[]): Promise<void> {
  const work = await push(served, ...objects);
  for (let asked = 0; asked < 10; asked += 1) {
    if (z.object({ status: z.string() }).parse(await status(served, work)).status === 'complete') return;
  }
  throw new Error(`The work ${work} is still pending.`);
}

export async function graphql(
  served: TipServer,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = BEARER,
): Promise<Fetched> {
  return request(served, {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
}

const FIELDS = `standard_id x_opencti_stix_ids revoked valid_from valid_until x_opencti_score confidence name description
  x_opencti_main_observable_type objectMarking { definition standard_id } objectLabel { value } createdBy { name } decay_base_score`;

const answered = z.object({
  data: z.object({
    indicators: z.object({ edges: z.array(z.object({ node: z.record(z.string(), z.unknown()) })) }),
  }),
});

/** What is found by ids, or everything. */
export async function nodes(served: TipServer, ids?: readonly string[]) {
  const filters = { mode: 'and', filters: ids === undefined ? [] : [{ key: 'ids', values: ids }], filterGroups: [] };
  const query = `query Held($filters: FilterGroup) { indicators(first: 100, filters: $filters) { edges { node { ${FIELDS} } } } }`;
  const reply = await graphql(served, query, { filters });
  return answered.parse(reply.json()).data.indicators.edges.map(({ node }) => node);
}
