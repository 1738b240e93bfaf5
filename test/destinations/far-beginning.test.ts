import { expect, test } from 'vitest';
import { dialectOf, render } from '../../destinations/sentinel-upload/render.ts';
import type { Facts } from '../../indicators/indicator.ts';
import { deliver as deliverToOpenCti, pushesOf, startOpenCti } from './opencti-bench.ts';
import { deliver, SERVERS, startTaxii } from './taxii-bench.ts';
import { deliverable } from './threatstream-indicators.ts';

/** The last instant that Kusto and .NET know: what could come after it has no four digits for its year. */
const FAR = '9999-12-31T23:59:59.9999999Z';
/** Instants as STIX writes them: none has a year of six digits. */
const BEYOND = /"\+01\d{4}-/;

const far = (facts: Partial<Facts>) =>
  deliverable(1, 'domain', 'evil.example', { validFrom: FAR, validUntil: '2027-01-01T00:00:00.0000000Z', ...facts });

test.each(SERVERS)(
  'a server like %s gets what begins at no time that anything could follow, and its changes',
  async (duplicates) => {
    const bench = await startTaxii({ duplicates });
    const { held, ...first } = await deliver(bench, [far({ confidence: 10 })]);
    expect(first).toMatchObject({ accepted: [1], unknown: [] });
    expect(await deliver(bench, [far({ confidence: 20 })], held)).toMatchObject({ accepted: [1], unknown: [] });
    expect(JSON.stringify(bench.added())).not.toMatch(BEYOND);
  },
);

test('OpenCTI does, too', async () => {
  const bench = await startOpenCti();
  const { held, settled } = await deliverToOpenCti(bench, far({ confidence: 10 }));
  expect(settled).toMatchObject({ accepted: [1] });
  const again = await deliverToOpenCti(bench, { ...far({ confidence: 20 }), held });
  expect(again.settled).toMatchObject({ accepted: [1] });
  const pushed = pushesOf(bench).flat();
  expect(JSON.stringify(pushed)).not.toMatch(BEYOND);
  expect(new Set(pushed.map(({ modified }) => modified)).size).toBe(2);
});

test('and so does Sentinel', () => {
  const dialect = dialectOf('a deployment', 'amber', 'mdti-sync');
  const { form } = render(far({ confidence: 10 }), dialect);
  const held = { remoteId: 'any', form, maybes: [], awaits: false };
  const after = render({ ...far({ confidence: 20 }), held }, dialect);
  expect(JSON.stringify([form, after])).not.toMatch(BEYOND);
  expect(String(after.form['modified']) > String(form['modified'])).toBe(true);
});
