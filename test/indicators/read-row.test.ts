import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExclusion } from '../../indicators/exclusion.ts';
import type { Facts, Indicator, Observation } from '../../indicators/indicator.ts';
import { readRow } from '../../indicators/read-row.ts';
import type { SourceRow } from '../../indicators/source-row.ts';
import { observableText, POLICY, ROW } from './arbitraries.ts';

function observations(change: Partial<SourceRow>): readonly Observation[] {
  const result = readRow({ ...ROW, ...change });
  if (result.kind === 'malformed') throw new Error(result.reason);
  return result.observations;
}

function facts(change: Partial<SourceRow>): Facts | undefined {
  return observations(change)[0]?.facts;
}

function indicatorOf(change: Partial<SourceRow>): Indicator {
  const [first] = observations(change);
  if (first === undefined) throw new Error('The row names nothing.');
  return { key: first.key, facts: first.facts, sources: [] };
}

function reason(change: Partial<SourceRow>): string | null {
  const result = readRow({ ...ROW, ...change });
  return result.kind === 'malformed' ? result.reason : null;
}

describe('a row', () => {
  it('gives the one observation that its columns name', () => {
    expect(observations({})).toEqual([
      {
        sourceId: ROW.id,
        key: { type: 'ipv4', value: '8.8.4.4' },
        sourceSystem: 'Microsoft Defender Threat Intelligence',
        sourceTime: '2026-01-05T10:15:00.1234567Z',
        modified: '2026-01-05T10:00:00.0000000Z',
        facts: {
          threat: 'malware',
          confidence: 100,
          validFrom: '2026-01-01T00:00:00.0000000Z',
          validUntil: '2026-02-01T00:00:00.0000000Z',
          tlp: null,
          tags: [],
          description: null,
          ended: null,
        },
      },
    ]);
  });

  it.each([
    ["file:hashes.'SHA-256'", 'A'.repeat(64), 'sha256'],
    ['file:hashes.MD5', 'A'.repeat(32), 'md5'],
    ['file:hashes."SHA-1"', 'A'.repeat(40), 'sha1'],
    ['network-traffic:dst_ref.value', '8.8.8.8', 'ipv4'],
    ['network-traffic:src_ref.value', '2606:4700::1', 'ipv6'],
    ['domain-name:value', 'evil.com', 'domain'],
    ['Domain-Name:Value', '8.8.8.8', 'ipv4'],
    ['url:value', 'http://evil.com', 'url'],
    ['email-addr:value', 'm@evil.com', 'email'],
  ])('of %s %s is of type %s', (observableKey, observableValue, type) => {
    expect(observations({ observableKey, observableValue }).map(({ key }) => key.type)).toEqual([type]);
  });

  it('gives what the pattern names when the columns are empty, each once', () => {
    const pattern =
      "[ipv4-addr:value IN ('8.8.8.8', '8.8.4.4') OR network-traffic:dst_ref.value = '8.8.8.8'] OR [file:name = 'x' AND file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']";
    const found = observations({ observableKey: '', observableValue: '', pattern });
    expect(found.map(({ key }) => key.value)).toEqual(['8.8.8.8', '8.8.4.4', 'd41d8cd98f00b204e9800998ecf8427e']);
    expect(new Set(found.map(({ sourceId }) => sourceId))).toEqual(new Set([ROW.id]));
    expect(observations({ observableKey: ' ', observableValue: ' ', pattern })).toEqual(found);
  });

  it.each<[Partial<SourceRow>, string]>([
    [{ id: '' }, 'Id is empty or has control characters'],
    [{ timeGenerated: '' }, 'TimeGenerated is not a time'],
    [{ timeGenerated: '2026-02-30T00:00:00Z' }, 'TimeGenerated is not a time'],
    [{ modified: 'yesterday' }, 'Modified is not a time'],
    [{ validFrom: '2026-01-01' }, 'ValidFrom is not a time'],
    [{ validUntil: '0' }, 'ValidUntil is not a time'],
    [
      { observableKey: 'x509-certificate:serial_number' },
      'ObservableKey: observables of x509-certificate:serial_number are not supported',
    ],
    [{ observableKey: '8.8.8.8' }, 'ObservableKey: the observable key is not the path of a STIX object'],
    [{ observableValue: '8.8.8.0/24' }, 'ObservableValue: a network (/24), which is not one address'],
    [{ observableValue: '', pattern: ' ' }, 'ObservableKey, ObservableValue and Pattern are empty'],
    [
      { observableKey: '', pattern: "[ipv4-addr:value = '8.8.8.8'" },
      'Pattern: it ends too early (Sentinel cuts at 1,000 characters) (at character 29)',
    ],
    [{ observableKey: '', pattern: "[file:name = 'x']" }, 'Pattern: observables of file:name are not supported'],
    [
      { observableKey: '', pattern: "[ipv4-addr:value IN ('8.8.8.8', '8.8')]" },
      'Pattern: an IPv4 address in a spelling that programs read as different addresses',
    ],
  ])('%o is malformed', (change, wanted) => {
    expect(reason(change)).toBe(wanted);
  });

  it('keeps times comparable as text', () => {
    expect(facts({ validFrom: '2026-01-01T01:00:00.5+02:00' })?.validFrom).toBe('2025-12-31T23:00:00.5000000Z');
    expect(facts({ validUntil: '9998-12-31T23:59:59.9999999Z' })?.validUntil).toBe('9998-12-31T23:59:59.9999999Z');
    expect(facts({ validUntil: '' })?.validUntil).toBeNull();
    // An offset can take it out of the years that four digits can say.
    expect(facts({ validFrom: '9999-12-31T23:59:59-01:00' })?.validFrom).toBe('9999-12-31T23:59:59.9999999Z');
    expect(facts({ validFrom: '0000-01-01T00:00:00+01:00' })?.validFrom).toBeNull();
  });

  it.each([
    '9999-12-31T23:59:59.9999999Z',
    '9999-12-31T00:00:00.000Z',
    '9999-01-01T00:00:00Z',
    '9999-12-31T23:59:59-08:00',
  ])('of which somebody wrote %s for never has no end', (validUntil) => {
    expect(facts({ validUntil })?.validUntil).toBeNull();
  });

  it.each([
    '0001-01-01T00:00:00.0000000Z',
    '0001-01-01T00:00:00-08:00',
    '0000-12-31T16:00:00Z',
    '1601-01-01T00:00:00Z',
    '1753-01-01T00:00:00Z',
    '1899-12-30T00:00:00Z',
    '1900-01-01T00:00:00Z',
    '1970-01-01T00:00:00Z',
    '1970-01-01T08:00:00Z',
    '1980-01-01T00:00:00Z',
  ])('of which somebody wrote %s for no date has none, and says so', (date) => {
    for (const change of [{ validUntil: date }, { validFrom: date }, { modified: date }]) {
      const [read] = observations(change);
      expect([read?.facts.validUntil, read?.facts.validFrom, read?.modified]).toContain(null);
      expect(read?.facts.notes).toEqual(['empty-date']);
    }
    expect(createExclusion(POLICY)(indicatorOf({ validUntil: date }), new Date('2026-01-20T00:00:00Z'))).toBeNull();
  });

  it('of which the end is long past has ended, since it is a date', () => {
    expect(facts({ validUntil: '2001-01-01T00:00:00Z' })).toMatchObject({ validUntil: '2001-01-01T00:00:00.0000000Z' });
    expect(facts({ validUntil: '2001-01-01T00:00:00Z' })).not.toHaveProperty('notes');
  });

  it.each([
    ["[file:name = 'x.exe' AND file:hashes.'SHA-256' = 'SUM']", 'file:name'],
    ["[file:hashes.'SHA-256' = 'SUM' AND file:name = 'x.exe']", 'FILE:Name'],
    ["[file:name = 'x.exe'] OR [file:hashes.SHA256 = 'SUM']", 'file:name'],
    ["[file:size = 7 AND file:hashes.'SHA-512' = 'x' AND file:hashes.'SHA-256' = 'SUM']", "file:hashes.'SHA-512'"],
  ])('keeps the hash of %s beside its key %s, and says so', (pattern, observableKey) => {
    const sum = 'a'.repeat(64);
    expect(observations({ observableKey, observableValue: 'x', pattern: pattern.replace('SUM', sum) })).toMatchObject([
      { key: { type: 'sha256', value: sum }, facts: { notes: ['taken-from-pattern'] } },
    ]);
  });

  it.each([
    ["[file:name = 'x.exe']", 'file:name'],
    ["[file:name = 'x.exe' AND file:hashes.MD5 = 'cut", 'file:name'],
    ["[file:name = 'x.exe' AND file:hashes.MD5 = 'broken']", 'file:name'],
    [`[file:hashes.MD5 = '${'a'.repeat(32)}']`, 'file:name'],
  ])('has nothing of %s beside its key %s', (pattern, observableKey) => {
    expect(reason({ observableKey, observableValue: 'x.exe', pattern })).toBe(
      'ObservableKey: observables of file:name are not supported',
    );
  });

  it('says that a hash is of another kind than its label', () => {
    const [read] = observations({ observableKey: "file:hashes.'SHA-256'", observableValue: 'A'.repeat(40) });
    expect(read).toMatchObject({ key: { type: 'sha1' }, facts: { notes: ['hash-kind-by-length'] } });
    const pattern = `[file:hashes.MD5 = '${'a'.repeat(40)}' OR file:hashes.'SHA-1' = '${'b'.repeat(40)}']`;
    expect(
      observations({ observableKey: '', pattern }).map(({ key, facts: { notes } }) => ({ type: key.type, notes })),
    ).toEqual([{ type: 'sha1', notes: ['hash-kind-by-length'] }, { type: 'sha1' }]);
  });

  it('with an Id that no index can hold is malformed, and one that is long is not', () => {
    expect(reason({ id: 'x'.repeat(801) })).toBe('Id is longer than 800 characters');
    expect(observations({ id: 'x'.repeat(800) })).toHaveLength(1);
  });

  it('keeps tags as far as a reader has use for them', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => `tag ${String(at).padStart(4, '0')}`);
    expect(facts({ tags: many.toReversed().join(',') })?.tags).toEqual(many.slice(0, 200));
    expect(facts({ tags: `${'x'.repeat(199)}😀y` })?.tags).toEqual(['x'.repeat(199)]);
  });

  it('rounds and bounds the confidence', () => {
    expect([79.6, -1, 101, null].map((confidence) => facts({ confidence })?.confidence)).toEqual([80, 0, 100, null]);
    expect(facts({ confidence: Number.NaN })).toMatchObject({ confidence: null });
    expect(facts({ confidence: Number.POSITIVE_INFINITY })).toMatchObject({
      confidence: null,
      notes: ['unreadable-confidence'],
    });
  });

  it('is ended only by what is said', () => {
    expect(facts({ isDeleted: true, revoked: true })?.ended).toBe('deleted');
    expect(facts({ revoked: true, isActive: false })?.ended).toBe('revoked');
    expect(facts({ isActive: false })?.ended).toBe('inactive');
    expect(facts({ isDeleted: null, revoked: null, isActive: null })?.ended).toBeNull();
  });

  it('has tidy tags, from the column and the labels', () => {
    expect(facts({ tags: 'type:ipv4, b ,TLP:Amber,,b', labels: ['a'] })?.tags).toEqual(['a', 'b', 'type:ipv4']);
    expect(facts({ tags: '["x, y", "tlp:red", 7]' })?.tags).toEqual(['7', 'x, y']);
    expect(facts({ tags: '[broken' })?.tags).toEqual(['[broken']);
    expect(facts({ tags: 'null' })?.tags).toEqual([]);
    expect(facts({ tags: '"a, b"' })?.tags).toEqual(['a, b']);
    expect(
      facts({ tags: '[["a"], {"name":"b","color":"#fff"}, {"Key":"c","Value":7}, {"d":true,"e":["f"]}]' }),
    ).toMatchObject({
      tags: ['a', 'b', 'c:7', 'd', 'e:f'],
    });
    expect(facts({ tags: '["a", null, true]' })).toMatchObject({ tags: ['a'], notes: ['unreadable-label'] });
    expect(facts({ tags: `${'['.repeat(5_000)}${']'.repeat(5_000)}` })).toMatchObject({ notes: ['unreadable-label'] });
  });

  it.each<[readonly string[], string, string]>([
    [[], '', 'malware'],
    [['unknown'], 'nonsense', 'malware'],
    [['malicious-activity'], 'threat:C2', 'c2'],
    [['anomalous-activity'], '', 'suspicious'],
    [['anomalous-activity', 'compromised'], 'c2', 'compromised'],
    [['Phishing'], 'c2', 'phishing'],
    [['CryptoMining'], '', 'cryptomining'],
    [['WatchList'], 'Command and Control', 'c2'],
    [['Darknet'], '', 'tor'],
  ])('of types %o and tagged "%s" is %s', (threatTypes, tags, threat) => {
    expect(facts({ threatTypes, tags })?.threat).toBe(threat);
  });

  it('describes itself alike before and after Sentinel has cut it', () => {
    const long = 'x'.repeat(3_000);
    expect(facts({ description: long })).toEqual(facts({ description: `${long.slice(0, 997)}...` }));
    expect(facts({ name: 'a name', description: ' ' })?.description).toBe('a name');
    expect(facts({ description: `${'x'.repeat(989)}😀` })?.description).toBe('x'.repeat(989));
  });

  it('never throws, and is accounted for', () => {
    const text = fc.oneof(observableText, fc.string({ unit: 'binary' }));
    const row = fc.record({
      observableKey: fc.oneof(
        fc.constantFrom('ipv4-addr:value', 'url:value', 'domain-name:value', 'email-addr:value', ''),
        text,
      ),
      observableValue: text,
      pattern: text,
      tags: text,
      description: text,
      timeGenerated: fc.oneof(fc.constant(ROW.timeGenerated), text),
      confidence: fc.oneof(fc.double(), fc.constant(null)),
      labels: fc.array(text),
      threatTypes: fc.array(text),
      markings: fc.array(text),
    });
    fc.assert(
      fc.property(row, (change) => {
        const result = readRow({ ...ROW, ...change });
        if (result.kind === 'malformed') expect(result.reason).not.toBe('');
        else {
          expect(result.observations.length).toBeGreaterThan(0);
          // What PostgreSQL cannot store as JSON must not get that far.
          expect(JSON.stringify(result.observations)).not.toMatch(/\\ud[89a-f]|\\u0000/);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
