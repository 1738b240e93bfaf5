import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import { madeUpReputation } from '../../sandbox/graph/made-up-reputation.ts';
import type { ArrivingRow } from '../../sandbox/rows/arrived-row.ts';
import { isInShare } from '../../sandbox/threatstream/value-share.ts';
import { openStack } from './open-stack.ts';
import { searchThreatStream } from './search-threatstream.ts';
import { type Holding, holding } from './shown-holding.ts';
import { type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const DAY_MS = 86_400_000;
const GREEN = 'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da';
const AMBER = 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82';
/** The seed that the sandbox has when none is given. */
const SEED = 1;
/** Not at the start of a day, and not so soon that it would matter when the test runs. */
const END = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS + 60 * DAY_MS + 5 * 3_600_000 + 6 * 60_000 + 7_000);

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

/** The first of these hosts that the stand-in for MDTI gives a score from 50 on that is no step of five. */
function scored(candidate: (index: number) => string): { readonly host: string; readonly score: number } {
  for (let index = 1; ; index += 1) {
    const host = candidate(index);
    const score = madeUpReputation(SEED, host)?.score ?? 0;
    if (score >= 50 && score % 5 !== 0) return { host, score };
  }
}

const IPV4 = scored((index) => `198.51.100.${index}`);
const IPV6 = scored((index) => `2001:db8::${index.toString(16)}`);
const DOMAIN = scored((index) => `login-${index}.example.com`);
const MD5 = digest('md5', 'one');
const SHA256 = digest('sha256', 'one');

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

interface Said {
  readonly key: string;
  readonly value: string;
  readonly label?: string;
  readonly marking?: string;
  readonly tags?: string;
  readonly confidence?: number;
  readonly end?: Date | null;
}

/** Ingested a minute ago, so that a run that starts now reads it. */
function rowOf(said: Said): ArrivingRow {
  const { key, value, label = 'malware', marking = AMBER, tags = '', confidence = 83, end = END } = said;
  const labels = [label];
  return {
    IngestionTime: new Date(Date.now() - 60_000).toISOString(),
    Id: `indicator--${digest('sha256', value).slice(0, 12)}`,
    ObservableKey: key,
    ObservableValue: value,
    Tags: tags,
    Confidence: confidence,
    ValidUntil: end === null ? null : end.toISOString(),
    Data: { indicator_types: ['malicious-activity'], labels, object_marking_refs: [marking] },
  };
}

async function deliver(
  rows: readonly Said[],
  destination: Readonly<Record<string, unknown>>,
  faults: unknown = {},
): Promise<{
  readonly run: Record<string, unknown>;
  readonly held: ReadonlyMap<string, Holding>;
  readonly open: Stack;
}> {
  const open = await openStack({
    sandbox: ['--indicators', '0'],
    source: { since: '2h', window: oneWindow(new Date()) },
    // The addresses are those that are set aside for documentation.
    policy: { exclude: { reservedAddresses: false } },
    destination,
  });
  stack = open;
  await open.control('POST', '/rows', rows.map(rowOf));
  await open.control('PUT', '/faults', faults);
  const worker = await open.startWorker();
  const run = await open.sync();
  await worker.stop();
  const holdings = z.array(holding).parse(await open.control('POST', '/tips/threatstream/holdings'));
  return { run, held: new Map(holdings.map((each) => [each.value, each])), open };
}

const KINDS: readonly Said[] = [
  { key: 'ipv4-addr:value', value: IPV4.host, label: 'c2', tags: 'campaign:alpha' },
  { key: 'ipv6-addr:value', value: IPV6.host },
  { key: 'domain-name:value', value: DOMAIN.host, label: 'phishing', marking: GREEN },
  { key: 'url:value', value: 'http://files.example.com/a?b=1', end: null },
  { key: "file:hashes.'MD5'", value: MD5 },
  { key: "file:hashes.'SHA-256'", value: SHA256 },
  { key: 'email-addr:value', value: 'billing@example.com', label: 'phishing', confidence: 91 },
];

test.each([
  { approval: 'required', by: 'csv', status: 'awaiting-review', step: 10 },
  { approval: 'required', by: 'text', status: 'awaiting-review', step: 10 },
  { approval: 'automatic', by: 'csv', status: 'active', step: 10 },
  { approval: 'bypass', by: 'csv', status: 'active', step: 1 },
])('approval $approval, $by: all kinds are held as $status, in private', async ({ approval, by, status, step }) => {
  const { run, held, open } = await deliver(KINDS, { approval, import: by });
  const counts = await tipCounts(open);

  expect(run).toMatchObject({ rows: KINDS.length, new: KINDS.length, confirmed: KINDS.length, rejected: 0, held: 0 });
  expect(counts).toMatchObject({ holds: KINDS.length, publicShares: 0, publicTags: 0, discarded: 0, updates: 0 });
  const down = (confidence: number): number => Math.floor(confidence / step) * step;
  const session = approval !== 'bypass';
  const month = Date.UTC(END.getUTCFullYear(), END.getUTCMonth() + 1);
  const expiration = new Date(session ? month : Math.ceil(END.getTime() / DAY_MS) * DAY_MS).toISOString();
  const amber = { status, expiration, tlp: session ? 'amber' : null };
  expect(held.get(IPV4.host)).toMatchObject({
    ...amber,
    type: 'ip',
    itype: 'c2_ip',
    confidence: down(IPV4.score),
  });
  expect(held.get(IPV6.host)).toMatchObject({
    ...amber,
    type: 'ipv6',
    itype: 'mal_ipv6',
    confidence: down(IPV6.score),
  });
  expect(held.get(DOMAIN.host)).toMatchObject({
    ...amber,
    tlp: session ? 'green' : null,
    type: 'domain',
    itype: 'phish_domain',
    confidence: down(DOMAIN.score),
  });
  expect(held.get('http://files.example.com/a?b=1')).toMatchObject({
    ...amber,
    type: 'url',
    itype: 'mal_url',
    confidence: down(83),
    expiration: null,
  });
  for (const hash of [MD5, SHA256]) {
    expect(held.get(hash)).toMatchObject({ ...amber, type: 'md5', itype: 'mal_md5', confidence: down(83) });
  }
  expect(held.get('billing@example.com')).toMatchObject({
    ...amber,
    type: 'email',
    itype: 'phish_email',
    confidence: down(91),
  });
  expect(held.get(IPV4.host)?.tags).toEqual(expect.arrayContaining(['mdti', 'campaign:alpha']));
  const shown = (await searchThreatStream(open, IPV4.host)).flatMap(({ tags }) => tags);
  expect(shown.filter(({ tlp }) => tlp !== 'red')).toEqual([]);
  const names = shown.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['mdti', 'campaign:alpha', expect.stringMatching(/^mdti-score:/)]));
  expect(names.filter((name) => name.startsWith('mdti-sync'))).toEqual([]);
});

const HASHES = Array.from({ length: 40 }, (_, index) => digest('sha256', `file ${index}`));
const [POISON = '', UNWANTED = ''] = HASHES;
const SHARE = 0.25;

test.each(['required', 'automatic', 'bypass'])(
  'approval %s: what the destination declines is rejected, what it drops too or set aside, with a reason; all else is held',
  async (approval) => {
    const { run, held, open } = await deliver(
      HASHES.map((value) => ({ key: "file:hashes.'SHA-256'", value })),
      { approval, confirmFor: '1s' },
      { threatstream: { poison: [POISON], rejectValues: [UNWANTED], silentDrops: SHARE } },
    );
    const lost = HASHES.filter((value) => value === POISON || value === UNWANTED || isInShare('dropped', value, SHARE));
    const kept = HASHES.filter((value) => !lost.includes(value));
    expect(lost.length).toBeGreaterThan(4);

    expect([...held.keys()].toSorted()).toEqual(kept.toSorted());
    // A direct write has no session that would say what was left out.
    const unknown = approval === 'bypass' ? lost.filter((value) => value !== POISON) : [];
    const rejected = lost.filter((value) => !unknown.includes(value));
    expect(run).toMatchObject({
      new: 40,
      confirmed: kept.length,
      rejected: rejected.length,
      pending: unknown.length,
      setAside: unknown.length,
    });
    expect(await tipCounts(open)).toMatchObject({ holds: kept.length, duplicates: 0, updates: 0 });
    const reasons = await reasonsOf(open);
    expect(namesOf(reasons, 'rejected')).toEqual(rejected.toSorted());
    expect(namesOf(reasons, 'set-aside')).toEqual(unknown.toSorted());
    expect(reasons.get(POISON)?.reason).toContain('declined the indicator with 400');
    for (const { reason } of reasons.values()) expect(reason).toMatch(/ThreatStream/);
  },
);

interface Lost {
  readonly outcome: string | null;
  readonly reason: string;
}

function namesOf(lost: ReadonlyMap<string, Lost>, wanted: string): string[] {
  return [...lost].flatMap(([value, { outcome }]) => (outcome === wanted ? value : [])).toSorted();
}

/** Why each value was rejected or set aside, as the ledger of the worker that has ended says. */
async function reasonsOf({ openLedger }: Stack): Promise<ReadonlyMap<string, Lost>> {
  const ledger = await openLedger();
  try {
    const rows = await ledger
      .selectFrom('batch_items')
      .innerJoin('indicators', 'indicators.id', 'batch_items.indicator_id')
      .select(['indicators.value', 'batch_items.outcome', 'batch_items.reason'])
      .where('batch_items.outcome', 'in', ['rejected', 'set-aside'])
      .execute();
    return new Map(rows.map(({ value, outcome, reason }) => [value, { outcome, reason: reason ?? '' }]));
  } finally {
    await ledger.destroy();
  }
}
