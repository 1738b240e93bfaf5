import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deliverable, Held } from '../../destinations/destination.ts';
import { createTaxii } from '../../destinations/taxii/taxii.ts';
import type { HttpClient, HttpRequest } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { deliver, SIGNAL, type TaxiiBench, taxiiSettings } from '../destinations/taxii-bench.ts';
import { deliverable, oneOfEach } from '../destinations/threatstream-indicators.ts';
import { describeJudged } from './judges.ts';
import { readTaxii } from './read-taxii.ts';
import { startMedallion, startOpenTaxii, type TaxiiServer } from './taxii-servers.ts';

const FIRST = 100;
const ITEMS: readonly Deliverable[] = [
  ...oneOfEach(),
  ...Array.from({ length: 292 }, (_, number) =>
    deliverable(
      FIRST + number,
      number % 2 === 0 ? 'domain' : 'url',
      number % 2 === 0 ? `host${number}.example.com` : `https://host${number}.example.com/é?q='${number}'`,
      {
        description: 'Seen in a "campaign",\n50% of it. é😀',
      },
    ),
  ),
];
const CHANGED = ITEMS.slice(20, 40).map((item) =>
  deliverable(item.id, item.indicator.key.type, item.indicator.key.value, { ...item.indicator.facts, confidence: 99 }),
);
const GONE = ITEMS.slice(40, 50);

for (const [name, start, signIn] of [
  ['medallion, with a password', startMedallion, 'basic'],
  ['OpenTAXII, with a token', startOpenTaxii, 'bearer'],
] as const) {
  describeJudged(`the TAXII destination on ${name}`, () => {
    let server: TaxiiServer;
    let http: HttpClient;
    let bench: Pick<TaxiiBench, 'taxii' | 'clock'>;
    const requests: HttpRequest[] = [];
    let held = new Map<number, Held>();
    const posts = () => requests.filter(({ method }) => method === 'POST').length;
    const current = async () => {
      const all = await readTaxii(server, { type: ['indicator'] });
      return all.filter(({ revoked }) => revoked !== true);
    };

    beforeAll(async () => {
      server = await start();
      const client = createHttpClient({ ca: server.ca, timeoutMs: 60_000, connections: 4 });
      http = client;
      const pair = Buffer.from(`${server.user}:${server.password}`).toString('base64');
      const clock = { at: new Date() };
      const taxii = createTaxii(
        taxiiSettings(server.apiRoot.replace(/\/$/, ''), {
          collection: server.collectionId,
          authorization: signIn === 'basic' ? `Basic ${pair}` : `Bearer ${server.bearer ?? ''}`,
          maxObjects: 100,
        }),
        {
          http: {
            send(request) {
              requests.push(request);
              return client.send(request);
            },
            close: () => client.close(),
          },
          pace: { async before() {}, answered() {}, async throttled() {} },
          now: () => clock.at,
          deployment: 'of the tests',
          tlpDefault: 'green',
          requestTimeoutMs: 60_000,
        },
      );
      bench = { taxii, clock };
    });
    afterAll(async () => {
      await http.close();
      await server.close();
    });

    it('has all that was brought, as an independent reader finds', async () => {
      const answer = await deliver(bench, ITEMS);
      held = answer.held;
      expect(answer).toMatchObject({ accepted: ITEMS.map(({ id }) => id), unknown: [], rejected: [] });
      const names = (await current()).map((object) => String(object['name']));
      expect(names.toSorted()).toEqual(ITEMS.map(({ indicator }) => indicator.key.value).toSorted());
    }, 120_000);

    it('is sent nothing when it is brought again', async () => {
      const before = posts();
      expect((await deliver(bench, ITEMS)).accepted).toHaveLength(300);
      expect(posts()).toBe(before);
    }, 120_000);

    it('has just what was changed and withdrawn, as the reader sees', async () => {
      expect((await deliver(bench, CHANGED, held)).accepted).toHaveLength(20);
      const gone = GONE.map(({ id, indicator: { key } }) => ({ id, key, held: held.get(id) ?? null }));
      expect((await bench.taxii.withdraw(gone, SIGNAL)).withdrawn).toHaveLength(10);
      const there = await current();
      expect(there).toHaveLength(290);
      const certain = there.filter(({ confidence }) => confidence === 99).map((object) => String(object['name']));
      expect(certain.toSorted()).toEqual(CHANGED.map(({ indicator }) => indicator.key.value).toSorted());
      const names = new Set(there.map((object) => object['name']));
      expect(GONE.filter(({ indicator }) => names.has(indicator.key.value))).toEqual([]);
      const versions = await readTaxii(server, { type: ['indicator'], version: ['all'] });
      expect(versions).toHaveLength(300 + 20 + 10);
    }, 120_000);

    it('has what comes back under another id', async () => {
      const [back] = GONE;
      const was = held.get(back?.id ?? 0);
      if (back === undefined || was === undefined) expect.fail();
      const withdrawn = { ...was, form: null, maybes: was.form === null ? [] : [was.form], withdrawn: 'yes' as const };
      expect((await deliver(bench, [back], new Map([[back.id, withdrawn]]))).accepted).toEqual([back.id]);
      expect(await current()).toHaveLength(291);
    }, 120_000);
  });
}
