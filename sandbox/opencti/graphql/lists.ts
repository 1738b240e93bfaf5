import { z } from 'zod';
import { markingInternalId } from '../markings.ts';
import type { Observable } from '../observable.ts';
import type { OpenCtiFaults } from '../opencti-faults.ts';
import { filterGroup, matchesGroup } from './filter-group.ts';
import { invalid, unsupported } from './graphql-error.ts';
import { identityNode } from './indicator-node.ts';
import { type Known, observableNode, observableValues } from './observable-node.ts';

const DEFAULT_PAGE = 500;

const listArguments = z.object({
  first: z.int().min(0).nullish(),
  after: z.string().nullish(),
  types: z.array(z.string()).nullish(),
  orderBy: z.string().nullish(),
  orderMode: z.string().nullish(),
  filters: filterGroup.nullish(),
});

type Node = Readonly<Record<string, unknown>>;
type Arguments = Readonly<Record<string, unknown>>;

/** Something of a list, in whose order it is. */
interface Listed {
  readonly order: readonly [number, string];
  readonly values: (key: string) => readonly string[] | null;
  readonly node: () => Node;
}

/** A page of the observables that the user may see. (Source: OpenCTI, config/schema/opencti.graphql, `stixCyberObservables`.) */
export function observablesPage(known: Known, args: Arguments, faults: OpenCtiFaults): Node {
  const { types, orderBy } = listArguments.parse(args);
  if (orderBy === 'updated_at' && !faults.ordersByUpdate)
    throw invalid('Value "updated_at" does not exist in "StixCyberObservablesOrdering" enum.');
  const isSeen = ({ markings }: Observable): boolean =>
    !markings.some((id) => faults.unseenMarkings.includes(known.references.marking(id)?.definition ?? ''));
  const shown = known.observables
    .all()
    .filter(
      (one) => isSeen(one) && (types === null || types === undefined || types.length === 0 || types.includes(one.type)),
    );
  const listed = shown.map(
    (one): Listed => ({
      order: [orderBy === 'updated_at' ? one.updatedAt : one.createdAt, one.internalId],
      values: (key) => observableValues(one, key, known),
      node: () => observableNode(one, known),
    }),
  );
  return pageOf(listed, args, faults);
}

export function labelsPage({ observables }: Known, args: Arguments, faults: OpenCtiFaults): Node {
  const listed = observables.labels.all().map(
    ({ internalId: id, value }): Listed => ({
      order: [0, id],
      values: (key) => among({ id, value }, key),
      node: () => ({ id, value, color: '#ffffff' }),
    }),
  );
  return pageOf(listed, args, faults);
}

export function markingsPage({ references }: Known, args: Arguments, faults: OpenCtiFaults): Node {
  const listed = references.allMarkings().map((one): Listed => {
    const { standardId, definition, definitionType, order } = one;
    const id = markingInternalId(one);
    return {
      order: [0, id],
      values: (key) => among({ id, definition, definition_type: definitionType, standard_id: standardId }, key),
      node: () => ({
        id,
        standard_id: standardId,
        definition,
        definition_type: definitionType,
        x_opencti_order: order,
      }),
    };
  });
  return pageOf(listed, args, faults);
}

export function identitiesPage({ references }: Known, args: Arguments, faults: OpenCtiFaults): Node {
  const listed = references.allIdentities().map(
    (one): Listed => ({
      order: [0, one.internalId],
      values: (key) => among({ id: one.internalId, name: one.name, standard_id: one.standardId }, key),
      node: () => identityNode(one),
    }),
  );
  return pageOf(listed, args, faults);
}

/** (Source: OpenCTI, modules and schema of notes: `objects` are what one is about.) */
export function notesPage({ observables, references }: Known, args: Arguments, faults: OpenCtiFaults): Node {
  const isSeen = (id: string): boolean => !faults.unseenMarkings.includes(references.marking(id)?.definition ?? '');
  const seen = observables.notes().filter(({ markings }) => markings.every(isSeen));
  const listed = seen.map(
    ({ internalId: id, content, objects }, at): Listed => ({
      order: [at, id],
      values: (key) => (key === 'objects' ? objects : among({ id, content }, key)),
      node: () => ({ id, entity_type: 'Note', content }),
    }),
  );
  return pageOf(listed, args, faults);
}

function among(values: Readonly<Record<string, string>>, key: string): readonly string[] | null {
  const value = values[key];
  return value === undefined ? null : [value];
}

/** What is behind a cursor is what comes behind its values, be what had them there or not. (Source: OpenCTI, database/engine, `search_after`.) */
function pageOf(all: readonly Listed[], args: Arguments, { largestPage }: OpenCtiFaults): Node {
  const { first, after, filters, orderMode } = listArguments.parse(args);
  const valuesOf =
    ({ values }: Listed) =>
    (key: string): readonly string[] => {
      const found = values(key);
      if (found === null) throw unsupported('Incorrect filter keys not existing in any schema definition');
      return found;
    };
  const found = all.filter((one) => filters === null || filters === undefined || matchesGroup(filters, valuesOf(one)));
  const direction = orderMode === 'desc' ? -1 : 1;
  const ordered = found.toSorted((one, other) => direction * compared(one.order, other.order));
  const from = after === null || after === undefined || after === '' ? null : orderIn(after);
  const rest = from === null ? ordered : ordered.filter(({ order }) => direction * compared(order, from) > 0);
  const page = rest.slice(0, Math.min(first ?? DEFAULT_PAGE, largestPage));
  return {
    pageInfo: {
      startCursor: cursorOf(page[0]),
      endCursor: cursorOf(page.at(-1)),
      hasNextPage: page.length < rest.length,
      hasPreviousPage: rest.length < ordered.length,
      globalCount: ordered.length,
    },
    edges: page.map((one) => ({ cursor: cursorOf(one), node: one.node() })),
  };
}

function compared([one, id]: Listed['order'], [other, otherId]: Listed['order']): number {
  if (one !== other) return one - other;
  return id < otherId ? -1 : Number(id > otherId);
}

function cursorOf(one: Listed | undefined): string {
  return one === undefined ? '' : Buffer.from(JSON.stringify(one.order)).toString('base64');
}

const cursor = z.tuple([z.number(), z.string()]);

function orderIn(text: string): Listed['order'] {
  try {
    return cursor.parse(JSON.parse(Buffer.from(text, 'base64').toString('utf8')));
  } catch {
    throw unsupported('Invalid pagination cursor');
  }
}
