import { z } from 'zod';
import type { Indicator } from '../indicator.ts';
import type { References } from '../references.ts';
import { unsupported } from './graphql-error.ts';

const mode = z.enum(['and', 'or']);

const filter = z.strictObject({
  id: z.string().nullish(),
  /** GraphQL makes a list of one value. */
  key: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
  values: z.union([z.array(z.unknown()), z.string().transform((one): unknown[] => [one])]),
  operator: z.enum(['eq', 'not_eq', 'gt', 'gte', 'lt', 'lte', 'nil', 'not_nil', 'starts_with', 'contains']).nullish(),
  mode: mode.nullish(),
});
type Filter = z.infer<typeof filter>;

/** All three members are required. (Source: OpenCTI, config/schema/opencti.graphql, `FilterGroup`.) */
export const filterGroup = z.strictObject({
  mode,
  filters: z.array(filter),
  get filterGroups() {
    return z.array(filterGroup);
  },
});
export type FilterGroup = z.infer<typeof filterGroup>;

/** Whether an indicator is one of those. Throws at a key that there is not. (Source: OpenCTI, utils/filtering.) */
export function matches(one: Indicator, group: FilterGroup, references: References): boolean {
  const tests = [
    ...group.filters.map((each) => () => passes(one, each, references)),
    ...group.filterGroups.map((each) => () => matches(one, each, references)),
  ];
  if (tests.length === 0) return true;
  return group.mode === 'and' ? tests.every((test) => test()) : tests.some((test) => test());
}

function passes(one: Indicator, { key, values, operator, mode: of }: Filter, references: References): boolean {
  const own = key.flatMap((name) => valuesAt(one, name, references));
  const wanted = values.map(String);
  const every = (test: (value: string) => boolean): boolean => (of === 'and' ? wanted.every(test) : wanted.some(test));
  switch (operator ?? 'eq') {
    case 'nil':
      return own.length === 0;
    case 'not_nil':
      return own.length > 0;
    case 'not_eq':
      return !wanted.some((value) => own.includes(value));
    case 'starts_with':
      return every((value) => own.some((each) => each.startsWith(value)));
    case 'contains':
      return every((value) => own.some((each) => each.includes(value)));
    case 'eq':
      return every((value) => own.includes(value));
    case 'gt':
      return every((value) => own.some((each) => ordinal(each) > ordinal(value)));
    case 'gte':
      return every((value) => own.some((each) => ordinal(each) >= ordinal(value)));
    case 'lt':
      return every((value) => own.some((each) => ordinal(each) < ordinal(value)));
    case 'lte':
      return every((value) => own.some((each) => ordinal(each) <= ordinal(value)));
  }
}

function ordinal(text: string): number {
  const number = Number(text);
  return Number.isNaN(number) ? Date.parse(text) : number;
}

/** `ids` knows an indicator by each of its ids. */
function valuesAt(one: Indicator, key: string, references: References): string[] {
  const date = (at: number): string[] => [new Date(at).toISOString()];
  switch (key) {
    case 'ids':
      return [one.internalId, one.standardId, ...one.stixIds];
    case 'id':
    case 'internal_id':
      return [one.internalId];
    case 'standard_id':
      return [one.standardId];
    case 'x_opencti_stix_ids':
      return one.stixIds;
    case 'entity_type':
      return ['Indicator'];
    case 'name':
      return [one.name];
    case 'pattern':
      return [one.pattern];
    case 'pattern_type':
      return [one.patternType];
    case 'revoked':
      return [String(one.revoked)];
    case 'confidence':
      return [String(one.confidence)];
    case 'x_opencti_score':
      return [String(one.score)];
    case 'x_opencti_main_observable_type':
      return [one.mainObservableType];
    case 'valid_from':
      return date(one.validFrom);
    case 'valid_until':
      return date(one.validUntil);
    case 'created':
      return date(one.created);
    case 'created_at':
      return date(one.createdAt);
    case 'modified':
    case 'updated_at':
      return date(one.updatedAt);
    case 'objectLabel':
      return one.labels;
    case 'objectMarking':
      return one.markings.flatMap((id) => [id, ...(references.marking(id)?.stixIds ?? [])]);
    // By the internal id alone: only labels are looked up by another. (Source: OpenCTI, utils/filtering, `checkAndConvertFilters`.)
    case 'createdBy':
      return one.createdBy === null ? [] : [references.identity(one.createdBy)?.internalId ?? ''];
    default:
      throw unsupported('Incorrect filter keys not existing in any schema definition');
  }
}
