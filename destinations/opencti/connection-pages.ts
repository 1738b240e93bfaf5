import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import type { Answered, OpenCtiClient } from './opencti-client.ts';
import { API } from './refusals.ts';

const connection = z
  .object({
    pageInfo: z.object({
      hasNextPage: z.boolean(),
      endCursor: z.string().nullish(),
      /** Of all pages, where it is asked for. */
      globalCount: z.number().nullish(),
    }),
    edges: z.array(z.object({ node: z.unknown() })),
  })
  .transform(({ pageInfo, edges }) => ({
    nodes: edges.map(({ node }) => node),
    count: pageInfo.globalCount ?? 0,
    /** Where the next page begins; null for the last one. */
    next: pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null,
  }));

/** So many more than were counted may have come while the pages were read, and so often may one be shown that is changed meanwhile, by us too. */
const MORE = 1_000;
const TIMES = 10;

/** A query of one field that is a connection; it takes `$after`. */
export interface ConnectionQuery<T> {
  readonly query: string;
  readonly field: 'indicators' | 'stixCyberObservables' | 'labels' | 'notes' | 'markingDefinitions' | 'identities';
  /** But for `$after`. */
  readonly variables: object;
  readonly node: z.ZodType<T>;
  /** The fault that an error stands for; null, and absent, for the one that it stands for anywhere. */
  readonly declined?: (code: string) => Fault | null;
}

/**
 * The pages of a query. Cursors say what the page before ended with, so that nothing is lost to what is deleted meanwhile. (Source:
 * OpenCTI, database/engine, `elPaginate`.) Throws a `Fault` where they do not end.
 */
export async function* connectionPages<T>(
  client: OpenCtiClient,
  { query, field, variables, node, declined }: ConnectionQuery<T>,
  signal: AbortSignal,
): AsyncGenerator<Answered<readonly T[]>> {
  const page = z.object({ [field]: connection }).transform((data, context) => {
    const found = data[field];
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom', path: [field], message: 'is missing' });
    return z.NEVER;
  });
  const nodes = page
    .transform(({ nodes: all, ...rest }) => ({ all, ...rest }))
    .pipe(z.object({ all: z.array(node), count: z.number(), next: z.string().nullable() }));
  const begun = new Set<string>();
  let after: string | null = null;
  let seen = 0;
  let counted = 0;
  do {
    const { data, at }: Answered<z.infer<typeof nodes>> = await client.ask(
      query,
      { ...variables, after },
      nodes,
      signal,
      declined,
    );
    yield { data: data.all, at };
    // A page of nothing is one more, too.
    seen += Math.max(1, data.all.length);
    counted = Math.max(counted, data.count);
    if (data.next !== null && begun.has(data.next)) {
      throw new Fault('Unavailable', `${API} answered with a page that goes on and leads back to itself.`);
    }
    if (data.next !== null && seen > TIMES * counted + MORE) {
      throw new Fault('Unavailable', `${API} answered with page after page, and more than it says that there is.`);
    }
    if (data.next !== null) begun.add(data.next);
    after = data.next;
  } while (after !== null);
}
