import { Fault } from '../../indicators/fault.ts';
import { API } from './misp-client.ts';

/** More than ten million of anything, whatever the pages: a list of ours ends before. */
const MOST_PAGES = 2 ** 24;

/**
 * All pages of a list that grows at its end, the last one first: MISP pages by offset, and what is deleted meanwhile moves all that follows
 * into pages that are still to be read. So nothing is passed over, and some may come twice. A page may be shorter than others, as MISP takes
 * what is on its allowlist out of it, and only one with nothing is beyond the end. (Source: MISP, MispAttribute::__iteratedFetch.)
 */
export async function* pagesFromTheLast<T>(ask: (page: number) => Promise<readonly T[]>): AsyncGenerator<readonly T[]> {
  let beyond = 2;
  while ((await ask(beyond)).length > 0) {
    beyond *= 2;
    if (beyond > MOST_PAGES) throw new Fault('Unavailable', `${API} went on showing pages of a list that has an end.`);
  }
  let last = beyond / 2;
  while (beyond - last > 1) {
    const between = Math.floor((last + beyond) / 2);
    if ((await ask(between)).length > 0) last = between;
    else beyond = between;
  }
  for (let page = last; page > 0; page -= 1) yield await ask(page);
}
