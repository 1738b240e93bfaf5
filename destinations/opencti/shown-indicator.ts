import { z } from 'zod';
import type { IndicatorKey } from '../../indicators/indicator.ts';
import { openCtiIndicatorId } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import { connectionPages } from './connection-pages.ts';
import type { OpenCtiClient } from './opencti-client.ts';

const texts = z
  .array(z.string().nullable())
  .nullish()
  .transform((list) => (list ?? []).filter((one) => one !== null));
const instant = z
  .string()
  .nullish()
  .transform((text) =>
    text === null || text === undefined || Number.isNaN(Date.parse(text)) ? null : Date.parse(text),
  );

export const shownIndicator = z.object({
  standard_id: z.string(),
  x_opencti_stix_ids: texts,
  name: z.string(),
  description: z.string().nullish(),
  indicator_types: texts,
  revoked: z.boolean(),
  created: instant,
  valid_from: instant,
  valid_until: instant,
  x_opencti_score: z.number().nullish(),
  x_opencti_main_observable_type: z.string().nullish(),
  /** The score from which it decays; null where no decay rule is at work. */
  decay_base_score: z.number().nullish(),
  objectMarking: z.array(z.object({ standard_id: z.string(), definition: z.string().nullish() })).nullish(),
  objectLabel: z.array(z.object({ value: z.string().nullish() })).nullish(),
  createdBy: z.object({ name: z.string() }).nullish(),
});

/** An indicator as OpenCTI shows it; instants in milliseconds since 1970. */
export type ShownIndicator = z.infer<typeof shownIndicator>;

/** (Source: OpenCTI, config/schema/opencti.graphql, `indicators`.) */
const QUERY = `query Shown($filters: FilterGroup, $after: ID) {
  indicators(first: 100, after: $after, filters: $filters) {
    pageInfo { hasNextPage endCursor }
    edges { node {
      standard_id x_opencti_stix_ids name description indicator_types revoked created valid_from valid_until
      x_opencti_score x_opencti_main_observable_type decay_base_score
      objectMarking { standard_id definition } objectLabel { value } createdBy { name }
    } }
  }
}`;

/** Ids of one query. */
const AT_ONCE = 100;

export interface Shown {
  /** What is shown of an indicator; null for nothing, be it for want of a right to see it. */
  of(key: IndicatorKey): ShownIndicator | null;
  /** When it was, by OpenCTI's clock. */
  readonly at: Date;
}

/** What OpenCTI shows of indicators, by whichever of their ids. */
export async function readShown(
  client: OpenCtiClient,
  keys: readonly IndicatorKey[],
  now: Date,
  signal: AbortSignal,
): Promise<Shown> {
  const byId = new Map<string, ShownIndicator>();
  let at = now;
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const ids = keys.slice(from, from + AT_ONCE).map(idOf);
    const filters = { mode: 'and', filters: [{ key: ['ids'], values: ids }], filterGroups: [] };
    const pages = connectionPages(
      client,
      { query: QUERY, field: 'indicators', variables: { filters }, node: shownIndicator },
      signal,
    );
    for await (const { data: nodes, at: answered } of pages) {
      at = answered;
      for (const node of nodes) for (const id of [node.standard_id, ...node.x_opencti_stix_ids]) byId.set(id, node);
    }
  }
  return { of: (key) => byId.get(idOf(key)) ?? null, at };
}

function idOf(key: IndicatorKey): string {
  return openCtiIndicatorId(stixPattern(key));
}

/** Whether analysts are shown it as one that holds. */
export function isCurrent(
  { revoked, valid_until: until }: Pick<ShownIndicator, 'revoked' | 'valid_until'>,
  at: Date,
): boolean {
  return !revoked && (until === null || until > at.getTime());
}
