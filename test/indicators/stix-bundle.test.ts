import { describe, expect, it } from 'vitest';
import { TLP_LEVELS } from '../../indicators/indicator.ts';
import { stixIndicator } from '../../indicators/stix.ts';
import { stixBundle } from '../../indicators/stix-bundle.ts';
import { stixNamespace } from '../../indicators/stix-ids.ts';
import type { MarkingSet } from '../../indicators/stix-markings.ts';
import { companions } from '../../indicators/stix-producer.ts';
import { tlpOf } from '../../indicators/tlp.ts';
import { FACTS } from './arbitraries.ts';
import { DIALECT, FIRST_VERSION, PRODUCER } from './stix-arbitraries.ts';

function indicatorsOf(markings: MarkingSet, now = FIRST_VERSION.now) {
  return TLP_LEVELS.map((tlp, number) =>
    stixIndicator(
      {
        indicator: { key: { type: 'ipv4', value: `198.51.100.${number}` }, facts: { ...FACTS, tlp }, sources: [] },
        verdict: { kind: 'none' },
      },
      { ...DIALECT, markings },
      { ...FIRST_VERSION, now },
    ),
  );
}

describe('what travels with indicators', () => {
  it('is the identity and the markings of TLP 2.0 that they have, whole', () => {
    const indicators = indicatorsOf('tlp-2');
    const [identity, ...markings] = companions(indicators, PRODUCER);
    expect(identity).toEqual({
      type: 'identity',
      spec_version: '2.1',
      id: indicators[0]?.created_by_ref,
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      name: 'mdti-sync of the tests',
      identity_class: 'system',
    });
    expect(markings.map(({ id }) => id)).toEqual(indicators.flatMap((each) => each.object_marking_refs));
    expect(markings[3]).toEqual({
      type: 'marking-definition',
      spec_version: '2.1',
      id: 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
      created: '2022-10-01T00:00:00.000Z',
      name: 'TLP:AMBER+STRICT',
      extensions: {
        'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d': {
          extension_type: 'property-extension',
          tlp_2_0: 'amber+strict',
        },
      },
    });
    expect(companions(indicators.slice(0, 1), PRODUCER)).toHaveLength(2);
  });

  it('is no marking that the consumer has by itself', () => {
    expect(companions(indicatorsOf('tlp-1'), PRODUCER).map(({ id }) => id)).toEqual([
      expect.stringMatching(/^identity--/),
      'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
    ]);
    expect(companions(indicatorsOf('opencti'), PRODUCER)).toHaveLength(1);
  });

  it('is the same identity under another name, in a newer version', () => {
    const [before] = companions([], PRODUCER);
    const [after] = companions([], { ...PRODUCER, name: 'Ours', renamedAt: '2026-05-01T00:00:00Z' });
    expect(after).toEqual({ ...before, name: 'Ours', modified: '2026-05-01T00:00:00.000Z' });
  });

  it.each<MarkingSet>(['tlp-2', 'tlp-1', 'opencti'])('markings of %s are read back as what they are', (set) => {
    expect(indicatorsOf(set).map((each) => tlpOf(each.object_marking_refs, []))).toEqual([...TLP_LEVELS]);
  });
});

describe('a bundle', () => {
  it('has the id of what is in it, and no version of its own', () => {
    const bundle = stixBundle(indicatorsOf('tlp-2'), PRODUCER.namespace);
    expect(Object.keys(bundle)).toEqual(['type', 'id', 'objects']);
    expect(bundle.id).toMatch(/^bundle--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-/);
    expect(stixBundle(indicatorsOf('tlp-2'), PRODUCER.namespace)).toEqual(bundle);
    const others = [
      stixBundle(indicatorsOf('tlp-2').toReversed(), PRODUCER.namespace),
      stixBundle(indicatorsOf('tlp-2', '2026-02-01T00:00:00Z'), PRODUCER.namespace),
      stixBundle(indicatorsOf('tlp-2'), stixNamespace('another')),
    ];
    expect(new Set([bundle, ...others].map(({ id }) => id)).size).toBe(4);
  });

  it('of nothing has no list', () => {
    expect(stixBundle([], PRODUCER.namespace)).not.toHaveProperty('objects');
  });
});
