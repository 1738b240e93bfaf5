import { describe, expect, test } from 'vitest';
import type { FileSettings } from '../../destinations/file/file-settings.ts';
import type { Verdict } from '../../indicators/reputation.ts';
import { csvRows } from '../../sandbox/threatstream/csv.ts';
import {
  bundleIn,
  complete,
  emptyFolder,
  filesIn,
  heldAs,
  rowsIn,
  SIGNAL,
  shipmentsOf,
  visible,
  write,
} from './drop-folder.ts';
import { deliverable, domains, oneOfEach } from './threatstream-indicators.ts';

const SCORED: Verdict = { kind: 'scored', score: 91, classification: 'malicious', rules: [] };

const ODD = [
  'http://evil.example/ä😀?q="a",\'b\'&c=%2F',
  `http://long.example/${'x'.repeat(8_172)}`,
  'http://evil.example/a;b|c\\d',
];

/** What stands in the only file that there is. */
async function onlyFile(folder: string) {
  const [first, ...rest] = await complete(folder);
  if (first === undefined || rest.length > 0) throw new Error('There is not one file.');
  return first;
}

const CSV = ['csv', 'spreadsheet-csv'] as const;
const FORMATS: readonly FileSettings['format'][] = ['stix', ...CSV, 'threatstream-csv'];

describe('a bundle', () => {
  test('has each indicator, and what they refer to before them', async () => {
    const folder = await emptyFolder();
    await write(filesIn(folder), [...oneOfEach(), deliverable(9, 'domain', 'red.example', { tlp: 'red' })]);
    const { manifest, text } = await onlyFile(folder);
    const { objects, ...bundle } = bundleIn(text);
    expect(bundle).toEqual({ type: 'bundle', id: expect.stringMatching(/^bundle--/) });
    const types = objects.map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(['identity', 'marking-definition', 'marking-definition']);
    expect(types.slice(3)).toEqual(Array.from({ length: 9 }, () => 'indicator'));
    const ids = new Set(objects.map(({ id }) => id));
    for (const { object_marking_refs: refs, created_by_ref: by, type } of objects) {
      if (type === 'indicator') expect([...Object(refs), by].every((id) => ids.has(id))).toBe(true);
    }
    expect(manifest).toMatchObject({
      indicators: 9,
      withdrawals: 0,
      format: 'stix',
      pipeline: 'soc',
      shipment: 'soc:1',
    });
  });

  test('says what an analyst needs', async () => {
    const folder = await emptyFolder();
    const said = { verdict: SCORED, threat: 'c2', description: 'Seen.', tags: ['storm'] } as const;
    await write(filesIn(folder), [deliverable(1, 'ipv4', '198.51.100.1', said)]);
    expect(bundleIn((await onlyFile(folder)).text).objects.at(-1)).toMatchObject({
      name: '198.51.100.1',
      pattern: "[ipv4-addr:value = '198.51.100.1']",
      confidence: 91,
      description: expect.stringContaining('Seen.'),
      labels: ['mdti:malicious', 'storm'],
      valid_from: '2026-11-01T00:00:00.000Z',
      valid_until: '2027-01-10T08:30:00.000Z',
      revoked: false,
    });
  });
});

describe.each(CSV)('%s', (format) => {
  test('has a row for each indicator, under a fixed header', async () => {
    const folder = await emptyFolder();
    const odd = ODD.map((value, index) => deliverable(index + 1, 'url', value, { tags: ['a,b', 'c"d'] }));
    await write(filesIn(folder, { format }), odd);
    const { text } = await onlyFile(folder);
    expect(text.split('\r\n')[0]).toBe(
      'id,type,value,status,threat,confidence,score,tlp,valid_from,valid_until,created,modified,tags,description,sources',
    );
    expect(text.startsWith('\uFEFF')).toBe(false);
    expect(text.endsWith('\r\n')).toBe(true);
    expect(rowsIn(text)).toMatchObject(
      ODD.map((value) => ({ value, type: 'url', status: 'active', tags: 'a,b;c"d', tlp: 'amber', confidence: '80' })),
    );
  });

  test('keeps what is given and what MDTI says apart', async () => {
    const folder = await emptyFolder();
    const bare = { confidence: null, validFrom: null, validUntil: null, tlp: null } as const;
    await write(filesIn(folder, { format }), [
      deliverable(1, 'domain', 'a.example', { verdict: SCORED, description: 'two\nlines; "quoted"' }),
      deliverable(2, 'domain', 'b.example', bare),
    ]);
    expect(rowsIn((await onlyFile(folder)).text)).toMatchObject([
      {
        confidence: '80',
        score: '91',
        tags: expect.stringContaining('mdti:malicious'),
        description: expect.stringContaining('two\nlines; "quoted"'),
      },
      {
        confidence: '',
        score: '',
        valid_from: '',
        valid_until: '',
        tlp: 'green',
        sources: 'Microsoft Defender Threat Intelligence',
      },
    ]);
  });

  test('is safe for a spreadsheet in its own variant alone', async () => {
    const folder = await emptyFolder();
    const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'];
    const items = formulas.map((description, index) =>
      deliverable(index + 1, 'email', `${'=+-@'[index] ?? ''}x${index}@evil.example`, { description }),
    );
    await write(filesIn(folder, { format }), items);
    const rows = rowsIn((await onlyFile(folder)).text);
    const apostrophe = format === 'csv' ? '' : "'";
    expect(rows.map(({ description }) => description)).toEqual(formulas.map((text) => `${apostrophe}${text}`));
    expect(rows.map(({ value }) => value)).toEqual(
      items.map(({ indicator: { key } }, index) => `${index < 4 ? apostrophe : ''}${key.value}`),
    );
  });
});

describe('the layout of ThreatStream', () => {
  const format = 'threatstream-csv';

  test('is what its import takes', async () => {
    const folder = await emptyFolder();
    const tags = { tags: ['storm', 'type:ipv4'], threat: 'c2' } as const;
    const items = [
      deliverable(1, 'ipv4', '198.51.100.1', tags),
      deliverable(2, 'url', 'http://a.example/,"', { tlp: null }),
    ];
    await write(filesIn(folder, { format, itypes: { url: { malware: 'own_url' } } }), items);
    const rows = csvRows((await onlyFile(folder)).text).map(({ cells }) => cells);
    expect(rows).toEqual([
      ['value', 'itype', 'private_tags', 'tlp'],
      ['198.51.100.1', 'c2_ip', 'mdti,storm', 'amber'],
      ['http://a.example/,"', 'own_url', 'activitygroup:storm-0000,mdti', 'green'],
    ]);
  });

  test('lists what is withdrawn so that an import takes nothing of it', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder, { format });
    const item = deliverable(1, 'domain', 'a.example');
    await files.withdraw([{ id: 1, key: item.indicator.key, held: heldAs(files, item).held ?? null }], SIGNAL);
    expect(csvRows((await onlyFile(folder)).text).map(({ cells }) => cells)).toEqual([
      ['withdrawn', 'itype'],
      ['a.example', 'mal_domain'],
    ]);
  });

  test.each([
    ['apart', 2, 1],
    ['together', 1, 0],
  ] as const)('has values with a %% %s', async (percentValues, all, apart) => {
    const folder = await emptyFolder();
    const items = [deliverable(1, 'url', 'http://a.example/b'), deliverable(2, 'url', 'http://a.example/%2F')];
    await write(filesIn(folder, { format, percentValues }), items);
    const names = [...(await visible(folder)).keys()].filter((name) => name.endsWith('.csv'));
    expect(names).toHaveLength(all);
    expect(names.filter((name) => name.includes('.percent.'))).toHaveLength(apart);
  });
});

describe.each(FORMATS)('as %s', (format) => {
  test('the same shipment is the same bytes, whenever it is written', async () => {
    const [one, other] = [await emptyFolder(), await emptyFolder()];
    const later = { now: () => new Date('2099-01-01T00:00:00Z') };
    await write(filesIn(one, { format }), [...domains(20), ...oneOfEach()]);
    await write(filesIn(other, { format }, later), [...oneOfEach(), ...domains(20)].toReversed());
    expect(await visible(one)).toEqual(await visible(other));
  });

  test('a hash changes with what is shown, and not with when it is written', async () => {
    const files = filesIn('nowhere', { format });
    const item = deliverable(1, 'domain', 'a.example');
    const { hash } = files.render(item);
    expect(files.render(heldAs(files, item)).hash).toBe(hash);
    expect(files.render(heldAs(files, item, { withdrawn: 'yes' })).hash).toBe(hash);
    for (const change of [{ tlp: 'red' }, { tags: ['new'] }, { threat: 'compromised' }] as const) {
      expect(files.render(deliverable(1, 'domain', 'a.example', change)).hash, JSON.stringify(change)).not.toBe(hash);
    }
    const timeless = deliverable(1, 'domain', 'a.example', { validFrom: null });
    expect(files.render(heldAs(files, timeless)).hash).toBe(files.render(timeless).hash);
  });

  test('files keep to their limits', () => {
    const files = filesIn('nowhere', { format, maxObjects: 7, maxBytes: 20_000 });
    const long = Array.from({ length: 5 }, (_, at) =>
      deliverable(at + 1, 'url', `http://${at}.example/${'x'.repeat(6_000)}`),
    );
    const huge = deliverable(6, 'url', `http://huge.example/${'x'.repeat(30_000)}`);
    const counts = (items: Parameters<typeof shipmentsOf>[1]) =>
      shipmentsOf(files, items).map((one) => one.items.length);
    expect(counts(domains(20)).every((count) => count <= 7)).toBe(true);
    expect(counts(long).length).toBeGreaterThan(1);
    expect(counts([huge])).toEqual([1]);
    const held = heldAs(files, deliverable(2, 'domain', 'b.example'));
    expect(counts([deliverable(1, 'domain', 'a.example'), held])).toEqual([1, 1]);
  });

  test('what began at no time that anything could follow is written all the same', () => {
    const files = filesIn('nowhere', { format });
    const far = deliverable(1, 'domain', 'a.example', { validFrom: '9999-12-31T23:59:59.9999999Z', validUntil: null });
    expect(() => files.render(heldAs(files, far))).not.toThrow();
    expect(files.render(heldAs(files, far)).form['modified']).toMatch(/^2026-/);
  });
});
