import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLogsClient } from '../../sentinel/logs-client.ts';
import { createSentinelReader } from '../../sentinel/logs-reader.ts';
import type { SentinelReader } from '../../sentinel/sentinel-reader.ts';
import { faultFrom } from '../http/fault-from.ts';
import { type LoopbackApi, startLoopbackApi } from '../http/loopback-api.ts';
import { recordedPace } from '../rates/recorded-pace.ts';
import { answer, numbers, row } from './logs-answers.ts';
import { CREDENTIAL, now, readerAt, slice, source, WORKSPACE, window } from './logs-questions.ts';

const signal = new AbortController().signal;

let api: LoopbackApi;
let pace: ReturnType<typeof recordedPace>;
let reader: SentinelReader;

beforeEach(async () => {
  api = await startLoopbackApi();
  pace = recordedPace();
  reader = readerAt(api, pace);
});
afterEach(() => api.close());

describe('createSentinelReader', () => {
  it('reads an answer that is packed, as the SDK asks for it', async () => {
    api.behave(() => {
      const { body, ...plain } = answer([row()]);
      const packed = gzipSync(typeof body === 'string' ? body : '');
      return { ...plain, headers: { ...plain.headers, 'content-encoding': 'gzip' }, body: packed };
    });
    expect((await reader.read(source, slice, signal)).rows).toHaveLength(1);
    expect(api.arrived[0]?.headers['accept-encoding']).toContain('gzip');
  });

  it('takes an answer of rows that is larger than is read for TooLarge, and names the setting', async () => {
    const bounded = createSentinelReader(
      createLogsClient(
        { endpoint: `${api.url}/v1`, ca: api.ca, serverTimeoutSeconds: 120, maxReply: 65_536 },
        { credential: CREDENTIAL, pace, now },
      ),
      3,
    );
    api.behave(() => answer([row({ Description: 'x'.repeat(70_000) })]));
    expect(await faultFrom(bounded.read(source, slice, signal))).toMatchObject({
      kind: 'TooLarge',
      message: expect.stringContaining('larger than 64 KiB, which is read no further: raise logAnalytics.maxReply if'),
    });
    await bounded.close();
  });

  it('reads rows as they are, with all seven digits of their times', async () => {
    api.behave(() => answer([row()]));
    expect(await reader.read(source, slice, signal)).toEqual({
      malformed: [],
      rows: [
        {
          id: 'a---indicator--1',
          sourceSystem: 'Microsoft Defender Threat Intelligence',
          observableKey: 'ipv4-addr:value',
          observableValue: '198.51.100.3',
          pattern: "[ipv4-addr:value = '198.51.100.3']",
          timeGenerated: '2026-11-24T08:01:00.1234567Z',
          modified: '2026-11-20T00:00:00.0000000Z',
          validFrom: null,
          validUntil: '2026-12-24T00:00:00.0000000Z',
          confidence: 90,
          tags: '["c2","storm-1"]',
          isActive: true,
          isDeleted: null,
          revoked: false,
          threatTypes: ['malicious-activity'],
          name: 'A name',
          description: '',
          markings: ['marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9'],
          labels: [],
          lastUpdateMethod: 'LogARepublisher',
        },
      ],
    });
  });

  it('asks once, at the workspace, with a token, the time limit, and a timespan widened by the lateness', async () => {
    api.behave(() => answer([]));
    await reader.read(source, slice, signal);
    expect(api.arrived).toHaveLength(1);
    const [asked] = api.arrived;
    expect(asked).toMatchObject({
      method: 'POST',
      path: `/v1/workspaces/${WORKSPACE}/query`,
      headers: { authorization: 'Bearer token-of-mine', prefer: 'wait=120', 'content-type': 'application/json' },
    });
    const body = z.object({ query: z.string(), timespan: z.string() }).parse(JSON.parse(asked?.body ?? ''));
    expect(body.timespan).toBe('2026-11-22T08:00:00.000Z/2026-11-26T08:15:00.000Z');
    expect(body.query).toMatch(/^ThreatIntelIndicators\n/);
    expect(pace.asked).toEqual([1]);
    expect(pace.answers).toEqual([1]);
  });

  it('reads a legacy row: one threat type and one marking, as plain text', async () => {
    api.behave(() => answer([row({ ThreatTypes: 'Botnet', Markings: 'amber', Confidence: 'NaN', IsDeleted: 1 })]));
    const { rows } = await reader.read({ ...source, table: 'ThreatIntelligenceIndicator' }, slice, signal);
    expect(rows).toMatchObject([{ threatTypes: ['Botnet'], markings: ['amber'], confidence: null, isDeleted: true }]);
  });

  it('lets a row that does not fit cost itself', async () => {
    api.behave(() =>
      answer([row({ Id: '' }), row({ IsDeleted: 'perhaps', Name: 'x'.repeat(900) }), row({ Labels: '[1' })]),
    );
    const { rows, malformed } = await reader.read(source, slice, signal);
    expect(rows).toEqual([]);
    expect(malformed.map(({ sourceId, reason }) => [sourceId, reason.split(':')[0]])).toEqual([
      [null, 'Id'],
      ['a---indicator--1', 'IsDeleted'],
      ['a---indicator--1', 'Labels'],
    ]);
    for (const { reason, excerpt } of malformed) {
      expect(excerpt.length).toBeLessThanOrEqual(500);
      expect(reason).not.toContain('198.51');
    }
  });

  it.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ Confidence: 'Infinity' }, { confidence: null, notes: ['unreadable-confidence'] }],
    [{ Confidence: '-Infinity' }, { confidence: null, notes: ['unreadable-confidence'] }],
    [{ Confidence: 'high' }, { confidence: null, notes: ['unreadable-confidence'] }],
    [{ Confidence: true }, { confidence: null, notes: ['unreadable-confidence'] }],
    [{ Confidence: [1] }, { confidence: null, notes: ['unreadable-confidence'] }],
    [{ Confidence: '85' }, { confidence: 85 }],
    [{ Confidence: ' 85.5 ' }, { confidence: 85.5 }],
    [{ Confidence: 'NaN' }, { confidence: null }],
    [{ Confidence: '' }, { confidence: null }],
    [{ Labels: '["a", 7, null, false]' }, { labels: ['a', '7'], notes: ['unreadable-label'] }],
    [{ Labels: '[null]' }, { labels: [], notes: ['unreadable-label'] }],
    [{ Labels: ['a', 7] }, { labels: ['a', '7'] }],
    [{ ThreatTypes: '[1, "botnet"]' }, { threatTypes: ['1', 'botnet'] }],
    [{ Markings: '[null, "red"]' }, { markings: ['red'], notes: ['unreadable-label'] }],
    [
      { Markings: '[{"definition_type":"tlp","definition":{"tlp":"red"}}]' },
      { markings: ['definition_type:tlp', 'tlp:red'] },
    ],
    [
      { IsDeleted: 'true', Revoked: 'False', IsActive: '1' },
      { isDeleted: true, revoked: false, isActive: true },
    ],
    [
      { IsDeleted: '', Revoked: 0 },
      { isDeleted: null, revoked: false },
    ],
    [
      { Name: 7, Description: { a: 1 } },
      { name: '7', description: '' },
    ],
    [{ Tags: [{ name: 'TLP:RED' }] }, { tags: '[{"name":"TLP:RED"}]' }],
  ])('lets what is odd in %j cost nothing but itself', async (cells, wanted) => {
    api.behave(() => answer([row(cells)]));
    const { rows, malformed } = await reader.read(source, slice, signal);
    expect(malformed).toEqual([]);
    expect(rows).toMatchObject([wanted]);
    expect(rows[0]?.notes).toEqual(wanted['notes']);
  });

  it('counts and estimates', async () => {
    api.behave(() => numbers({ Count: 41, Clock: '2026-11-24T08:20:01.1234567Z' }));
    expect(await reader.count(source, window, signal)).toEqual({
      rows: 41,
      clock: '2026-11-24T08:20:01.1234567Z',
      emptyWorkspace: false,
    });
    api.behave(() => numbers({ Rows: 41, Hosts: 12 }));
    expect(await reader.estimate(source, window, signal)).toEqual({ rows: 41, hosts: 12 });
  });

  it('takes a number for one as text, and nothing else for one', async () => {
    const clock = { Clock: '2026-11-24T08:20:01.1234567Z' };
    api.behave(() => numbers({ Count: '41', ...clock }));
    expect(await reader.count(source, window, signal)).toMatchObject({ rows: 41 });
    const none: readonly Record<string, unknown>[] = [
      { Count: null, ...clock },
      { Count: 'NaN', ...clock },
      { Count: -1, ...clock },
      { Count: 1.5, ...clock },
      { Count: 41, Clock: null },
      { Count: 41, Clock: '' },
      { Count: 41 },
      { count_: 41, ...clock },
    ];
    for (const answered of none) {
      api.behave(() => numbers(answered));
      expect(await faultFrom(reader.count(source, window, signal)), JSON.stringify(answered)).toMatchObject({
        kind: 'Unavailable',
      });
    }
    api.behave(() => numbers({ Count: 41, ...clock }, 0));
    expect(await faultFrom(reader.count(source, window, signal))).toMatchObject({ kind: 'Unavailable' });
    api.behave(() => numbers({ Rows: 41, Hosts: null }));
    expect(await faultFrom(reader.estimate(source, window, signal))).toMatchObject({ kind: 'Unavailable' });
  });

  it('takes 204 for a workspace without data when it counts, and for no answer when it reads what was counted', async () => {
    api.behave(() => ({ status: 204, headers: { date: 'Tue, 24 Nov 2026 08:20:01 GMT' } }));
    expect(await reader.count(source, window, signal)).toEqual({
      rows: 0,
      clock: '2026-11-24T08:20:01.000Z',
      emptyWorkspace: true,
    });
    expect(await reader.estimate(source, window, signal)).toEqual({ rows: 0, hosts: 0 });
    expect(await faultFrom(reader.read(source, slice, signal))).toMatchObject({ kind: 'Unavailable' });
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    api.behave(() => {
      controller.abort(reason);
      return 'silence';
    });
    await expect(reader.read(source, slice, controller.signal)).rejects.toBe(reason);
  });
});
