import { madeUpReputation } from '../../sandbox/graph/made-up-reputation.ts';
import type { ArrivingRow } from '../../sandbox/rows/arrived-row.ts';

/** What ThreatStream is to hold of one value. */
export interface Held {
  readonly type: string;
  readonly confidence: number;
  readonly tlp: string | null;
  /** ISO 8601; null for never. */
  readonly expiration: string | null;
  /** The source's own. */
  readonly tags: readonly string[];
}

export interface ModelPolicy {
  /** Of the sandbox, whose reputations depend on it. */
  readonly seed: number;
  readonly minimumScore: number;
  readonly confidenceStep: number;
  /** Up to the end of which an indicator is held. */
  readonly heldUpTo: 'day' | 'month';
  readonly excludedDomain: string;
  /** What the addresses of the excluded network begin with. */
  readonly excludedAddresses: string;
}

/** That of the pipelines whose holdings are compared with the model. */
export const POLICY: ModelPolicy = {
  seed: 1,
  minimumScore: 50,
  confidenceStep: 10,
  heldUpTo: 'month',
  excludedDomain: 'listed.example.net',
  excludedAddresses: '192.0.2.',
};

const DAY_MS = 86_400_000;
const AMBER = 2;
/** By the id of the marking, from the least to the most restricted. */
const MARKINGS = [
  ['marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9', 'clear'],
  ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da', 'green'],
  ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82', 'amber'],
  ['marking-definition--826578e1-40a3-4b46-a8d8-b9931fdd750e', 'amber+strict'],
  ['marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'red'],
] as const;
const TYPES: readonly { readonly key: string; readonly type: string; readonly form: RegExp }[] = [
  { key: 'ipv4-addr:value', type: 'ip', form: /^\d+(\.\d+){3}$/ },
  { key: 'ipv6-addr:value', type: 'ipv6', form: /^[0-9a-f:]+$/ },
  { key: 'domain-name:value', type: 'domain', form: /^[a-z0-9-]+(\.[a-z0-9-]+)+$/ },
  { key: 'url:value', type: 'url', form: /^https?:\/\/[^/]+\// },
  { key: "file:hashes.'SHA-256'", type: 'md5', form: /^[0-9a-f]{64}$/ },
  { key: 'email-addr:value', type: 'email', form: /^[^@ ]+@[^@ ]+$/ },
];

/** What one row says of one observable. */
interface Saying {
  readonly row: ArrivingRow;
  readonly type: string;
  readonly value: string;
}

/**
 * What ThreatStream holds once everything that arrived has been handled, by value; whatever the order it arrived in, and
 * whatever went wrong in between. It is the specification: slow, short, and made of nothing that the product is made of.
 */
export function heldAfter(rows: readonly ArrivingRow[], policy: ModelPolicy, now: Date): ReadonlyMap<string, Held> {
  const newest = new Map<string, Saying>();
  for (const saying of rows.flatMap(sayingsOf)) {
    const name = `${saying.row.Id} ${saying.type} ${saying.value}`;
    const known = newest.get(name);
    if (known === undefined || timeOf(known) < timeOf(saying)) newest.set(name, saying);
  }
  const lastEdit = new Map<string, string>();
  for (const { row } of newest.values()) {
    if (row.Modified && row.Modified > (lastEdit.get(row.Id) ?? '')) lastEdit.set(row.Id, row.Modified);
  }
  // What the last edit of an Id no longer names is not said any more.
  const living = [...newest.values()].filter(
    ({ row }) => isLive(row, now) && (row.Modified ?? '') >= (lastEdit.get(row.Id) ?? ''),
  );
  return new Map(
    [...new Set(living.map(({ value }) => value))].flatMap((value) => {
      const held = heldOf(
        living.filter((saying) => saying.value === value),
        policy,
      );
      return held === null ? [] : [[value, held] as const];
    }),
  );
}

function sayingsOf(row: ArrivingRow): readonly Saying[] {
  const named =
    row.ObservableValue && row.ObservableKey
      ? [[row.ObservableKey, row.ObservableValue] as const]
      : [...(row.Pattern ?? '').matchAll(/([a-z0-9-]+:[^ =]+) = '([^']+)'/g)].map(
          ([, key = '', value = '']) => [key, value] as const,
        );
  return named.flatMap(([key, text]) => {
    const kind = TYPES.find((each) => each.key === key);
    const plain = text.replaceAll('[.]', '.');
    const value = kind?.type === 'domain' ? plain.toLowerCase().replace(/\.$/, '') : plain;
    return kind?.form.test(value) ? [{ row, type: kind.type, value }] : [];
  });
}

function timeOf({ row }: Saying): string {
  return row.TimeGenerated ?? '';
}

function isLive({ IsDeleted, Revoked, IsActive, ValidUntil }: ArrivingRow, now: Date): boolean {
  const ended = IsDeleted === true || Revoked === true || IsActive === false;
  return !ended && (ValidUntil === null || ValidUntil === undefined || Date.parse(ValidUntil) > now.getTime());
}

/** Of all the sayings of one value that are alive; null when it is held back or excluded. */
function heldOf(sayings: readonly Saying[], policy: ModelPolicy): Held | null {
  const [first] = sayings;
  if (first === undefined) return null;
  const { type, value } = first;
  const rows = sayings.map(({ row }) => row);
  const marking = Math.max(...rows.map(({ Data }) => markingOf(JSON.stringify(Data ?? null))));
  if (marking > AMBER) return null;
  if (value.startsWith(policy.excludedAddresses)) return null;
  if (type !== 'md5' && new RegExp(`(^|[.@/])${policy.excludedDomain.replaceAll('.', '\\.')}(/|$)`).test(value))
    return null;
  const isHost = type === 'ip' || type === 'ipv6' || type === 'domain';
  const score = isHost ? (madeUpReputation(policy.seed, value)?.score ?? -1) : 100;
  if (score < policy.minimumScore) return null;
  const confidence = isHost ? score : Math.max(...rows.map((row) => row.Confidence ?? 50));
  const ends = rows.map(({ ValidUntil }) => (ValidUntil ? Date.parse(ValidUntil) : Number.POSITIVE_INFINITY));
  return {
    type,
    confidence: Math.floor(confidence / policy.confidenceStep) * policy.confidenceStep,
    tlp: MARKINGS[marking]?.[1] ?? null,
    expiration: expirationOf(Math.max(...ends), policy.heldUpTo),
    tags: [...new Set(rows.flatMap(({ Tags }) => (Tags ? Tags.split(',') : [])))].sort(),
  };
}

/** ISO 8601 of the first day, or the first of a month, from the end on; null for never. */
function expirationOf(end: number, heldUpTo: ModelPolicy['heldUpTo']): string | null {
  if (end === Number.POSITIVE_INFINITY) return null;
  const day = new Date(Math.ceil(end / DAY_MS) * DAY_MS);
  if (heldUpTo === 'day') return day.toISOString();
  while (day.getUTCDate() !== 1) day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString();
}

/** The place of the marking that the text names; -1 for none. */
function markingOf(text: string): number {
  return MARKINGS.findIndex(([id]) => text.includes(id));
}
