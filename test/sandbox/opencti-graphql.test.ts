import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BEARER, graphql, indicator, pushed, start } from './opencti-caller.ts';
import { request, type TipServer } from './tip-server.ts';

const VALUES = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];

let tip: TipServer;

beforeAll(async () => {
  tip = await start();
  await pushed(tip, ...VALUES.map((value, at) => indicator(value, { id: `indicator--${at}`, score: 70 + at })));
});

afterAll(() => tip.close());

beforeEach(() => {
  tip.setFaults({
    unauthorised: false,
    noKnowledge: false,
    noTaxii: false,
    noUpdate: false,
    noLabels: false,
    graphqlErrors: 0,
    largestPage: 5_000,
  });
});

const failed = z.object({
  errors: z.array(z.object({ message: z.string(), name: z.string(), extensions: z.looseObject({ code: z.string() }) })),
});

/** Errors come with 200. */
async function problem(query: string, variables?: Readonly<Record<string, unknown>>) {
  const reply = await graphql(tip, query, variables);
  expect(reply.status).toBe(200);
  const [error] = failed.parse(reply.json()).errors;
  return { message: error?.message, code: error?.extensions.code };
}

const PAGE = `query Page($first: Int, $after: ID, $filters: FilterGroup, $mode: OrderingMode) {
  indicators(first: $first, after: $after, filters: $filters, orderMode: $mode) {
    edges { cursor node { name } }
    pageInfo { endCursor hasNextPage globalCount }
  }
}`;

const page = z.object({
  data: z.object({
    indicators: z.object({
      edges: z.array(z.object({ node: z.object({ name: z.string() }) })),
      pageInfo: z.object({ endCursor: z.string(), hasNextPage: z.boolean(), globalCount: z.number() }),
    }),
  }),
});

async function pageOf(variables: Readonly<Record<string, unknown>>) {
  const { edges, pageInfo } = page.parse((await graphql(tip, PAGE, variables)).json()).data.indicators;
  return { names: edges.map(({ node }) => node.name), ...pageInfo };
}

function having(...filters: readonly unknown[]) {
  return { mode: 'and', filters, filterGroups: [] };
}

describe("OpenCTI's GraphQL", () => {
  it('says who asks, what the user may, and which version it is', async () => {
    const query =
      '{ about { version } me { name capabilities { name } } who: me { effective_confidence_level { max_confidence } } }';
    expect((await graphql(tip, query)).json()).toEqual({
      data: {
        about: { version: '6.5.1' },
        me: {
          name: 'mdti-sync',
          capabilities: ['KNOWLEDGE', 'TAXIIAPI', 'KNOWLEDGE_KNUPDATE', 'SETTINGS_SETLABELS'].map((name) => ({ name })),
        },
        who: { effective_confidence_level: { max_confidence: 100 } },
      },
    });
    tip.setFaults({ noTaxii: true, noUpdate: true, noLabels: true });
    const less = { data: { me: { capabilities: [{ name: 'KNOWLEDGE' }] } } };
    expect((await graphql(tip, '{ me { capabilities { name } } }')).json()).toEqual(less);
  });

  it('goes on from page to page, and makes no page larger than it likes', async () => {
    const first = await pageOf({ first: 2 });
    expect(first).toMatchObject({ names: ['192.0.2.1', '192.0.2.2'], hasNextPage: true, globalCount: 3 });
    expect(await pageOf({ first: 2, after: first.endCursor })).toMatchObject({
      names: ['192.0.2.3'],
      hasNextPage: false,
    });
    expect((await pageOf({ mode: 'desc' })).names).toEqual(VALUES.toReversed());
    tip.setFaults({ largestPage: 1 });
    expect(await pageOf({ first: 100 })).toMatchObject({ names: ['192.0.2.1'], hasNextPage: true });
  });

  it.each([
    [having({ key: 'ids', values: ['indicator--1', 'indicator--none'] }), ['192.0.2.2']],
    [having({ key: ['name', 'pattern'], values: ['192.0.2.3'], operator: 'eq', mode: 'or' }), ['192.0.2.3']],
    [having({ key: 'x_opencti_score', values: ['71'], operator: 'gte' }), ['192.0.2.2', '192.0.2.3']],
    [having({ key: 'valid_until', values: ['2027-01-01T00:00:00Z'], operator: 'lt' }), []],
    [having({ key: 'pattern', values: ['0.2.1'], operator: 'contains' }), ['192.0.2.1']],
    [having({ key: 'ids', values: ['indicator--1'] }, { key: 'revoked', values: ['true'] }), []],
    [having({ key: 'objectLabel', values: [], operator: 'not_nil' }), []],
    [
      {
        mode: 'or',
        filters: [{ key: 'ids', values: ['indicator--0'] }],
        filterGroups: [having({ key: 'ids', values: ['indicator--2'], operator: 'not_eq' })],
      },
      ['192.0.2.1', '192.0.2.2'],
    ],
  ])('finds by %j', async (filters, names) => {
    expect((await pageOf({ filters })).names).toEqual(names);
  });

  it('shows an author by any of its ids, and finds what has it by the internal one alone', async () => {
    const ofAuthor = { id: 'identity--7', type: 'identity', name: 'A source', identity_class: 'organization' };
    const theirs = indicator('192.0.2.9', { id: 'indicator--9', created_by_ref: 'identity--7' });
    const other = await start();
    await pushed(other, ofAuthor, theirs, indicator('192.0.2.8', { id: 'indicator--8' }));
    const shown = z.object({ data: z.object({ identity: z.object({ id: z.string(), standard_id: z.string() }) }) });
    const query = 'query A($id: String!) { identity(id: $id) { id standard_id } }';
    const { id, standard_id } = shown.parse((await graphql(other, query, { id: 'identity--7' })).json()).data.identity;
    for (const same of [id, standard_id]) {
      expect((await graphql(other, query, { id: same })).json()).toEqual({ data: { identity: { id, standard_id } } });
    }
    expect((await graphql(other, query, { id: 'identity--8' })).json()).toEqual({ data: { identity: null } });
    const found = async (author: string) => {
      const filters = having({ key: 'createdBy', values: [author] });
      return page.parse((await graphql(other, PAGE, { filters })).json()).data.indicators.edges.map(({ node }) => node);
    };
    expect(await found(id)).toEqual([{ name: '192.0.2.9' }]);
    expect(await found(standard_id)).toEqual([]);
    expect(await found('identity--7')).toEqual([]);
    await other.close();
  });

  it('finds by what stands in the query itself, fragments and all', async () => {
    const query = `query {
      # by any of its ids
      found: indicators(filters: { mode: and, filters: [{ key: "ids", values: ["indicator--2"] }], filterGroups: [] }) {
        edges { node { __typename ...Named ... on StixDomainObject { revoked } } }
      }
      indicator(id: "indicator--0") { x_opencti_score }
      nothing: indicator(id: "indicator--none") { x_opencti_score }
    }
    fragment Named on Indicator { name }`;
    expect((await graphql(tip, query)).json()).toEqual({
      data: {
        found: { edges: [{ node: { __typename: 'Indicator', name: '192.0.2.3', revoked: false } }] },
        indicator: { x_opencti_score: 70 },
        nothing: null,
      },
    });
  });

  it.each([
    ['{ indicatorz { id } }', 'Cannot query field "indicatorz" on type "Query".'],
    ['{ me { passwords } }', 'Cannot query field "passwords" on type "MeUser".'],
    ['mutation { indicatorAdd { id } }', 'Cannot query field "indicatorAdd" on type "Mutation".'],
    [
      '{ indicators { edges { node { objectMarking { edges { node { id } } } } } } }',
      'Cannot query field "edges" on type "MarkingDefinition".',
    ],
    ['{ indicators { pageInfo } }', 'Field "pageInfo" of type "PageInfo!" must have a selection of subfields.'],
    [
      '{ about { version { major } } }',
      'Field "version" must not have a selection since type "String!" has no subfields.',
    ],
    ['{ indicators(limit: 3) { edges { cursor } } }', 'Unknown argument "limit" on field "Query.indicators".'],
    ['{ indicator { id } }', 'Field "indicator" argument "id" of type "String!" is required, but it was not provided.'],
    ['query A { indicators(first: $n) { edges { cursor } } }', 'Variable "$n" is not defined by operation "A".'],
    ['query A($n: Int) { about { version } }', 'Variable "$n" is never used in operation "A".'],
    [
      'query A($n: String) { indicators(first: $n) { edges { cursor } } }',
      'Variable "$n" of type "String" used in position expecting type "Int".',
    ],
    ['{ me { ...Nobody } }', 'Unknown fragment "Nobody".'],
  ])('refuses %s', async (query, message) => {
    expect(await problem(query)).toEqual({ message, code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  it.each(['{', '{ me { id }', 'query ($n Int) { me { id } }', 'select * from indicators', '{ me(id: ") { id } }'])(
    'cannot read %s',
    async (query) => {
      expect(await problem(query)).toMatchObject({ code: 'GRAPHQL_PARSE_FAILED' });
    },
  );

  it.each([
    [{ first: '2' }, 'BAD_USER_INPUT'],
    [{ filters: { mode: 'and', filters: [] } }, 'BAD_USER_INPUT'],
    [{ filters: { mode: 'AND', filters: [], filterGroups: [] } }, 'BAD_USER_INPUT'],
    [{ filters: having({ key: 'standardId', values: ['a'] }) }, 'UNSUPPORTED_ERROR'],
    [{ after: 'bm9uZQ==' }, 'UNSUPPORTED_ERROR'],
  ])('refuses the variables %j', async (variables, code) => {
    expect(await problem(PAGE, variables)).toMatchObject({ code });
  });

  it('wants a variable that must be there', async () => {
    const query = 'query A($id: String!) { indicator(id: $id) { name } }';
    expect(await problem(query)).toMatchObject({
      message: 'Variable "$id" of required type "String!" was not provided.',
      code: 'BAD_USER_INPUT',
    });
    const found = { data: { indicator: { name: '192.0.2.1' } } };
    expect((await graphql(tip, query, { id: 'indicator--0' })).json()).toEqual(found);
  });

  it('tells strangers, and users without a capability, with 200', async () => {
    const stranger = await graphql(tip, '{ me { id } }', {}, { authorization: 'Bearer other' });
    expect(stranger.status).toBe(200);
    expect(stranger.json()).toEqual({
      errors: [
        {
          message: 'You must be logged in to do this.',
          name: 'AUTH_REQUIRED',
          path: ['me'],
          extensions: { code: 'AUTH_REQUIRED', data: { http_status: 401, genre: 'TECHNICAL' } },
        },
      ],
      data: { me: null },
    });
    tip.setFaults({ noKnowledge: true });
    expect(await problem(PAGE)).toMatchObject({ code: 'FORBIDDEN_ACCESS' });
    const both = await graphql(tip, '{ about { version } indicators { edges { cursor } } }');
    expect(both.json()).toMatchObject({ data: { about: { version: '6.5.1' }, indicators: null } });
  });

  it('fails now and then, with 200', async () => {
    tip.setFaults({ graphqlErrors: 1 });
    expect(await problem(PAGE)).toMatchObject({ code: 'DATABASE_ERROR' });
  });

  it('takes nothing but JSON with a query', async () => {
    const send = (body: string, type: string) =>
      request(tip, { method: 'POST', path: '/graphql', headers: { ...BEARER, 'content-type': type }, body });
    expect((await send('{ about { version } }', 'application/graphql')).status).toBe(400);
    expect((await send('{}', 'application/json')).status).toBe(400);
    expect((await send('{', 'application/json')).status).toBe(500);
    expect((await request(tip, { path: '/graphql', headers: BEARER })).status).toBe(400);
  });
});
