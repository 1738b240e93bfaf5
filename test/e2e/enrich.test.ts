import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { openStack } from './open-stack.ts';
import { recordedTexts } from './recorded-texts.ts';
import type { Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const counts = z.object({
  requests: z.looseObject({ threatstream: z.number(), graph: z.number() }),
  lookUps: z.number(),
  tagWrites: z.number(),
  idleTagWrites: z.number(),
  comments: z.number(),
  doubleComments: z.number(),
  confidences: z.number(),
  foreignTouched: z.number(),
  publicTags: z.number(),
});

const holding = z.object({
  id: z.number(),
  value: z.string(),
  type: z.string(),
  status: z.string(),
  owner: z.enum(['own', 'foreign']),
  confidence: z.number(),
  comments: z.number(),
  tagged: z.array(z.object({ name: z.string(), tlp: z.string().nullable() })),
});
type Holding = z.infer<typeof holding>;

const reputations = z.record(z.string(), z.object({ score: z.number(), classification: z.string() }).nullable());

const ARTIFACTS = 3_000;
const OURS = /^mdti(?:-score)?:/;
const RESERVED = /^(?:(?:0|10|127|192\.168|203\.0\.113)\.|2001:db8:)/;

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

const holdingsOf = async ({ control }: Stack): Promise<readonly Holding[]> =>
  z.array(holding).parse(await control('POST', '/tips/threatstream/holdings'));
const seenBy = async (of: Stack) => counts.parse(await tipCounts(of));

/** The host in a value as people write it: in the judge's own words. */
function hostIn({ type, value }: Holding): string | null {
  const plain = value.replaceAll('[.]', '.').toLowerCase();
  // A name without a dot is nobody's on the Internet.
  if (type === 'ip' || type === 'ipv6' || type === 'domain')
    return /[.:]/.test(plain) ? plain.replace(/\.$/, '') : null;
  if (type === 'email') return plain.slice(plain.lastIndexOf('@') + 1);
  const url = plain.replace(/^hxxp/, 'http');
  return type === 'url' && URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : null;
}

function band(score: number): string {
  return score >= 90 ? '90-100' : score >= 75 ? '75-89' : '50-74';
}

/** What each is to carry of ours, by what the sandbox's MDTI says now. */
async function wantedOf(of: Stack, all: readonly Holding[], minimumScore = 50): Promise<ReadonlyMap<number, string>> {
  const hosts = [...new Set(all.flatMap((one) => hostIn(one) ?? []))];
  const known = reputations.parse(await of.control('POST', '/graph/reputation', { hosts }));
  return new Map(
    all.map((one) => {
      const host = hostIn(one);
      const said = host === null || RESERVED.test(host) || one.status !== 'active' ? null : (known[host] ?? null);
      const isShown = said !== null && said.score >= minimumScore;
      return [one.id, isShown ? `mdti-score:${band(said.score)} mdti:${said.classification}` : ''];
    }),
  );
}

function marksOf(all: readonly Holding[]): ReadonlyMap<number, string> {
  const ours = ({ tagged }: Holding) => tagged.filter(({ name, tlp }) => OURS.test(name) && tlp === 'red');
  return new Map(
    all.map((one) => [
      one.id,
      ours(one)
        .map(({ name }) => name)
        .toSorted()
        .join(' '),
    ]),
  );
}

/** What is nobody's business of ours. */
const withoutOurs = (all: readonly Holding[]) =>
  all
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, value, status, owner, confidence, tagged }) => ({
      id,
      value,
      status,
      owner,
      confidence,
      tagged: tagged.filter(({ name }) => !OURS.test(name)),
    }));

test('what ThreatStream holds gets the tags of its hosts, each looked up once; then only what changes is written', async () => {
  const opened = await openStack({ sandbox: ['--indicators', '0'], enrich: {} });
  stack = opened;
  await opened.control('POST', '/tips/threatstream/artifacts', { count: ARTIFACTS, seed: 7 });
  const before = await holdingsOf(opened);
  await opened.startWorker();

  const first = await opened.sync();
  expect(first).toMatchObject({ pending: 0, setAside: 0, gone: 0, unreadable: 0, cleared: 0, commented: 0 });
  expect(first['confirmed']).toBe(first['marked']);
  const held = await holdingsOf(opened);
  expect(marksOf(held)).toEqual(await wantedOf(opened, held));
  expect(withoutOurs(held)).toEqual(withoutOurs(before));
  const seen = await seenBy(opened);
  expect(seen).toMatchObject({
    lookUps: first['hosts'],
    tagWrites: first['marked'],
    idleTagWrites: 0,
    comments: 0,
    confidences: 0,
    foreignTouched: 0,
    publicTags: 0,
  });
  const hosts = Number(first['hosts']);
  expect(hosts).toBeGreaterThan(600);
  expect(seen.requests.graph).toBeLessThanOrEqual(Math.ceil(hosts / 20) + 5);
  expect((seen.requests.graph + seen.requests.threatstream) / hosts).toBeLessThanOrEqual(90 / 1_000);

  const again = await opened.sync();
  expect(again).toMatchObject({ new: 0, changed: 0, judged: 0, lookedUp: 0, marked: 0, cleared: 0, pending: 0 });
  expect(await seenBy(opened)).toMatchObject({ lookUps: seen.lookUps, tagWrites: seen.tagWrites });

  // Two hosts rise, one falls; then the time of all reputations is over.
  const byHost = new Map(held.filter(({ status }) => status === 'active').map((one) => [hostIn(one), one]));
  const wanted = await wantedOf(opened, held);
  const carrying = (mark: string) =>
    [...byHost].flatMap(([host, one]) => ((wanted.get(one.id) ?? '').includes(mark) ? [host ?? ''] : []));
  const [up, other] = carrying('mdti:suspicious');
  const [down] = carrying('mdti-score:90-100');
  await opened.control('PUT', '/faults', {
    graph: {
      reputations: {
        [up ?? '']: { score: 91, classification: 'malicious' },
        [other ?? '']: { score: 77, classification: 'malicious' },
        [down ?? '']: { score: 3, classification: 'unknown' },
      },
    },
  });
  const ledger = await opened.openLedger();
  await sql`update reputations set expires_at = now() - interval '1 second'`.execute(ledger);
  await ledger.destroy();
  const changed = await opened.sync();
  const now = await holdingsOf(opened);
  expect(marksOf(now)).toEqual(await wantedOf(opened, now));
  const touched = now.filter((one) => one.status === 'active' && [up, other, down].includes(hostIn(one) ?? ''));
  expect(changed).toMatchObject({ lookedUp: hosts, setAside: 0, pending: 0 });
  expect(Number(changed['marked']) + Number(changed['cleared'])).toBe(touched.length);
  expect(await seenBy(opened)).toMatchObject({
    tagWrites: seen.tagWrites + touched.length,
    idleTagWrites: 0,
    publicTags: 0,
  });

  const recorded = await recordedTexts(opened.temporal, opened.pipeline);
  expect(recorded.length).toBeGreaterThan(100);
  const shown = before.filter(({ value }) => value.length > 8 && recorded.some(({ text }) => text.includes(value)));
  expect(shown.map(({ value }) => value)).toEqual([]);
});

test('of what a query of the workspace names, that is enriched which ThreatStream holds; comments and confidences as chosen', async () => {
  const opened = await openStack({
    sandbox: ['--indicators', '0'],
    enrich: {
      select: {
        kql: {
          workspaceId: '00000000-5a4d-b0c5-0000-000000000003',
          query: 'ThreatIntelIndicators | project Seen = ObservableValue',
          column: 'Seen',
        },
      },
      write: { comment: true, score: true },
    },
  });
  stack = opened;
  const now = new Date().toISOString();
  const seen = ['alert-one.example.net', 'alert-two.example.net', '203.0.113.9'];
  await opened.control(
    'POST',
    '/rows',
    seen.map((value, index) => ({
      IngestionTime: now,
      TimeGenerated: now,
      Modified: now,
      Id: `indicator--${index}`,
      ObservableKey: 'domain-name:value',
      ObservableValue: value,
    })),
  );
  const held = (value: string, owner: 'own' | 'foreign', feed: number) => ({
    type: 'domain',
    value,
    owner,
    feed,
    confidence: 40,
  });
  await opened.control('POST', '/tips/threatstream/artifacts', {
    artifacts: [
      held('alert-one.example.net', 'own', 0),
      held('alert-one.example.net', 'foreign', 101),
      held('nobody-asks.example.net', 'own', 0),
    ],
  });
  const bad = { score: 95, classification: 'malicious' };
  await opened.control('PUT', '/faults', {
    graph: { reputations: { 'alert-one.example.net': bad, 'nobody-asks.example.net': bad } },
    // What is asked for twice is done once.
    threatstream: { everyNth503: 4, everyNth429: 7 },
  });
  await opened.startWorker();

  expect(await opened.sync()).toMatchObject({
    read: 2,
    artifacts: 2,
    hosts: 1,
    lookedUp: 1,
    marked: 2,
    confirmed: 2,
    commented: 1,
    rescored: 1,
  });
  const shown = (await holdingsOf(opened)).toSorted((a, b) => a.id - b.id);
  expect(
    shown.map(({ value, owner, confidence, comments, tagged }) => ({
      value,
      owner,
      confidence,
      comments,
      tags: tagged.length,
    })),
  ).toEqual([
    { value: 'alert-one.example.net', owner: 'own', confidence: 95, comments: 1, tags: 2 },
    { value: 'alert-one.example.net', owner: 'foreign', confidence: 40, comments: 1, tags: 2 },
    { value: 'nobody-asks.example.net', owner: 'own', confidence: 40, comments: 0, tags: 0 },
  ]);
  expect(await opened.sync()).toMatchObject({ read: 0, lookedUp: 0, marked: 0, commented: 0, rescored: 0, pending: 0 });
  const status = await opened.command('status', '--pipeline', opened.pipeline);
  expect(status.stdout).toMatch(/2 known, with 1 hosts: 2 right/);
  const coverage = await opened.command('coverage', '--pipeline', opened.pipeline);
  expect(coverage.stdout).toMatch(/pass 1 over all that is selected/);
  const check = await opened.command('enrich', '--pipeline', opened.pipeline, '--check');
  expect(check.stdout).toMatch(/The query names 3 different hosts, an/);
});

test('a selection that ThreatStream declines is said when it is checked, and blocks the run until it is mended', async () => {
  const opened = await openStack({ sandbox: ['--indicators', '0'], enrich: { select: { q: '((confidence>=' } } });
  stack = opened;
  await opened.startWorker();
  const check = await opened.command('enrich', '--pipeline', opened.pipeline, '--check');
  expect(check).toMatchObject({ code: 1 });
  expect(check.stderr).toMatch(/ThreatStream answered 400 .*select\.q of the pipeline/);
  const run = await opened.command('enrich', '--pipeline', opened.pipeline, '--json');
  expect(run).toMatchObject({ code: 4 });
  expect(run.stderr).toMatch(/is blocked: ThreatStream answered 400 .*select\.q of the pipeline/);
  const runs = await opened.command('runs', 'list', '--pipeline', opened.pipeline, '--json');
  expect(runs.stdout).toMatch(/"type":"enrich".*"state":"blocked"/);
});
