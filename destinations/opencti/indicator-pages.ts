import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import type { Answered, OpenCtiClient } from './opencti-client.ts';
import { API } from './refusals.ts';

const page = z
  .object({
    indicators: z.object({
      pageInfo: z.object({
        hasNextPage: z.boolean(),
        endCursor: z.string().nullish(),
        /** Of all pages, where it is asked for. */
        globalCount: z.number().nullish(),
      }),
      edges: z.array(z.object({ node: z.unknown() })),
    }),
  })
  .transform(({ indicators: { pageInfo, edges } }) => ({
    nodes: edges.map(({ node }) => node),
    count: pageInfo.globalCount ?? 0,
    /** Where the next page begins; null for the last one. */
    next: pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null,
  }));

/** So many more than were counted may have come while the pages were read. */
const MORE = 1_000;

/**
 * The pages of a query of `indicators` that takes `$filters` and `$after`. Cursors say what the page before ended with, so that nothing is lost
 * to what is deleted meanwhile. (Source: OpenCTI, database/engine, `elPaginate`.) Throws a `Fault` where they do not end.
 */
export async function* indicatorPages<T>(
  client: OpenCtiClient,
  { query, filters, node }: { readonly query: string; readonly filters: object; readonly node: z.ZodType<T> },
  signal: AbortSignal,
): AsyncGenerator<Answered<readonly T[]>> {
  const nodes = page
    .transform(({ nodes: all, ...rest }) => ({ all, ...rest }))
    .pipe(z.object({ all: z.array(node), count: z.number(), next: z.string().nullable() }));
  const begun = new Set<string>();
  let after: string | null = null;
  let seen = 0;
  let counted = 0;
  do {
    const { data, at }: Answered<z.infer<typeof nodes>> = await client.ask(query, { filters, after }, nodes, signal);
    yield { data: data.all, at };
    // A page of nothing is one more, too.
    seen += Math.max(1, data.all.length);
    counted = Math.max(counted, data.count);
    if (data.next !== null && begun.has(data.next)) {
      throw new Fault('Unavailable', `${API} answered with a page that goes on and leads back to itself.`);
    }
    if (data.next !== null && seen > 2 * counted + MORE) {
      throw new Fault('Unavailable', `${API} answered with page after page, and more than it says that there is.`);
    }
    if (data.next !== null) begun.add(data.next);
    after = data.next;
  } while (after !== null);
}
