import { z } from 'zod';
import type { Said } from '../../sandbox/graph/graph-api.ts';
import type { Stack } from '../../test/e2e/stack.ts';
import type { Draw } from '../draw.ts';
import { verdictOn } from './verdict.ts';

const classification = z.enum(['unknown', 'neutral', 'suspicious', 'malicious']);
const allSaid = z.record(z.string(), z.object({ score: z.number(), classification }).nullable());

const BRACKETS = [
  { classification: 'malicious', from: 90, to: 100 },
  { classification: 'malicious', from: 75, to: 89 },
  { classification: 'suspicious', from: 50, to: 74 },
  { classification: 'neutral', from: 25, to: 49 },
  null,
] as const;

/**
 * What MDTI says of the hosts of a story, and how that changes. It never says again what it has said before and not since: a comment that is there
 * twice is a mistake, then.
 */
export class Reputations {
  readonly #draw: Draw;
  readonly #stack: Stack;
  readonly #minimumScore: number;
  /** Verdicts that a host has had. */
  readonly #had = new Map<string, Set<string>>();
  readonly #changed = new Map<string, Said | null>();

  constructor(draw: Draw, stack: Stack, minimumScore: number) {
    this.#draw = draw;
    this.#stack = stack;
    this.#minimumScore = minimumScore;
  }

  /** What it says now. */
  async of(hosts: readonly string[]): Promise<ReadonlyMap<string, Said | null>> {
    const said = allSaid.parse(await this.#stack.control('POST', '/graph/reputation', { hosts }));
    return new Map(Object.entries(said));
  }

  /** Hosts that something is held of from now on. */
  async meet(hosts: readonly string[]): Promise<void> {
    const news = hosts.filter((host) => !this.#had.has(host));
    for (const [host, said] of await this.of(news)) {
      this.#had.set(host, new Set([verdictOn(said, this.#minimumScore).name]));
    }
  }

  /** Another reputation for some of the hosts that were met. Returns how many changed. */
  async change(times: number): Promise<number> {
    const hosts = [...this.#had.keys()];
    let changed = 0;
    for (let time = 0; time < times; time += 1) {
      const host = hosts[this.#draw.below(Math.max(1, hosts.length))];
      if (host !== undefined && this.#another(host)) changed += 1;
    }
    const reputations = Object.fromEntries(this.#changed);
    if (changed > 0) await this.#stack.control('PUT', '/faults', { graph: { reputations } });
    return changed;
  }

  #another(host: string): boolean {
    const had = this.#had.get(host) ?? new Set();
    const changed = this.#changed.get(host);
    const same = BRACKETS.find((bracket) => bracket !== null && isIn(bracket, changed ?? null));
    if (same !== undefined && this.#draw.chance(0.3)) {
      this.#changed.set(host, this.#within(same));
      return true;
    }
    const choices = BRACKETS.map((bracket) => this.#within(bracket));
    const [first, ...others] = choices.filter((said) => !had.has(verdictOn(said, this.#minimumScore).name));
    if (first === undefined) return false;
    const said = this.#draw.pick([first, ...others]);
    had.add(verdictOn(said, this.#minimumScore).name);
    this.#changed.set(host, said);
    return true;
  }

  #within(bracket: (typeof BRACKETS)[number]): Said | null {
    if (bracket === null) return null;
    const score = this.#draw.between(bracket.from, bracket.to);
    return { score, classification: bracket.classification };
  }
}

function isIn({ from, to }: { readonly from: number; readonly to: number }, said: Said | null): boolean {
  return said !== null && said.score >= from && said.score <= to;
}
