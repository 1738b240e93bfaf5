import type { HostReputation } from '../../exchange/messages.ts';
import type { ValueOutcome, ValueRow } from './value-rows.ts';

/** How many values of a list came to what, and what its hosts have cost. */
export interface ValueCounts {
  readonly values: number;
  /** By MDTI's word: `malicious`, `suspicious`, `neutral`, `unknown`, or what it adds later. */
  readonly classifications: Readonly<Record<string, number>>;
  readonly noReputation: number;
  readonly notAnswered: number;
  readonly hashes: number;
  readonly reserved: number;
  readonly noHosts: number;
  /** Hosts, each once: asked for now, known already, and those that MDTI did not answer for. */
  readonly hosts: { readonly lookedUp: number; readonly known: number; readonly notAnswered: number };
}

/** The worst first; what MDTI adds later comes after them. */
const CLASSIFICATIONS = ['malicious', 'suspicious', 'neutral', 'unknown'] as const;

export function valueCounts(rows: readonly ValueRow[], known: ReadonlyMap<string, HostReputation>): ValueCounts {
  const of = (outcome: ValueOutcome): number => rows.filter((row) => row.outcome === outcome).length;
  const classes = new Map<string, number>(CLASSIFICATIONS.map((name) => [name, 0]));
  for (const { classification } of rows) {
    if (classification !== null) classes.set(classification, (classes.get(classification) ?? 0) + 1);
  }
  const hosts = [...known.values()];
  const answered = hosts.flatMap((host) => (host.kind === 'failed' ? [] : [host]));
  const lookedUp = answered.filter(({ isNew }) => isNew).length;
  return {
    values: rows.length,
    classifications: Object.fromEntries(classes),
    noReputation: of('no-reputation'),
    notAnswered: of('not-answered'),
    hashes: of('hash'),
    reserved: of('reserved'),
    noHosts: of('no-host'),
    hosts: { lookedUp, known: answered.length - lookedUp, notAnswered: hosts.length - answered.length },
  };
}

/** For a person, in one sentence or two; what there is none of is left out. */
export function countsSentence({ values, classifications, hosts, ...counts }: ValueCounts): string {
  const some = (parts: readonly (readonly [number, string])[]): string =>
    parts
      .filter(([count]) => count > 0)
      .map(([count, what]) => `${n(count)} ${what}`)
      .join(', ');
  const became = some([
    ...Object.entries(classifications).map(([name, count]) => [count, name] as const),
    [counts.noReputation, 'without a reputation'],
    [counts.notAnswered, 'that MDTI did not answer for'],
    [counts.hashes, counts.hashes === 1 ? 'hash' : 'hashes'],
    [counts.reserved, 'reserved'],
    [counts.noHosts, counts.noHosts === 1 ? 'that is no host' : 'that are no hosts'],
  ]);
  const all = hosts.lookedUp + hosts.known + hosts.notAnswered;
  const cost = `Of ${n(all)} ${all === 1 ? 'host' : 'hosts'}, ${n(hosts.lookedUp)} looked up now, ${n(hosts.known)} known already.`;
  return `${n(values)} ${values === 1 ? 'value' : 'values'}: ${became}.${all === 0 ? '' : ` ${cost}`}`;
}

function n(count: number): string {
  return count.toLocaleString('en');
}
