import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type StixIndicator, stixIndicator } from '../../indicators/stix.ts';
import type { StixObject } from '../../indicators/stix-bundle.ts';
import { companions } from '../../indicators/stix-producer.ts';
import { withdrawnStix } from '../../indicators/withdrawn-stix.ts';
import { DIALECT, FIRST_VERSION, PRODUCER } from '../indicators/stix-arbitraries.ts';
import { asFetched } from '../sandbox/https-request.ts';
import { describeJudged } from './judges.ts';
import { readTaxii } from './read-taxii.ts';
import { MEDIA_TYPE, startMedallion, startOpenTaxii, type TaxiiServer } from './taxii-servers.ts';
import { KEYS, saidOf } from './written-objects.ts';

const statusShape = z.object({ status: z.string(), success_count: z.number(), failure_count: z.number() });

const INDICATORS = KEYS.map((key, number) => stixIndicator(saidOf(key, number), DIALECT, FIRST_VERSION));

function add(server: TaxiiServer, objects: readonly StixObject[]) {
  return asFetched(server, `${server.collection}objects/`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${server.user}:${server.password}`).toString('base64')}`,
      accept: MEDIA_TYPE,
      'content-type': MEDIA_TYPE,
    },
    body: JSON.stringify({ objects }),
  });
}

/** Instants as instants: OpenTAXII gives back microseconds. And of a `spec_version` it gives back the type. */
function contentOf(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const times = ['created', 'modified', 'valid_from', 'valid_until'].flatMap((name) => {
    const value = object[name];
    return typeof value === 'string' ? [[name, new Date(value).toISOString()] as const] : [];
  });
  return { ...object, spec_version: '2.1', ...Object.fromEntries(times) };
}

for (const [name, start, again, takesMarkings] of [
  ['medallion', startMedallion, 'failure_count', true],
  ['OpenTAXII', startOpenTaxii, 'success_count', false],
] as const) {
  describeJudged(name, () => {
    let server: TaxiiServer;

    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.close());

    it('takes what we write, and an independent reader finds all of it', async () => {
      const all: readonly StixObject[] = [...companions(INDICATORS, PRODUCER), ...INDICATORS];
      const objects = takesMarkings ? all : all.filter(({ type }) => type !== 'marking-definition');
      expect((await add(server, objects)).status).toBe(202);
      const held = await readTaxii(server);
      expect(held.map(contentOf).toSorted(byId)).toEqual(objects.map((each) => contentOf({ ...each })).toSorted(byId));
    });

    it('says of what is there already that it is so, in its own way', async () => {
      const [indicator] = INDICATORS;
      if (indicator === undefined) expect.fail();
      const reply = statusShape.parse((await add(server, [indicator])).json());
      expect(reply[again]).toBe(1);
      expect(reply.status).toBe('complete');
    });

    it('gives the newest version of what was withdrawn', async () => {
      const [, indicator] = INDICATORS;
      if (indicator === undefined) expect.fail();
      const withdrawn: StixIndicator = withdrawnStix(indicator, indicator.modified, 'revoke-and-end');
      await add(server, [withdrawn]);
      const held = await readTaxii(server, { id: [indicator.id] });
      expect(held.map(contentOf)).toEqual([contentOf({ ...withdrawn })]);
      expect(await readTaxii(server, { id: [indicator.id], version: ['all'] })).toHaveLength(2);
    });

    it(`${takesMarkings ? 'takes' : 'breaks on'} markings, which have no \`modified\``, async () => {
      const [, ...markings] = companions(INDICATORS, PRODUCER);
      expect(markings).toHaveLength(5);
      const held = takesMarkings ? await readTaxii(server, { type: ['marking-definition'] }) : [];
      expect(held).toHaveLength(takesMarkings ? 5 : 0);
      // What is there already is no error to the request.
      expect((await add(server, markings)).status).toBe(takesMarkings ? 202 : 500);
    });

    it('refuses a body that is too long', async () => {
      const small = await start({ maxContentLength: 1_000 });
      const reply = await add(small, INDICATORS);
      await small.close();
      expect(reply.status).toBe(413);
    });
  });
}

function byId(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): number {
  return String(a['id']) < String(b['id']) ? -1 : 1;
}
