import { expect, it } from 'vitest';
import { z } from 'zod';
import { stixIndicator } from '../../indicators/stix.ts';
import { stixBundle } from '../../indicators/stix-bundle.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import { companions } from '../../indicators/stix-producer.ts';
import { DIALECT, FIRST_VERSION, FOR_OPENCTI, PRODUCER } from '../indicators/stix-arbitraries.ts';
import { describeJudged, runJudge } from './judges.ts';
import { KEYS, saidOf } from './written-objects.ts';

const eventShape = z.object({
  attributes: z.array(
    z.object({
      uuid: z.string(),
      type: z.string(),
      category: z.string(),
      value: z.string(),
      tags: z.array(z.string()),
    }),
  ),
  errors: z.array(z.string()),
  warnings: z.array(z.string()),
});

describeJudged("OpenCTI's client", () => {
  it('gives the same ids as we do', async () => {
    const ids = KEYS.map((key) => stixIndicator(saidOf(key), FOR_OPENCTI, FIRST_VERSION).id);
    expect(await runJudge('opencti_ids.py', KEYS.map(stixPattern), z.array(z.string()))).toEqual(ids);
  });
});

describeJudged('MISP', () => {
  it('reads from a bundle what is in it', async () => {
    const indicators = KEYS.map((key, number) => stixIndicator(saidOf(key, number), DIALECT, FIRST_VERSION));
    const bundle = stixBundle([...companions(indicators, PRODUCER), ...indicators], PRODUCER.namespace);
    const event = await runJudge('misp_stix.py', bundle, eventShape);
    expect(event.errors).toEqual([]);
    expect(new Map(event.attributes.map(({ uuid, value }) => [`indicator--${uuid}`, value]))).toEqual(
      new Map(indicators.map(({ id, name }) => [id, name])),
    );
    expect(new Set(event.attributes.flatMap(({ tags }) => tags.filter((tag) => tag.startsWith('tlp:'))))).toEqual(
      new Set(['tlp:clear', 'tlp:green', 'tlp:amber', 'tlp:amber+strict', 'tlp:red']),
    );
  });
});
