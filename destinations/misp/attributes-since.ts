import { Fault } from '../../indicators/fault.ts';
import { attributeTime } from './held-schemas.ts';
import { API } from './misp-client.ts';
import { pagesFromTheLast } from './pages.ts';

/** Seconds since 1970, both of them included. */
export interface Span {
  readonly from: number;
  readonly to?: number;
}

/** Asks for one page, as many each time; a page is as MISP shows it. */
export type AskForPage = (span: Span, order: readonly string[], page: number) => Promise<readonly unknown[]>;

export interface AttributesPage {
  readonly attributes: readonly unknown[];
  /** The time of the last change of those until which all was shown; null where more may have changed before. */
  readonly reached: number | null;
}

const BY_TIME = ['Attribute.timestamp', 'Attribute.id'];
const BY_ID = ['Attribute.id'];

/**
 * All attributes that have changed since then, each at least once. MISP pages by offset, and what leaves a list meanwhile moves all behind it:
 * so each page is the first one, of those that have changed since the last that was shown. Only what was stored in one second is paged. Where
 * MISP does not keep the order, everything is. (Sources: MISP 2.5.1, MispAttribute::restSearch, setTimestampConditions, AppModel::findOrder.)
 */
export async function* attributesSince(since: number, ask: AskForPage): AsyncGenerator<AttributesPage> {
  for (let from = since; ; ) {
    const attributes = await ask({ from }, BY_TIME, 1);
    if (attributes.length === 0) return;
    const times = timesOf(attributes);
    const last = times.at(-1) ?? from;
    if (times.some((time, at) => time < (times[at - 1] ?? from))) {
      yield* inNoOrder(from, ask);
      return;
    }
    yield { attributes, reached: last };
    if (last > from) {
      from = last;
      continue;
    }
    if ((await ask({ from }, BY_TIME, 2)).length === 0) return;
    for await (const page of pagesFromTheLast((number) => ask({ from: last, to: last }, BY_ID, number))) {
      yield { attributes: page, reached: last };
    }
    from += 1;
  }
}

async function* inNoOrder(from: number, ask: AskForPage): AsyncGenerator<AttributesPage> {
  let reached = from;
  for await (const attributes of pagesFromTheLast((number) => ask({ from }, BY_ID, number))) {
    reached = Math.max(reached, ...timesOf(attributes));
    yield { attributes, reached: null };
  }
  yield { attributes: [], reached };
}

function timesOf(attributes: readonly unknown[]): readonly number[] {
  const times = attributes.flatMap((one) => attributeTime.safeParse(one).data?.timestamp ?? []);
  if (times.length > 0) return times;
  throw new Fault('Unavailable', `${API} shows attributes without a time that could be read.`);
}
