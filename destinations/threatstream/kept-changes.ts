import type { Intelligence } from './reply-schemas.ts';
import type { ChangePage } from './search.ts';

/** When a request has left. */
export interface Departure {
  /** By ThreatStream's clock, as its answers tell it: all times here are of that, since several workers have clocks of their own. */
  readonly since: Date;
  /** By so much the clock may have been ahead by which that is told. */
  readonly aheadMs?: number;
}

/** As many copies are kept, about: some tens of megabytes. */
const MOST_COPIES = 20_000;
/** Of so many pages that are not kept, where they ended still is. */
const MOST_NUMBERS = 3_600;
/** What was not asked about for so long before a request left is not read on. */
const LONGEST_PAUSE_MS = 5 * 60_000;
/** What does not show for so long may have come in behind what was read, out of order: that is read once more. */
const LATE_MS = 30_000;

interface PageRead {
  /** When it was there. */
  readonly readAt: number;
  /** The number of the last change up to here. */
  readonly last: string | null;
  readonly found: readonly Intelligence[];
}

/** What was read of changes, in their order. */
export class KeptChanges {
  /** From when on it was read. */
  readonly from: Date;
  #pages: readonly PageRead[] = [];
  #forgotUntil = Number.NEGATIVE_INFINITY;
  #wentBackAt = Number.NEGATIVE_INFINITY;

  constructor(from: Date) {
    this.from = from;
  }

  /** The number of the last change; null before there was one. */
  get last(): string | null {
    return this.#pages.at(-1)?.last ?? null;
  }

  /** Whether it is worth reading on: what others have changed in a long pause need not be read. */
  reaches(asked: readonly Departure[]): boolean {
    const left = Math.min(...asked.map(({ since }) => since.getTime()));
    return (this.#pages.at(-1)?.readAt ?? Number.NEGATIVE_INFINITY) >= left - LONGEST_PAUSE_MS;
  }

  /** Whether all that a request may have changed is here, or comes. Not what is to leave yet, by a clock that was put back. */
  covers({ since }: Departure, now: Date): boolean {
    return since >= this.from && since.getTime() > this.#forgotUntil && since <= now;
  }

  /** The number of a change that was there before a request left; null where none is known. */
  numberBefore({ since }: Departure, now: Date): string | null {
    if (since > now || this.#forgotUntil === Number.POSITIVE_INFINITY) return null;
    return this.#pages.findLast(({ readAt }) => readAt < since.getTime())?.last ?? null;
  }

  add({ found, last }: ChangePage, readAt: Date): void {
    const page = { readAt: readAt.getTime(), found, last: last ?? this.last };
    // A pause in which nothing changes is one page, however often it is asked.
    const isPause = [page, this.#pages.at(-1)].every((one) => one?.found.length === 0);
    this.#pages = [...(isPause ? this.#pages.slice(0, -1) : this.#pages), page];
    // Changes without numbers cannot be read on from: who asks has them read anew.
    if (last === null && found.length > 0) this.#forgotUntil = Number.POSITIVE_INFINITY;
  }

  /** Once for each request that has become late, what was read soon after it left is to be read again, with all that follows. */
  goBackFor(asked: readonly Departure[], now: Date): void {
    if (now.getTime() < this.#wentBackAt + LATE_MS) return;
    const late = asked
      .map(({ since }) => since.getTime())
      .filter((left) => now.getTime() >= left + LATE_MS && this.#hasReadBetween(left, left + LATE_MS));
    if (late.length === 0) return;
    this.#wentBackAt = now.getTime();
    const left = Math.min(...late);
    this.#pages = this.#pages.filter(({ readAt }) => readAt < left);
  }

  #hasReadBetween(from: number, to: number): boolean {
    return this.#pages.some(({ readAt }) => readAt >= from && readAt < to);
  }

  /** The newest state of each copy. What was read before a request left does not show what it has changed. */
  shownTo({ since, aheadMs = 0 }: Departure): readonly Intelligence[] {
    const left = since.getTime() - aheadMs;
    return newest(this.#pages.filter(({ readAt }) => readAt >= left).flatMap(({ found }) => found));
  }

  /** Forgets the oldest copies, of more than are kept; where they were is still known. */
  trim(): void {
    let excess = this.#pages.reduce((sum, { found }) => sum + found.length, -MOST_COPIES);
    const numbers: PageRead[] = [];
    let at = 0;
    for (const page of this.#pages) {
      if (excess <= 0 && page.found.length > 0) break;
      excess -= page.found.length;
      at += 1;
      if (page.found.length > 0) this.#forgotUntil = Math.max(this.#forgotUntil, page.readAt);
      numbers.push({ ...page, found: [] });
    }
    this.#pages = [...numbers.slice(-MOST_NUMBERS), ...this.#pages.slice(at)];
  }
}

/** Of what was read forward, the last state of each copy: one that changes while it is read shows twice. */
export function newest(found: readonly Intelligence[]): readonly Intelligence[] {
  return [...new Map(found.map((copy) => [copy.id, copy])).values()];
}
