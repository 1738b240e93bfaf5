import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readArtifactFile } from '../../sandbox/threatstream/artifact-file.ts';
import { madeUpArtifacts } from '../../sandbox/threatstream/made-up-artifacts.ts';
import { observableOf } from '../../sandbox/threatstream/observables.ts';
import { SEARCH, startThreatStream } from './threatstream-server.ts';

const ALL = 'status=active,inactive,falsepos&limit=0';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync artifacts '));
});

afterAll(() => rm(folder, { recursive: true }));

async function csv(text: string): Promise<string> {
  const file = join(folder, 'artifacts.csv');
  await writeFile(file, text);
  return file;
}

describe('an observable that nobody imported', () => {
  it('is shown as others are, with its owner, its feed and the tags that we may see', async () => {
    const { act, objects } = await startThreatStream();
    const tags = [{ name: 'theirs' }, { name: 'ours', tlp: 'red' }];
    const foreign = { type: 'domain', value: 'evil.example', owner: 'foreign', feed: 7, trustedCircles: [13], tags };
    const own = { type: 'ip', value: '192.0.2.1', owner: 'own', confidence: 91, itype: 'c2_ip', id: 42 };
    const other = { type: 'domain', value: 'evil.example', owner: 'foreign', status: 'inactive', public: false };
    expect(await act('artifacts', { artifacts: [foreign, own, other] })).toEqual({
      status: 200,
      json: { artifacts: 3 },
    });
    expect(await objects(ALL)).toMatchObject([
      {
        value: 'evil.example',
        type: 'domain',
        itype: 'mal_domain',
        owner_organization_id: 1_007,
        feed_id: 7,
        trusted_circle_ids: [13],
        is_editable: false,
        is_public: true,
        tags: [{ name: 'theirs' }, { name: 'ours', tlp: 'red' }],
        import_session_id: null,
      },
      {
        id: 42,
        value: '192.0.2.1',
        itype: 'c2_ip',
        owner_organization_id: 67,
        feed_id: 0,
        trusted_circle_ids: null,
        is_editable: true,
        is_public: false,
        confidence: 91,
        tags: null,
      },
      { value: 'evil.example', status: 'inactive', owner_organization_id: 999, is_public: false },
    ]);
    expect(await objects('value=evil.example')).toHaveLength(1);
    expect(await objects('id=42')).toHaveLength(1);
    expect(await objects('tags.name=ours')).toHaveLength(1);
  });

  it('is refused with what it cannot be, and then nothing is there', async () => {
    const { act, objects } = await startThreatStream();
    const good = { type: 'ip', value: '192.0.2.1', owner: 'own' };
    const bad = [
      { ...good, type: 'hash' },
      { ...good, owner: 'nobody' },
      { ...good, colour: 'red' },
      { ...good, id: 1_000_001 },
      { ...good, tags: [{ name: 'a', tlp: 'purple' }] },
    ];
    for (const one of bad) expect(await act('artifacts', { artifacts: [good, one] })).toMatchObject({ status: 400 });
    const twice = await act('artifacts', {
      artifacts: [
        { ...good, id: 5 },
        { ...good, id: 5 },
      ],
    });
    expect(twice).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining('There is one with this id.') },
    });
    expect(await act('artifacts', { count: 5, artifacts: [] })).toMatchObject({ status: 400 });
    expect(await act('artifacts', {})).toMatchObject({ status: 400 });
    expect(await objects(ALL)).toEqual([]);
  });

  it('changes only if it is ours, and is counted by nobody who counts imports', async () => {
    const { act, ask, counts, objects } = await startThreatStream();
    const artifacts = ['own', 'foreign'].map((owner, index) => ({
      type: 'ip',
      value: '192.0.2.1',
      owner,
      id: index + 1,
    }));
    await act('artifacts', { artifacts });
    expect(await ask('PATCH', `${SEARCH}1/`, { confidence: 90 })).toMatchObject({ status: 200 });
    expect(await ask('PATCH', `${SEARCH}2/`, { confidence: 90 })).toMatchObject({ status: 403 });
    expect((await objects(ALL)).map(({ id, confidence }) => [id, confidence])).toEqual([
      [2, 50],
      [1, 90],
    ]);
    expect(await counts()).toMatchObject({
      holds: 0,
      updates: 0,
      withdrawn: 0,
      tagNames: 0,
      publicTags: 0,
      foreignTouched: 1,
    });
  });

  it('of ours makes a duplicate of an import of its value, and none of a feed does', async () => {
    const { act, ask, counts } = await startThreatStream({ polls: 0 });
    const artifacts = [
      { type: 'ip', value: '192.0.2.1', owner: 'own' },
      { type: 'ip', value: '192.0.2.2', owner: 'own', feed: 5 },
      { type: 'ip', value: '192.0.2.3', owner: 'foreign' },
    ];
    await act('artifacts', { artifacts });
    const objects = artifacts.map(({ value }) => ({ srcip: value, itype: 'mal_ip' }));
    expect(await ask('PATCH', SEARCH, { objects, meta: {} })).toMatchObject({ status: 202 });
    await ask('GET', SEARCH);
    expect(await counts()).toMatchObject({ holds: 2, discarded: 1 });
  });

  it('may have comments of others', async () => {
    const { act, ask } = await startThreatStream();
    const one = { type: 'ip', value: '192.0.2.1', owner: 'foreign', comments: ['Seen in a sandbox.'] };
    await act('artifacts', { artifacts: [one] });
    const { json } = await ask('GET', `${SEARCH}comments/?value=192.0.2.1`);
    expect(json).toMatchObject({
      comments: [
        { comment: 'Seen in a sandbox.', tlp: 'white', user: { organization: { name: 'Another organisation' } } },
      ],
    });
    await ask('POST', `${SEARCH}comments/?value=192.0.2.1`, { comment: 'Malicious', tlp: 'red' });
    const holdings = await act('holdings');
    expect(holdings.json).toMatchObject([{ owner: 'foreign', isArtifact: true, comments: 1, confidence: 50 }]);
  });
});

describe('what happens to one by hand', () => {
  it('is that it is deleted: it is in no search, and not there for any request', async () => {
    const { act, ask, objects } = await startThreatStream({ polls: 0 });
    const artifacts = [1, 2, 3].map((id) => ({ type: 'ip', value: '192.0.2.1', owner: 'own', feed: id, id }));
    await act('artifacts', { artifacts });
    await ask('PATCH', SEARCH, { objects: [{ srcip: '192.0.2.1', itype: 'mal_ip' }], meta: {} });
    const ids = (await objects(ALL)).map(({ id }) => id);
    expect(ids).toHaveLength(4);
    const gone = [1, 2, ids.find((id) => id > 3) ?? 0];
    expect(await act('delete', { ids: [...gone, 99] })).toEqual({ status: 200, json: { deleted: 3 } });
    expect((await objects('value=192.0.2.1')).map(({ id }) => id)).toEqual([3]);
    for (const query of [ALL, `id=${gone.join(',')},3`, 'value=192.0.2.1'])
      expect(await objects(query)).toHaveLength(1);
    for (const id of gone)
      expect(await ask('PATCH', `${SEARCH}${id}/`, { confidence: 1 })).toMatchObject({ status: 404 });
    await ask('PATCH', SEARCH, { objects: [{ srcip: '192.0.2.1', itype: 'mal_ip' }], meta: {} });
    expect(await objects(ALL)).toHaveLength(2);
  });

  it('is that an analyst tags it otherwise, which is an update', async () => {
    const { act, counts, objects } = await startThreatStream();
    const artifacts = [1, 2].map((id) => ({
      type: 'ip',
      value: '192.0.2.1',
      owner: 'foreign',
      id,
      tags: [{ name: 'a' }],
    }));
    await act('artifacts', { artifacts });
    const [, last] = await objects(ALL);
    const request = { id: 1, add: [{ name: 'b', tlp: 'red' }], remove: ['a'] };
    expect(await act('retag', request)).toEqual({ status: 200, json: { retagged: 1 } });
    expect(await objects(`update_id__gt=${last?.update_id}`)).toMatchObject([
      { id: 1, tags: [{ name: 'b', tlp: 'red' }] },
    ]);
    expect(await act('retag', { ...request, id: 9 })).toEqual({ status: 200, json: { retagged: 0 } });
    expect(await counts()).toMatchObject({ tagNames: 0, publicTags: 0, foreignTouched: 0, updates: 0 });
  });
});

describe('made-up artifacts', () => {
  const many = [...madeUpArtifacts({ count: 2_000, seed: 1 })];

  it('are the same for the same seed, and others for another', () => {
    expect([...madeUpArtifacts({ count: 2_000, seed: 1 })]).toEqual(many);
    const values = new Set(many.map(({ value }) => value));
    const others = [...madeUpArtifacts({ count: 2_000, seed: 2 })].filter(
      ({ value }) => !/^10\.|2001:db8|^203\.0|agent|no-host|http:\/\/\//.test(value),
    );
    expect(others.filter(({ value }) => values.has(value))).toEqual([]);
  });

  it('are of all types and owners, with and without tags, several of one host and several of one value', () => {
    expect(new Set(many.map(({ type }) => type)).size).toBe(7);
    expect(new Set(many.flatMap(({ type, value }) => (type === 'md5' ? [value.length] : [])))).toEqual(
      new Set([32, 40, 64]),
    );
    expect(new Set(many.map(({ owner, feed }) => `${owner} ${feed}`)).size).toBe(5);
    expect(many.filter(({ tags }) => tags.length === 0).length).toBeGreaterThan(400);
    expect(
      new Set(many.filter(({ type }) => type === 'domain' || type === 'ip').map(({ value }) => value)).size,
    ).toBeLessThan(650);
    const odd = many.filter(({ type, value }) => type !== 'string' && observableOf(value)?.kind !== type);
    expect(odd.length).toBeGreaterThan(50);
  });

  it('arrive while it runs', async () => {
    const { act, values } = await startThreatStream();
    expect(await act('artifacts', { count: 1_500, seed: 3 })).toEqual({ status: 200, json: { artifacts: 1_500 } });
    expect(await values(ALL)).toEqual([...madeUpArtifacts({ count: 1_500, seed: 3 })].map(({ value }) => value));
  });
});

describe('a file of artifacts', () => {
  it('has what each says of itself, and what is usual for the rest', async () => {
    const hashes = ['a'.repeat(32), 'b'.repeat(40), 'c'.repeat(64)];
    const file = await csv(
      [
        'type,value,owner,feed,confidence,tags,private_tags,status',
        'domain,evil.example,own,,90,"a, b",c,falsepos',
        'ipv4,192.0.2.1,,7,,,,',
        'ipv6,2001:db8::1',
        'md5,' + hashes[0],
        'sha1,' + hashes[1],
        'sha256,' + hashes[2],
        'mutex,Global\\x',
      ].join('\n'),
    );
    const read = await readArtifactFile(file);
    expect(read.map(({ type, value }) => [type, value])).toEqual([
      ['domain', 'evil.example'],
      ['ip', '192.0.2.1'],
      ['ipv6', '2001:db8::1'],
      ...hashes.map((hash) => ['md5', hash]),
      ['string', 'Global\\x'],
    ]);
    const tags = [
      { name: 'a', tlp: null },
      { name: 'b', tlp: null },
      { name: 'c', tlp: 'red' },
    ];
    expect(read[0]).toMatchObject({ owner: 'own', feed: 0, confidence: 90, tags, status: 'falsepos' });
    expect(read[1]).toMatchObject({ owner: 'foreign', feed: 7, confidence: 50, tags: [], status: 'active' });
  });

  it.each([
    ['domain,evil.example,us', 'line 2 has the owner "us", which must be own or foreign'],
    ['domain,evil.example,own,x', 'line 2 has the feed "x", which must be a whole number'],
    ['domain,evil.example,own,1,101', 'line 2 has the confidence "101", which must be a whole number from 0 to 100'],
    [
      'domain,evil.example,own,1,50,closed',
      'line 2 has the status "closed", which must be one of active, inactive, falsepos',
    ],
    [',evil.example', 'line 2 needs a type and a value'],
    ['domain', 'line 2 has 1 cell, and the first line names 6 columns: each needs its type and its value'],
  ])('is refused with %s', async (line, sentence) => {
    const file = await csv(`type,value,owner,feed,confidence,status\n${line}\n`);
    await expect(readArtifactFile(file)).rejects.toThrow(`The file of artifacts ${file} cannot be read: ${sentence}`);
  });

  test('is there from the start, once, also where state is kept', async () => {
    const artifacts = await csv('type,value,owner\ndomain,evil.example,foreign\nip,192.0.2.1,own\n');
    const stateDir = join(folder, 'state');
    const first = await startThreatStream({}, { artifacts, madeUpArtifacts: 10, stateDir });
    const before = await first.objects(ALL);
    expect(before).toHaveLength(12);
    await first.act('delete', { ids: [before[0]?.id] });
    await first.close();
    const second = await startThreatStream({}, { artifacts, madeUpArtifacts: 10, stateDir });
    expect(await second.objects(ALL)).toEqual(before.slice(1));
    const [at] = await second.objects('value=192.0.2.1');
    expect(await second.ask('PATCH', `${SEARCH}${at?.id}/`, { confidence: 7 })).toMatchObject({ status: 200 });
  });
});
