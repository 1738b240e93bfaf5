import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import type { FaultsPatch } from '../../sandbox/faults.ts';
import { madeUpReputation } from '../../sandbox/graph/made-up-reputation.ts';
import type { ArrivingRow } from '../../sandbox/rows/arrived-row.ts';
import { openStack } from './open-stack.ts';
import { type Held, heldAfter, type ModelPolicy, POLICY } from './reference-model.ts';
import { type Holding, holding } from './shown-holding.ts';
import type { Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const counts = z.object({
  requests: z.looseObject({ threatstream: z.number() }),
  holds: z.number(),
  sessions: z.number(),
  duplicates: z.number(),
  discarded: z.number(),
  updates: z.number(),
  withdrawn: z.number(),
  publicShares: z.number(),
  publicTags: z.number(),
});

const DAY_MS = 86_400_000;
const GREEN = 'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da';
const AMBER = 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82';

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

function fromNow(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

/** In turn a hash, a URL, some of which a CSV could mean for a wildcard, a domain, an address of a mailbox, and a URL. */
function observable(
  index: number,
  domains: Iterator<string, never>,
  isCsv: boolean,
): Pick<ArrivingRow, 'ObservableKey' | 'ObservableValue'> {
  // A text would be divided there, and is encoded.
  const plain = `http://files.example.com/${index}${isCsv ? '?a="1",2' : ''}`;
  switch (index % 5) {
    case 0: {
      const digest = createHash('sha256').update(`file ${index}`).digest('hex');
      return { ObservableKey: "file:hashes.'SHA-256'", ObservableValue: digest };
    }
    case 1:
      return {
        ObservableKey: 'url:value',
        ObservableValue: index % 50 === 1 ? `http://files.example.com/a%2F${index}` : plain,
      };
    case 2:
      return { ObservableKey: 'domain-name:value', ObservableValue: domains.next().value };
    case 3:
      return { ObservableKey: 'email-addr:value', ObservableValue: `billing${index}@example.com` };
    default:
      return { ObservableKey: 'url:value', ObservableValue: `${plain}&=${index}` };
  }
}

/** Those that the stand-in for MDTI gives a score from the minimum on. */
function* scoredDomains(): Generator<string, never> {
  for (let index = 1; ; index += 1) {
    const host = `mail-${index}.example.com`;
    if ((madeUpReputation(POLICY.seed, host)?.score ?? 0) >= POLICY.minimumScore) yield host;
  }
}

function rowsOf(indicators: number, isCsv: boolean): readonly ArrivingRow[] {
  const domains = scoredDomains();
  return Array.from({ length: indicators }, (_, index) => ({
    IngestionTime: fromNow(-60_000),
    TimeGenerated: fromNow(-60_000),
    Modified: fromNow(-60_000),
    Id: `indicator--${index}`,
    ...observable(index, domains, isCsv),
    Confidence: 80 + (index % 3) * 7,
    ValidUntil: index % 7 === 0 ? null : fromNow((30 + (index % 40)) * DAY_MS),
    Tags: index % 4 === 0 ? 'campaign:alpha' : '',
    Data: { labels: ['malware'], object_marking_refs: [index % 6 === 0 ? GREEN : AMBER] },
  }));
}

/** What is said of an indicator after it changed; a fifth of those that change do so in each way. */
const CHANGES: readonly ((row: ArrivingRow) => Partial<ArrivingRow>)[] = [
  ({ Confidence }) => ({ Confidence: (Confidence ?? 0) - 30 }),
  () => ({ Tags: 'campaign:beta,campaign:gamma' }),
  ({ ValidUntil }) => ({ ValidUntil: ValidUntil ? null : fromNow(100 * DAY_MS) }),
  ({ Data }) => ({ Data: { ...Object(Data), labels: ['phishing'] } }),
  () => ({ Revoked: true }),
];

/** So many of the rows as they are edited now. */
function edited(rows: readonly ArrivingRow[], changed: number): readonly ArrivingRow[] {
  const isPlain = ({ ObservableKey }: ArrivingRow): boolean => ObservableKey === 'url:value';
  const plain = rows.filter(isPlain);
  const others = rows.filter((row) => !isPlain(row));
  const each = changed / CHANGES.length;
  // At one instant: one run reads them all.
  const now = { IngestionTime: fromNow(0), TimeGenerated: fromNow(0), Modified: fromNow(0) };
  return CHANGES.flatMap((change, place) => {
    // What is phishing now is named so in the itype of a URL; all other kinds change in the other ways.
    const from = place === 0 || place === 3 ? plain : others;
    return from.slice(place * each, (place + 1) * each).map((row) => Object.assign({}, row, now, change(row)));
  });
}

async function holdingsOf({ control }: Stack): Promise<ReadonlyMap<string, Holding>> {
  const all = z.array(holding).parse(await control('POST', '/tips/threatstream/holdings'));
  return new Map(all.map((one) => [one.value, one]));
}

interface Story {
  readonly name: string;
  readonly indicators: number;
  readonly changed: number;
  readonly destination: { readonly approval?: 'bypass'; readonly import?: 'text' };
  readonly faults: NonNullable<FaultsPatch['threatstream']>;
}

const stories: readonly Story[] = [
  { name: 'a thousand by CSV', indicators: 1_000, changed: 100, destination: {}, faults: {} },
  { name: 'by text', indicators: 200, changed: 40, destination: { import: 'text' }, faults: {} },
  {
    name: 'written directly, where tags of objects replace',
    indicators: 200,
    changed: 40,
    destination: { approval: 'bypass' },
    faults: { objectTags: 'replace' },
  },
  {
    name: 'by an appliance without the lists of a session',
    indicators: 200,
    changed: 40,
    destination: {},
    faults: { sessionLists: 'missing' },
  },
  {
    name: 'where an approval gives other ids',
    indicators: 200,
    changed: 40,
    destination: {},
    faults: { idsChangeOnApproval: true },
  },
];

test.each(stories)(
  'what changes at the source is changed by its id, and brought by no session ($name)',
  async ({ indicators, changed, destination, faults }) => {
    const opened = await openStack({
      sandbox: ['--indicators', '0', '--seed', String(POLICY.seed)],
      source: { since: '2h', window: oneWindow(new Date()) },
      policy: { minimumScore: POLICY.minimumScore, exclude: { reservedAddresses: false } },
      destination,
    });
    stack = opened;
    const seen = async () => counts.parse(await tipCounts(opened));
    await opened.control('PUT', '/faults', { threatstream: faults });
    await opened.startWorker();

    const rows = rowsOf(indicators, destination.import !== 'text');
    await opened.control('POST', '/rows', rows);
    expect(await opened.sync()).toMatchObject({ new: indicators, confirmed: indicators, rejected: 0, pending: 0 });
    await opened.control('POST', '/tips/threatstream/review', { decision: 'approve' });
    const before = await seen();
    expect(before).toMatchObject({ holds: indicators, duplicates: 0, discarded: 0, updates: 0, publicTags: 0 });
    const brought = await holdingsOf(opened);

    const edits = edited(rows, changed);
    expect(edits).toHaveLength(changed);
    await opened.control('POST', '/rows', edits);
    const revoked = changed / CHANGES.length;
    let run = await opened.sync();
    while (run['rows'] === 0) run = await opened.sync();
    expect(run).toMatchObject({
      rows: changed,
      changed: changed - revoked,
      confirmed: changed - revoked,
      retracted: revoked,
      rejected: 0,
      pending: 0,
    });

    const isDirect = destination.approval === 'bypass';
    const policy: ModelPolicy = isDirect ? { ...POLICY, confidenceStep: 1, heldUpTo: 'day' } : POLICY;
    const after = await holdingsOf(opened);
    const active = [...after.values()].filter(({ status }) => status === 'active');
    // A direct write cannot say a TLP.
    const model = heldAfter([...rows, ...edits], policy, new Date());
    const wanted = new Map([...model].map(([value, one]) => [value, isDirect ? { ...one, tlp: null } : one]));
    expect(new Map(active.map((one) => [one.value, contentOf(one)]))).toEqual(wanted);
    const phishing = edits.flatMap(({ Data, ObservableValue }) => (isPhishing(Data) ? String(ObservableValue) : []));
    expect(active.flatMap(({ value, itype }) => (itype.startsWith('phish_') ? value : [])).toSorted()).toEqual(
      phishing.toSorted(),
    );
    expect(new Map([...after].map(([value, { id }]) => [value, id]))).toEqual(
      new Map([...brought].map(([value, { id }]) => [value, id])),
    );

    // What is phishing now is also tagged so: that is two changes of each.
    const updates = changed - revoked + phishing.length;
    const { requests, ...counted } = await seen();
    // Without an id from the lists of its session, what changes is brought again, discarded there, and changed by the id that it has.
    const again = faults.sessionLists === 'missing' ? { sessions: counted.sessions, discarded: counted.discarded } : {};
    expect(counted).toEqual({
      holds: indicators - revoked,
      sessions: before.sessions,
      duplicates: 0,
      discarded: 0,
      ...again,
      updates,
      withdrawn: revoked,
      publicShares: 0,
      publicTags: 0,
    });
    // One for each that changes, but for all that are tagged alike; and two for each session of which the approval is learnt.
    const spent = requests.threatstream - before.requests.threatstream;
    if (!('sessions' in again)) expect(spent).toBeLessThan(changed + 2 * before.sessions);
    // It is all done.
    expect(await opened.sync()).toMatchObject({ new: 0, changed: 0, retracted: 0, pending: 0 });
    expect((await seen()).updates).toBe(updates);
  },
);

function contentOf({ type, confidence, tlp, expiration, tags }: Holding): Held {
  return { type, confidence, tlp, expiration, tags: tags.filter((tag) => tag.startsWith('campaign:')).toSorted() };
}

function isPhishing(data: unknown): boolean {
  return JSON.stringify(data).includes('phishing');
}
