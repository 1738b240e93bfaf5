import { z } from 'zod';
import { parseJson } from '../../http/faults.ts';
import { Fault } from '../../indicators/fault.ts';
import { API, type TaxiiClient } from './taxii-client.ts';

/** An object as the server shows it. */
export type ShownObject = Readonly<Record<string, unknown>> & { readonly id: string };

export const shownObject = z.record(z.string(), z.unknown()).and(z.object({ id: z.string() }));
/** (Source: TAXII 2.1, 3.7: without objects it is empty.) Anything else in their place is no answer. */
const pageShape = z.union([
  z.object({
    objects: z.array(z.unknown()),
    more: z.boolean().nullish().catch(null),
    next: z
      .union([z.string(), z.number().transform(String)])
      .nullish()
      .catch(null),
  }),
  z.strictObject({ more: z.literal(false).nullish() }).transform(() => ({ objects: [], more: false, next: null })),
]);

/** Objects of a page. A server may give fewer. */
const LIMIT = 1_000;
/** Of one question: what has more is asked in halves. */
const MOST_PAGES = 200;

interface Reading {
  readonly client: TaxiiClient;
  /** Path of the objects. */
  readonly objects: string;
  readonly idsAtOnce: number;
}

/** The objects of these ids: in their newest version, or in all of them. */
export async function readObjects(
  reading: Reading,
  ids: readonly string[],
  version: 'last' | 'all',
  signal: AbortSignal,
): Promise<readonly ShownObject[]> {
  const found: ShownObject[] = [];
  for (let at = 0; at < ids.length; at += reading.idsAtOnce) {
    found.push(...(await readPart(reading, ids.slice(at, at + reading.idsAtOnce), version, signal)));
  }
  return found;
}

/** What cannot be read to its end is begun anew with half of the ids: a page that failed is never asked for again. */
async function readPart(
  reading: Reading,
  ids: readonly string[],
  version: 'last' | 'all',
  signal: AbortSignal,
): Promise<readonly ShownObject[]> {
  const found = await readPages(reading, ids, version, signal);
  if (typeof found !== 'number') return found;
  if (ids.length === 1) {
    // Whoever cannot be asked for one cannot be asked at all.
    throw new Fault(
      found < 300 ? 'Unavailable' : 'Refused',
      `${API} answered ${found} where it was asked for one object by its id: check apiRoot of the destination and what stands between.`,
    );
  }
  const half = Math.ceil(ids.length / 2);
  const first = await readPart(reading, ids.slice(0, half), version, signal);
  return [...first, ...(await readPart(reading, ids.slice(half), version, signal))];
}

/**
 * All pages, or the status in the place of one. A token may be good for one question alone, may be gone when it comes, and gives the next page
 * whenever it is used. (Source: TAXII 2.1, 3.5; medallion 3.0.0, which also wants `limit` beside `next`.)
 */
async function readPages(
  { client, objects: path }: Reading,
  ids: readonly string[],
  version: 'last' | 'all',
  signal: AbortSignal,
): Promise<readonly ShownObject[] | number> {
  const asked = `match%5Bid%5D=${ids.join(',')}&match%5Bversion%5D=${version}&limit=${LIMIT}`;
  const wanted = new Set(ids);
  const found: ShownObject[] = [];
  let next: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = next === null ? asked : `${asked}&next=${encodeURIComponent(next)}`;
    // Too long an address, or a token that is unknown by now.
    const reply = await client.send({ path, query, answers: next === null ? [400, 414] : [400, 404, 414] }, signal);
    if (reply.status >= 300) return reply.status;
    const told = pageOf(parseJson(API, reply));
    for (const each of told.objects) {
      const object = shownObject.safeParse(each);
      if (object.success && wanted.has(object.data.id)) found.push(object.data);
    }
    if (told.more !== true) return found;
    if ((told.next ?? null) === null || told.objects.length === 0) return reply.status;
    next = told.next ?? null;
  }
  return 200;
}

export function pageOf(json: unknown): z.output<typeof pageShape> {
  const page = pageShape.safeParse(json);
  if (page.success) return page.data;
  throw new Fault('Unavailable', `${API} answered 200 with JSON that is no list of objects.`);
}
