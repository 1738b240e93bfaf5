import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { graphql, start } from './opencti-caller.ts';
import type { TipServer } from './tip-server.ts';

const PAGE = `query Page($types: [String], $filters: FilterGroup, $first: Int, $after: ID) {
  stixCyberObservables(types: $types, filters: $filters, first: $first, after: $after, orderBy: updated_at, orderMode: asc) {
    edges { node { id entity_type observable_value x_opencti_score createdBy { name } objectLabel { id value } objectMarking { definition } } }
    pageInfo { endCursor hasNextPage globalCount }
  }
}`;

async function started(faults: Readonly<Record<string, unknown>> = {}): Promise<TipServer> {
  const tip = await start(faults);
  onTestFinished(() => tip.close());
  return tip;
}

function control({ tip }: TipServer, name: string, body: unknown): unknown {
  return tip.controls?.[name]?.(body);
}

const one = { type: 'IPv4-Addr', value: '192.0.2.1', labels: ['hunt'], markings: ['TLP:RED'], createdBy: 'The SOC' };

const firstNode = z.object({
  data: z.object({
    stixCyberObservables: z.object({
      edges: z
        .array(z.object({ node: z.object({ id: z.string(), objectLabel: z.array(z.object({ id: z.string() })) }) }))
        .min(1),
    }),
  }),
});

async function ids(tip: TipServer): Promise<{ id: string; label: string }> {
  const [edge] = firstNode.parse((await graphql(tip, PAGE)).json()).data.stixCyberObservables.edges;
  return { id: edge?.node.id ?? '', label: edge?.node.objectLabel[0]?.id ?? '' };
}

const EDIT = `mutation Edit($id: ID!, $label: StixRef!, $add: StixRefRelationshipAddInput!, $score: [EditInput]!) {
  away: stixCyberObservableEdit(id: $id) { relationDelete(toId: $label, relationship_type: "object-label") { objectLabel { value } } }
  idle: stixCyberObservableEdit(id: $id) { relationDelete(toId: $label, relationship_type: "object-label") { id } }
  back: stixCyberObservableEdit(id: $id) { relationAdd(input: $add) { relationship_type } }
  rated: stixCyberObservableEdit(id: $id) { fieldPatch(input: $score) { x_opencti_score } }
}`;

describe("OpenCTI's observables", () => {
  it('come by a control, are shown, and are the same when they come again', async () => {
    const tip = await started();
    control(tip, 'artifacts', { artifacts: [one] });
    control(tip, 'artifacts', { artifacts: [{ ...one, score: 44 }] });
    expect((await graphql(tip, PAGE)).json()).toMatchObject({
      data: {
        stixCyberObservables: {
          edges: [
            {
              node: {
                entity_type: 'IPv4-Addr',
                observable_value: '192.0.2.1',
                x_opencti_score: 44,
                createdBy: { name: 'The SOC' },
                objectLabel: [{ value: 'hunt' }],
                objectMarking: [{ definition: 'TLP:RED' }],
              },
            },
          ],
          pageInfo: { hasNextPage: false, globalCount: 1 },
        },
      },
    });
    expect(() => control(tip, 'artifacts', { artifacts: [] })).toThrow(/artifacts/);
  });

  it('are changed field by field, which is counted', async () => {
    const tip = await started();
    control(tip, 'artifacts', { artifacts: [one] });
    const { id, label } = await ids(tip);
    const add = { toId: label, relationship_type: 'object-label' };
    const score = [{ key: 'x_opencti_score', value: ['90'] }];
    expect((await graphql(tip, EDIT, { id, label, add, score })).json()).toEqual({
      data: {
        away: { relationDelete: { objectLabel: [] } },
        idle: { relationDelete: { id } },
        back: { relationAdd: { relationship_type: 'object-label' } },
        rated: { fieldPatch: { x_opencti_score: 90 } },
      },
    });
    expect(tip.tip.counts()).toMatchObject({ tags: { hunt: 1 }, tagWrites: 2, idleTagWrites: 1, foreignTouched: 1 });
  });

  it.each([
    ['a score that is none', { score: [{ key: 'x_opencti_score', value: ['101'] }] }, 'rated', 'FUNCTIONAL_ERROR'],
    [
      'a label that is none',
      { add: { toId: 'x', relationship_type: 'object-label' } },
      'back',
      'MISSING_REFERENCE_ERROR',
    ],
    ['an observable that is none', { id: 'x' }, 'away', 'FUNCTIONAL_ERROR'],
  ])('are not changed by %s, with an error of that field', async (_, wrong, field, code) => {
    const tip = await started();
    control(tip, 'artifacts', { artifacts: [one] });
    const { id, label } = await ids(tip);
    const right = {
      id,
      label,
      add: { toId: label, relationship_type: 'object-label' },
      score: [{ key: 'x_opencti_score', value: 1 }],
    };
    const { errors } = z
      .object({ errors: z.array(z.object({ path: z.array(z.string()), extensions: z.object({ code: z.string() }) })) })
      .parse((await graphql(tip, EDIT, { ...right, ...wrong })).json());
    expect(errors).toContainEqual({ path: [field, expect.any(String)], extensions: { code } });
  });

  it('are kept with their labels and notes, also by one that knows none yet', async () => {
    const tip = await started();
    control(tip, 'artifacts', { artifacts: [one] });
    const note = { content: 'A text', objects: [(await ids(tip)).id] };
    await graphql(tip, 'mutation Note($input: NoteAddInput!) { noteAdd(input: $input) { id } }', { input: note });
    const saved: unknown = JSON.parse(JSON.stringify(tip.tip.snapshot()));
    const again = await start({}, undefined, { restore: saved });
    onTestFinished(() => again.close());
    expect(control(again, 'held-artifacts', {})).toEqual(control(tip, 'held-artifacts', {}));
    const { observables: _, ...before } = z.looseObject({ observables: z.unknown() }).parse(saved);
    const older = await start({}, undefined, { restore: before });
    onTestFinished(() => older.close());
    expect(control(older, 'held-artifacts', {})).toEqual([]);
  });

  it('are the same ones for the same seed', async () => {
    const [tip, other] = [await started(), await started()];
    control(tip, 'artifacts', { count: 40, seed: 3 });
    control(other, 'artifacts', { count: 40, seed: 3 });
    const values = (of: TipServer) =>
      z
        .array(z.object({ type: z.string(), value: z.string() }))
        .parse(control(of, 'held-artifacts', {}))
        .map(({ type, value }) => `${type} ${value}`);
    expect(values(tip)).toEqual(values(other));
    expect(new Set(values(tip)).size).toBe(40);
  });

  it('are not found by a key that there is not, or behind a cursor that is none', async () => {
    const tip = await started();
    control(tip, 'artifacts', { artifacts: [one] });
    const filters = { mode: 'and', filters: [{ key: 'no_such', values: ['1'] }], filterGroups: [] };
    for (const variables of [{ filters }, { after: 'none' }]) {
      expect((await graphql(tip, PAGE, variables)).json()).toMatchObject({
        errors: [{ extensions: { code: 'UNSUPPORTED_ERROR' } }],
      });
    }
  });
});
