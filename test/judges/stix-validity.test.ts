import { expect, it } from 'vitest';
import { companions } from '../../indicators/stix-producer.ts';
import { PRODUCER } from '../indicators/stix-arbitraries.ts';
import { describeJudged } from './judges.ts';
import { stixFindings } from './stix-findings.ts';
import { DIALECTS, everyForm, leastForms } from './written-objects.ts';

describeJudged('stix2-validator', () => {
  it('finds nothing wrong with whatever we write', async () => {
    const objects = DIALECTS.flatMap((dialect) => {
      // The two sets of markings differ in ids only.
      const forms = dialect.markings === 'tlp-1' ? [] : everyForm(dialect);
      const indicators = [...forms, ...leastForms(dialect)];
      return [...companions(indicators, PRODUCER), ...indicators];
    });
    expect(await stixFindings(objects)).toEqual([]);
  });

  it('finds what is wrong', async () => {
    const [indicator] = leastForms(DIALECTS[0]);
    if (indicator === undefined) expect.fail();
    const wrong = [
      { valid_until: indicator.valid_from },
      { pattern: '[ipv4-addr:value = ' },
      { labels: [] },
      { modified: 'today' },
    ].map((change, number) => Object.assign({}, indicator, change, { id: `${indicator.id.slice(0, -1)}${number}` }));
    expect((await stixFindings(wrong)).map(({ id }) => id)).toEqual(wrong.map(({ id }) => id));
  });
});
