import { assert, constantFrom, date, property, string, webUrl } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deliverable } from '../../destinations/destination.ts';
import { bulkBody } from '../../destinations/threatstream/bulk-body.ts';
import { expirationOf, expirationTs } from '../../destinations/threatstream/expiration.ts';
import { importForm } from '../../destinations/threatstream/import-form.ts';
import { plan } from '../../destinations/threatstream/plan.ts';
import { render } from '../../destinations/threatstream/render.ts';
import { textValue } from '../../destinations/threatstream/text-value.ts';
import type { ThreatStreamSettings } from '../../destinations/threatstream/threatstream-settings.ts';
import { itypeOf, kindOf, threatTypeOf } from '../../destinations/threatstream-csv/itypes.ts';
import { Fault } from '../../indicators/fault.ts';
import { INDICATOR_TYPES, THREATS } from '../../indicators/indicator.ts';
import { merge } from '../../indicators/merge.ts';
import { observeRow } from '../../indicators/observe-row.ts';
import { isItypeOf, isThreatType } from '../../sandbox/threatstream/kinds.ts';
import { observablesIn } from '../../sandbox/threatstream/observables.ts';
import { oddRow, oddText } from '../indicators/arbitraries.ts';
import { deliverable } from './threatstream-indicators.ts';
import { settings } from './threatstream-settings.ts';

const RULES = [
  { name: 'Name server', description: '', severity: 'medium', relatedDetailsUrl: null },
  { name: 'Third Party Blocklist', description: '', severity: 'high', relatedDetailsUrl: null },
];

function scored(score: number): Deliverable {
  return deliverable(1, 'domain', 'evil.example.com', {
    verdict: { kind: 'scored', score, classification: 'malicious', rules: RULES },
  });
}

describe('itypes', () => {
  it('are of the vocabulary for every type and threat', () => {
    for (const type of INDICATOR_TYPES) {
      for (const threat of THREATS) {
        const kind = kindOf(type);
        expect(isItypeOf(kind, itypeOf(kind, threat, settings().itypes)), `${type} ${threat}`).toBe(true);
        expect(isThreatType(threatTypeOf(threat, settings().threatTypes)), threat).toBe(true);
      }
    }
  });

  it('and threat types can be replaced', () => {
    const own = settings({ itypes: { md5: { c2: 'apt_md5' } }, threatTypes: { tor: 'anonymization' } });
    expect(itypeOf('md5', 'c2', own.itypes)).toBe('apt_md5');
    expect(itypeOf('ip', 'c2', own.itypes)).toBe('c2_ip');
    expect(threatTypeOf('tor', own.threatTypes)).toBe('anonymization');
  });
});

describe('an observable', () => {
  it.each([
    [100, 100, 'very-high', '90-100'],
    [89, 80, 'high', '75-89'],
    [75, 70, 'high', '75-89'],
    [74, 70, 'medium', '50-74'],
    [49, 40, 'low', '0-49'],
  ])(
    'with a score of %i has a confidence of %i, severity %s if that is asked for, and the band %s',
    (score, confidence, severity, band) => {
      expect(render(scored(score), settings()).form).toMatchObject({ confidence, severity: null });
      expect(render(scored(score), settings({ severity: 'score' })).form).toMatchObject({
        severity,
        tags: expect.arrayContaining([`mdti-score:${band}`]),
      });
    },
  );

  it('has the confidence of its source, or 50 and the severity of the settings', () => {
    const known = deliverable(1, 'md5', 'd41d8cd98f00b204e9800998ecf8427e', { confidence: 92 });
    expect(render(known, settings({ approval: 'bypass', severity: 'score' })).form).toMatchObject({
      confidence: 92,
      severity: 'very-high',
    });
    const unknown = deliverable(1, 'md5', 'd41d8cd98f00b204e9800998ecf8427e', { confidence: null });
    expect(render(unknown, settings({ severity: 'score' })).form).toMatchObject({
      confidence: 50,
      severity: 'medium',
    });
  });

  it.each([
    ['all', ['mdti', 'mdti:malicious', 'Name server', 'Third Party Blocklist']],
    ['high', ['mdti', 'mdti:malicious', 'Third Party Blocklist']],
    ['none', ['mdti', 'mdti:malicious']],
  ] as const)('is tagged with rules: %s', (ruleTags, tags) => {
    const expected = [...tags, 'activitygroup:storm-0000', 'mdti-score:75-89', 'soc'].sort();
    expect(render(scored(80), settings({ ruleTags, extraTags: ['soc', 'mdti'] })).form).toMatchObject({
      tags: expected,
    });
  });

  it('has another hash exactly when something that is shown differs', () => {
    const hashOf = (item: Deliverable, more: Partial<ThreatStreamSettings> = {}) => render(item, settings(more)).hash;
    expect(hashOf(scored(81))).toBe(hashOf(scored(84)));
    expect(hashOf(scored(81))).not.toBe(hashOf(scored(91)));
    // What cannot be changed of what is held is no reason to send it again.
    expect(hashOf(scored(81))).toBe(hashOf(scored(81), { visibility: 'public', intelligenceSource: 'other' }));
    expect(hashOf(scored(81))).toBe(hashOf(scored(81), { import: 'text' }));
    const held = { remoteId: '7', form: null, maybes: [], awaits: false };
    expect(hashOf({ ...scored(81), held })).toBe(hashOf(scored(81)));
    expect(hashOf({ ...scored(81), id: 2 })).toBe(hashOf(scored(81)));
  });
});

describe('expiration', () => {
  const never = { expirationDays: undefined, expirationGranularity: 'day' } as const;
  it.each([
    ['2027-01-10T08:30:00.0000000Z', 'day', '2027-01-11T00:00:00'],
    ['2027-01-11T00:00:00.0000000Z', 'day', '2027-01-11T00:00:00'],
    ['2027-01-10T08:30:00.0000000Z', 'hour', '2027-01-10T09:00:00'],
    ['2027-01-10T08:30:00.5000000Z', 'second', '2027-01-10T08:30:01'],
    ['2027-01-10T08:30:00.0000000Z', 'month', '2027-02-01T00:00:00'],
    ['2027-12-31T23:59:59.9999999Z', 'month', '2028-01-01T00:00:00'],
    ['2027-02-01T00:00:00.0000000Z', 'month', '2027-02-01T00:00:00'],
    ['9999-12-01T00:00:00.0010000Z', 'month', 'null'],
    ['2027-01-10T08:30:00.0000000Z', 'none', '2027-01-11T00:00:00'],
  ] as const)('of %s by the %s is %s', (validUntil, expirationGranularity, expected) => {
    expect(expirationOf(validUntil, { expirationDays: undefined, expirationGranularity })).toBe(expected);
  });

  it('is never, or counted from the sending, for those without an end', () => {
    expect(expirationOf(null, never)).toBe('null');
    const counted = expirationOf(null, { ...never, expirationDays: 90 });
    expect(counted).toBe('+90');
    expect(expirationTs(counted, new Date('2026-11-24T08:00:00Z'))).toBe('2027-02-23T00:00:00');
    expect(expirationTs('null', new Date())).toBe('null');
  });

  it.each([
    ['9999-12-31T23:59:59.9999999Z', 'day', 'null'],
    ['9999-12-31T23:59:59.9999999Z', 'hour', 'null'],
    ['9999-12-31T23:59:59.9999999Z', 'second', 'null'],
    ['9999-12-31T00:00:00.0000000Z', 'day', '9999-12-31T00:00:00'],
    ['9999-12-31T00:00:00.0010000Z', 'day', 'null'],
    ['9998-12-31T23:59:59.9999999Z', 'day', '9999-01-01T00:00:00'],
    ['0001-01-01T00:00:00.0000000Z', 'day', '0001-01-01T00:00:00'],
    ['0000-01-01T00:00:00.0010000Z', 'day', '0000-01-02T00:00:00'],
    ['1969-12-31T23:59:59.9990000Z', 'day', '1970-01-01T00:00:00'],
  ] as const)('of %s by the %s is within all years, or never: %s', (validUntil, expirationGranularity, expected) => {
    expect(expirationOf(validUntil, { expirationDays: undefined, expirationGranularity })).toBe(expected);
  });

  it('beyond all years is what the settings say for those without an end', () => {
    expect(expirationOf('9999-12-31T23:59:59.9999999Z', { ...never, expirationDays: 90 })).toBe('+90');
    expect(expirationTs('+90', new Date('9999-12-01T00:00:00Z'))).toBe('null');
  });

  it('is never before the end, and less than a unit after it', () => {
    const times = date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    assert(
      property(times, constantFrom('second', 'hour', 'day'), (end, expirationGranularity) => {
        const text = expirationOf(end.toISOString(), { expirationDays: undefined, expirationGranularity });
        const over = Date.parse(`${text}Z`) - end.getTime();
        return over >= 0 && over < { second: 1_000, hour: 3_600_000, day: 86_400_000 }[expirationGranularity];
      }),
    );
  });
});

describe('an odd row', () => {
  const now = new Date('2026-01-20T12:00:00Z');

  it.each(['required', 'bypass'] as const)('that can be read can be sent, with approval %s', (approval) => {
    const own = settings({ approval });
    const verdicts = oddText.map((text): Deliverable['verdict'] => {
      const rule = { name: text, description: text, severity: 'high', relatedDetailsUrl: text };
      return { kind: 'scored', score: 80, classification: text, rules: [rule] };
    });
    assert(
      property(oddRow, verdicts, (row, verdict) => {
        const read = observeRow(row, () => null, now);
        if (read.kind === 'malformed') return;
        for (const observation of read.observations) {
          const item = render({ id: 1, indicator: merge(observation.key, [observation], now), verdict }, own);
          const shipment = { name: 'mdti-sync:p:1', items: plan([item], own)[0] ?? [] };
          const body = approval === 'bypass' ? bulkBody(shipment, own, now) : importForm(shipment, own, now).text;
          expect(JSON.stringify(body)).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/);
          expect(item.form['expiration']).toMatch(/^(?:null|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)$/);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['an import', importForm],
    ['a direct write', bulkBody],
  ])('that cannot is Rejected, in a sentence without its value: %s', (_, bodyOf) => {
    const item = { ...render(scored(80), settings()), form: { expiration: 7 } };
    const shipment = { name: 'mdti-sync:p:1', items: [item] };
    expect(() => bodyOf(shipment, settings(), now)).toThrow(
      new Fault('Rejected', "A request cannot be put into the destination's form (ZodError)."),
    );
  });
});

describe('a value in a text', () => {
  it('is found there as just that one observable', () => {
    const urls = webUrl({ withQueryParameters: true, withFragments: true });
    assert(
      property(urls, string(), (url, tail) => {
        const value = textValue(`${url}?q=${encodeURI(tail)}, '`);
        expect(observablesIn(`\n${value}\n`, false).map((observable) => observable.value)).toEqual([value]);
      }),
    );
  });
});
