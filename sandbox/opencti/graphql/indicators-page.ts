import { z } from 'zod';
import type { Indicator } from '../indicator.ts';
import type { OpenCtiFaults } from '../opencti-faults.ts';
import type { Platform } from '../platform.ts';
import { type FilterGroup, filterGroup } from './filter-group.ts';
import { unsupported } from './graphql-error.ts';
import { matches } from './indicator-filter.ts';
import { indicatorNode } from './indicator-node.ts';

const DEFAULT_PAGE = 500;

const pageArguments = z.object({
  first: z.int().min(0).nullish(),
  after: z.string().nullish(),
  orderMode: z.string().nullish(),
  filters: filterGroup.nullish(),
  search: z.string().nullish(),
});

/** A page of the indicators that the user may see; a draft shows none of its own. (Source: OpenCTI, database/engine, `elPaginate`.) */
export function indicatorsPage(
  platform: Platform,
  args: Readonly<Record<string, unknown>>,
  faults: OpenCtiFaults,
): Readonly<Record<string, unknown>> {
  const { first, after, orderMode, filters, search } = pageArguments.parse(args);
  const found = candidates(platform, filters ?? null).filter(
    (one) =>
      isVisible(one, platform, faults) &&
      (filters === null || filters === undefined || matches(one, filters, platform.references)) &&
      (search === null || search === undefined || `${one.name} ${one.pattern}`.includes(search)),
  );
  const ordered = orderMode === 'desc' ? found.toReversed() : found;
  const start = after === null || after === undefined || after === '' ? 0 : startAfter(ordered, after);
  const size = Math.min(first ?? DEFAULT_PAGE, faults.largestPage);
  const page = ordered.slice(start, start + size);
  return {
    pageInfo: {
      startCursor: cursorOf(page[0]),
      endCursor: cursorOf(page.at(-1)),
      hasNextPage: start + page.length < ordered.length,
      hasPreviousPage: start > 0,
      globalCount: ordered.length,
    },
    edges: page.map((one) => ({ cursor: cursorOf(one), node: indicatorNode(one, platform.references) })),
  };
}

/** One indicator by any of its ids; null also where it is not for the user's eyes. */
export function oneIndicator(platform: Platform, id: unknown, faults: OpenCtiFaults): unknown {
  const one = typeof id === 'string' ? platform.find(id) : null;
  return one === null || !isVisible(one, platform, faults) ? null : indicatorNode(one, platform.references);
}

/** All, or those of the ids that are asked for, so that a few of many are found fast. */
function candidates(platform: Platform, filters: FilterGroup | null): Indicator[] {
  const byIds = filters?.mode === 'and' ? filters.filters.find(({ key }) => key.join() === 'ids') : undefined;
  if (byIds === undefined || (byIds.operator ?? 'eq') !== 'eq') return platform.indicators();
  const found = byIds.values.flatMap((id) => platform.find(String(id)) ?? []);
  return [...new Set(found)].toSorted((one, other) => one.ordinal - other.ordinal);
}

function isVisible(
  { draft, markings }: Indicator,
  { references }: Platform,
  { unseenMarkings }: OpenCtiFaults,
): boolean {
  return !draft && !markings.some((id) => unseenMarkings.includes(references.marking(id)?.definition ?? ''));
}

/** Empty where there is nothing. */
function cursorOf(one: Indicator | undefined): string {
  return one === undefined ? '' : Buffer.from(JSON.stringify([one.ordinal])).toString('base64');
}

function startAfter(ordered: readonly Indicator[], cursor: string): number {
  const at = ordered.findIndex((one) => cursorOf(one) === cursor);
  if (at < 0) throw unsupported('Invalid pagination cursor');
  return at + 1;
}
