import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CREDENTIALS } from '../../sandbox/credentials.ts';
import { BASE, indicator, serveUpload, type UploadServer, workspaceId } from './sentinel-upload-server.ts';

let server: UploadServer;
beforeEach(async () => {
  server = await serveUpload();
});
afterEach(() => server.close());

const count = async (): Promise<unknown> => (await server.rows('ThreatIntelIndicators | count'))[0]?.[0];
const observables = (): Promise<readonly unknown[][]> =>
  server.rows('ThreatIntelIndicators | project ObservableKey, ObservableValue');
const ofPattern = (pattern: string) => indicator('', { pattern });

describe('the rows of what was uploaded', () => {
  test('are in the workspace that it was uploaded to, and in no other', async () => {
    await server.upload([indicator('198.51.100.1')]);
    expect(await count()).toBe(1);
    expect(await server.rows('ThreatIntelligenceIndicator | count')).toEqual([[0]]);
    expect(await server.rows('ThreatIntelIndicators | count', CREDENTIALS.workspaceId)).toEqual([[0]]);
    await expect(server.rows('ThreatIntelIndicators | count', '00000000-0000-0000-0000-000000000000')).rejects.toThrow(
      '404',
    );
  });

  test('say whose they are and what was sent', async () => {
    const sent = indicator('198.51.100.1', {
      labels: ['a', 'b'],
      confidence: 75,
      name: 'One',
      modified: '2026-11-02T00:00:00Z',
    });
    await server.upload([sent], 'ours');
    const cell = async (columns: string): Promise<readonly unknown[] | undefined> =>
      (await server.rows(`ThreatIntelIndicators | project ${columns}`))[0];
    expect(await cell('WorkspaceId, SourceSystem, Id')).toEqual([workspaceId, 'ours', `b3Vycw==---${sent.id}`]);
    expect(await cell('ObservableKey, ObservableValue, Pattern')).toEqual([
      'ipv4-addr:value',
      '198.51.100.1',
      sent.pattern,
    ]);
    expect(await cell('Tags, Confidence, LastUpdateMethod')).toEqual(['a,b', 75, 'UploadApi']);
    expect(await cell('IsActive, IsDeleted, Revoked')).toEqual([true, false, false]);
    expect(await cell('ValidFrom, ValidUntil')).toEqual(['2026-11-01T00:00:00Z', '2027-01-01T00:00:00Z']);
    expect(await cell('Created, Modified')).toEqual(['2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z']);
    expect(await cell('TimeGenerated, ingestion_time()')).toEqual(['2026-11-30T10:00:00Z', '2026-11-30T10:00:00Z']);
    const [[data] = []] = await server.rows('ThreatIntelIndicators | project Data');
    expect(JSON.parse(String(data))).toEqual(sent);
  });

  test('are found by the query that confirms', async () => {
    const [one, two] = [indicator('198.51.100.1'), indicator('198.51.100.2')];
    await server.upload([one, two], 'ours');
    server.clock.pass(1_000);
    await server.upload([{ ...two, modified: '2026-11-02T00:00:00.000Z', revoked: true }], 'ours');
    const found = await server.rows(
      `ThreatIntelIndicators | where SourceSystem == "ours" | summarize arg_max(TimeGenerated, *) by Id
       | project StixId = tostring(split(Id, "---")[1]), Revoked | order by StixId asc`,
    );
    expect(found).toEqual([
      [one.id, false],
      [two.id, true],
    ]);
  });

  test('are one for each observable of a pattern with alternatives', async () => {
    await server.upload([
      ofPattern(
        String.raw`[file:hashes.'SHA-256' = 'aa' OR file:hashes.MD5 = 'bb'] OR [url:value = 'http://a.example/it\'s\\']`,
      ),
    ]);
    expect(await observables()).toEqual([
      ["file:hashes.'SHA-256'", 'aa'],
      ['file:hashes.MD5', 'bb'],
      ['url:value', String.raw`http://a.example/it's\ `.trimEnd()],
    ]);
    expect(await server.rows('ThreatIntelIndicators | summarize dcount(Id)')).toEqual([[1]]);
  });

  test.each([
    "[file:name = 'help' AND (file:hashes.'MD5' = '1221b7e3a9b0950eb7ceb2a934e113b6')]",
    "[domain-name:value LIKE '%.example']",
    "[file:name != 'hello' OR file:name = 'help']",
    "[domain-name:value IN ('a.example', 'b.example')]",
    "[ipv4-addr:value = '198.51.100.1'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.2']",
  ])('have the pattern alone when it is not understood: %s', async (pattern) => {
    const reply = await server.upload([ofPattern(pattern)]);
    expect(reply.text).toBe('');
    expect(await observables()).toEqual([['', '']]);
    expect(await server.rows('ThreatIntelIndicators | project Pattern')).toEqual([[pattern]]);
  });

  test('have Data with long text cut and empty values left out, and perhaps without what has no name there', async () => {
    const sent = indicator('198.51.100.1', { description: 'x'.repeat(1_001), labels: [], name: '', x_ours: 1 });
    const data = async (): Promise<object> =>
      JSON.parse(
        String(
          (
            await server.rows('ThreatIntelIndicators | summarize arg_max(TimeGenerated, *) by Id | project Data')
          )[0]?.[0],
        ),
      );
    await server.upload([sent]);
    const kept = await data();
    expect(kept).toMatchObject({ description: 'x'.repeat(1_000), x_ours: 1 });
    expect(Object.keys(kept)).not.toContain('labels');
    expect(Object.keys(kept)).not.toContain('name');
    server.setFaults({ unknownProperties: 'left-out' });
    server.clock.pass(1_000);
    await server.upload([{ ...sent, modified: '2026-11-02T00:00:00.000Z' }]);
    expect(Object.keys(await data())).not.toContain('x_ours');
  });

  test('may be transformed away, whole or by the column Data, while the object is held', async () => {
    server.setFaults({ transformedAway: ['198.51.100.1'], dataColumn: 'absent' });
    const reply = await server.upload([indicator('198.51.100.1'), indicator('198.51.100.2')]);
    expect(reply.text).toBe('');
    expect(await server.rows('ThreatIntelIndicators | project ObservableValue, isnull(Data)')).toEqual([
      ['198.51.100.2', true],
    ]);
    expect(server.tip.counts().holds).toBe(2);
  });
});

describe('until it is ingested', () => {
  test('what was uploaded is in no query, though it is held', async () => {
    server.setFaults({ ingestionLagMs: 600_000 });
    await server.upload([indicator('198.51.100.1')]);
    expect(server.tip.counts().holds).toBe(1);
    server.clock.pass(599_999);
    expect(await count()).toBe(0);
    server.clock.pass(1);
    expect(await server.rows('ThreatIntelIndicators | project TimeGenerated, ingestion_time()')).toEqual([
      ['2026-11-30T10:00:00Z', '2026-11-30T10:10:00Z'],
    ]);
  });

  test('a lag that ends early never shows a row as ingested before it was looked for', async () => {
    server.setFaults({ ingestionLagMs: 600_000 });
    await server.upload([indicator('198.51.100.1')]);
    server.clock.pass(60_000);
    expect(await count()).toBe(0);
    server.setFaults({ ingestionLagMs: 0 });
    server.clock.pass(1_000);
    expect(await server.rows('ThreatIntelIndicators | project ingestion_time()')).toEqual([['2026-11-30T10:01:00Z']]);
  });

  test('others of the same request may be seen', async () => {
    server.setFaults({ ingestionLagMs: 600_000, lagging: ['198.51.100.2'] });
    await server.upload([indicator('198.51.100.1'), indicator('198.51.100.2')]);
    expect(await observables()).toEqual([['ipv4-addr:value', '198.51.100.1']]);
  });
});

test('the service republishes what has not ended, as copies without references', async () => {
  const references = [{ source_name: 'a', url: 'https://a.example/' }];
  const kept = indicator('198.51.100.1', { external_references: references });
  await server.upload([kept, indicator('198.51.100.2', { valid_until: '2026-11-29T00:00:00.000Z' })]);
  await server.upload([{ ...kept, modified: '2026-11-02T00:00:00.000Z', confidence: 20 }]);
  server.clock.pass(8 * 86_400_000);
  server.tip.republish();
  const copies = await server.rows(
    'ThreatIntelIndicators | where LastUpdateMethod == "LogARepublisher" | project ObservableValue, Confidence, TimeGenerated, isnull(Data.external_references)',
  );
  expect(copies).toEqual([['198.51.100.1', 20, '2026-12-08T10:00:00Z', true]]);
  expect(await count()).toBe(4);
  expect(server.tip.counts()).toMatchObject({ holds: 1, duplicates: 0 });
});

describe('the management API', () => {
  const find = async (id: string, source: string): Promise<readonly { readonly id: string }[]> => {
    const clauses = [
      { field: 'id', operator: 'Equals', values: [id] },
      { field: 'source', operator: 'Equals', values: [source] },
    ];
    const condition = { clauses, conditionConnective: 'And', stixObjectType: 'indicator' };
    const reply = await server.manage('POST', `${BASE}/query`, JSON.stringify({ condition }));
    return Reflect.get(Object(reply.json()), 'value');
  };

  test('finds an object by its id and source', async () => {
    const sent = indicator('198.51.100.1');
    await server.upload([sent], 'ours');
    expect(await find(sent.id, 'ours')).toMatchObject([{ properties: { source: 'ours', data: { id: sent.id } } }]);
    expect(await find(sent.id, 'theirs')).toEqual([]);
  });

  test('answers 200 to a deletion, and deletes nothing', async () => {
    const sent = indicator('198.51.100.1');
    await server.upload([sent], 'ours');
    const [found] = await find(sent.id, 'ours');
    expect((await server.manage('DELETE', found?.id ?? '')).status).toBe(200);
    expect(server.tip.items()).toMatchObject([{ state: 'held' }]);
    expect(await find(sent.id, 'ours')).toHaveLength(1);
    expect(await count()).toBe(1);
  });

  test('or deletes it, which is one more row', async () => {
    server.setFaults({ deletes: 'object' });
    const sent = indicator('198.51.100.1');
    await server.upload([sent], 'ours');
    const [found] = await find(sent.id, 'ours');
    server.setFaults({ role: 'forbidden' });
    expect((await server.manage('DELETE', found?.id ?? '')).status).toBe(403);
    server.setFaults({ role: 'granted' });
    server.clock.pass(1_000);
    expect((await server.manage('DELETE', found?.id ?? '')).status).toBe(200);
    expect((await server.manage('DELETE', found?.id ?? '')).status).toBe(204);
    expect(server.tip.items()).toMatchObject([{ state: 'gone' }]);
    expect(server.tip.counts()).toMatchObject({ holds: 0, withdrawn: 1 });
    expect(await server.rows('ThreatIntelIndicators | project IsDeleted, IsActive | order by IsDeleted asc')).toEqual([
      [false, true],
      [true, false],
    ]);
  });

  test('is nowhere else', async () => {
    expect((await server.manage('POST', `${BASE}/indicators`)).status).toBe(404);
    expect((await server.manage('POST', '/subscriptions/other')).status).toBe(404);
  });
});
