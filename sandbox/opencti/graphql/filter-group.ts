import { z } from 'zod';

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

/** What something has at a key. Throws at a key that there is not. */
type ValuesAt = (key: string) => readonly string[];

/** Whether something is one of those. Texts are compared whatever their case. (Source: OpenCTI, utils/filtering; database/engine, `string_normalizer`.) */
export function matchesGroup(group: FilterGroup, valuesAt: ValuesAt): boolean {
  const tests = [
    ...group.filters.map((each) => () => passes(each, valuesAt)),
    ...group.filterGroups.map((each) => () => matchesGroup(each, valuesAt)),
  ];
  if (tests.length === 0) return true;
  return group.mode === 'and' ? tests.every((test) => test()) : tests.some((test) => test());
}

function passes({ key, values, operator, mode: of }: Filter, valuesAt: ValuesAt): boolean {
  const own = key.flatMap((name) => valuesAt(name)).map((value) => value.toLowerCase());
  const wanted = values.map((value) => String(value).toLowerCase());
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
  return Number.isNaN(number) ? Date.parse(text.toUpperCase()) : number;
}
