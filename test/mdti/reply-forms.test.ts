import { describe, expect, test } from 'vitest';
import type { HttpReply } from '../../http/http-client.ts';
import { batchCall, singleCall } from '../../mdti/graph-calls.ts';
import { type HostAnswer, type Reading, readAnswer } from '../../mdti/host-answer.ts';
import { graphError } from '../../sandbox/graph/graph-error.ts';
import { madeUpReputation } from '../../sandbox/graph/made-up-reputation.ts';

const NOW = new Date('2026-11-24T08:00:00Z');

/** As Microsoft's documentation has it (microsoft-graph-docs-contrib, security-host-get-reputation, 0713c450). */
const RECORDED = {
  '@odata.type': '#microsoft.graph.security.hostReputation',
  id: '1e3b9ded-abb6-1828-c4ef-a5ca48b287a0',
  classification: 'malicious',
  score: 100,
  rules: [
    {
      name: 'Microsoft Defender Threat Intelligence Intel Article',
      description: 'Activity Snapshot: DPRK Actors Target Maritime Sector',
      severity: 'high',
      relatedDetailsUrl: 'https://ti.defender.microsoft.com/article/831b70a4',
    },
    {
      name: 'Name server',
      description: 'Domain is using a name server that has been associated with suspicious behavior',
      severity: 'medium',
      relatedDetailsUrl: null,
    },
  ],
};
/** Azure-Sentinel#7781. */
const RECORDED_LICENCE = {
  error: {
    code: 'generalException',
    message: 'Error retrieving reputation',
    innerError: { date: '2023-04-14T10:29:11', 'request-id': 'a', 'client-request-id': 'a' },
  },
};

function reading(body: unknown, status = 200): Reading {
  return readAnswer({ status, headers: {}, body }, NOW);
}

function scoreOf(read: Reading): number | string {
  if (read.kind === 'known') return read.reputation.kind === 'scored' ? read.reputation.score : 'none';
  return read.fault.kind;
}

describe('the reply about a host', () => {
  test('is read as it was recorded', () => {
    const { classification, score, rules } = RECORDED;
    expect(reading(RECORDED)).toEqual({
      kind: 'known',
      reputation: { kind: 'scored', classification, score, rules },
    });
  });

  test('has that form in the sandbox, too', () => {
    const made = madeUpReputation(1, 'host-1.example.com', 0);
    expect(Object.keys(made ?? {})).toEqual(Object.keys(RECORDED));
    const rules = Array.from({ length: 50 }, (_, at) => madeUpReputation(1, `host-${at}.example.com`, 0)?.rules ?? []);
    for (const rule of rules.flat()) expect(Object.keys(rule)).toEqual(Object.keys(RECORDED.rules[0] ?? {}));
    const error = graphError(500, 'generalException', 'Error retrieving reputation').body;
    const shape = { error: { ...RECORDED_LICENCE.error, innerError: expect.any(Object) } };
    expect(error).toEqual(shape);
    expect(Object.keys(Reflect.get(Object(Reflect.get(Object(error), 'error')), 'innerError')).toSorted()).toEqual(
      Object.keys(RECORDED_LICENCE.error.innerError).toSorted(),
    );
  });

  test.each<[string, unknown, number | string]>([
    ['as a number', 95, 95],
    ['as text', '95', 95],
    ['as text with a fraction of nothing', '95.0', 95],
    ['with spaces', ' 95 ', 95],
    ['0', 0, 0],
    ['"0"', '0', 0],
    ['between two whole numbers', 74.9, 74],
    ['100', '100', 100],
    ['101', 101, 'Malformed'],
    ['"101"', '101', 'Malformed'],
    ['-1', -1, 'Malformed'],
    ['"-1"', '-1', 'Malformed'],
    ['null', null, 'Malformed'],
    ['absent', undefined, 'Malformed'],
    ['a word', 'high', 'Malformed'],
    ['empty', '', 'Malformed'],
    ['hexadecimal', '0x5F', 'Malformed'],
    ['a list', [95], 'Malformed'],
    ['true', true, 'Malformed'],
  ])('score: %s', (_, score, expected) => {
    expect(scoreOf(reading({ ...RECORDED, score }))).toBe(expected);
    // Nothing says that a missing score means none, whatever the classification.
    expect(scoreOf(reading({ classification: 'unknown', score, rules: null }))).toBe(expected);
  });

  test('says that it is the score that is missing', () => {
    const read = reading({ ...RECORDED, score: null });
    expect(read.kind === 'failed' ? read.fault.message : '').toContain('score');
  });

  test.each<[unknown, string]>([
    ['neutral', 'neutral'],
    ['unknownFutureValue', 'unknownFutureValue'],
    ['benign', 'benign'],
    [null, 'unknown'],
    [undefined, 'unknown'],
    ['', 'unknown'],
    [3, 'unknown'],
    [{ value: 'malicious' }, 'unknown'],
  ])('classification: %j', (classification, expected) => {
    expect(reading({ ...RECORDED, classification })).toMatchObject({
      reputation: { score: 100, classification: expected },
    });
  });

  const [first] = RECORDED.rules;
  const bare = { name: '', description: '', severity: '', relatedDetailsUrl: null };
  test.each<[string, unknown, unknown]>([
    ['null', null, []],
    ['absent', undefined, []],
    ['an object', { value: RECORDED.rules }, []],
    ['text', 'none', []],
    ['members that are none', [null, 'x', 7, [], first, true], [first]],
    ['a member without anything', [{}], [bare]],
    ['a member of other types', [{ name: 7, description: null, severity: {}, relatedDetailsUrl: 3 }], [bare]],
    ['a member that has more', [{ ...first, weight: 3 }], [first]],
    ['an empty address', [{ ...first, relatedDetailsUrl: '' }], [{ ...first, relatedDetailsUrl: null }]],
    [
      'what PostgreSQL cannot keep',
      [{ name: 'a\u0000b', description: 'c\ud800d' }],
      [{ ...bare, name: 'a\ufffdb', description: 'c\ufffdd' }],
    ],
  ])('rules: %s', (_, rules, expected) => {
    expect(reading({ ...RECORDED, rules })).toMatchObject({ reputation: { score: 100, rules: expected } });
  });

  test('of any length costs no more than so much', () => {
    const rules = Array.from({ length: 100_000 }, () => ({ name: 'x'.repeat(100), description: 'x'.repeat(10_000) }));
    const read = reading({ ...RECORDED, rules });
    expect(JSON.stringify(read).length).toBeLessThan(1_000_000);
  });

  test.each<[string, number, unknown, number | string]>([
    ['404 with an error', 404, graphError(404, 'NotFound', 'The requested host was not found.').body, 'none'],
    ['404 with another code', 404, { error: { code: 'itemNotFound', message: null } }, 'none'],
    ['200 with unknown and 0', 200, { classification: 'unknown', score: 0, rules: [] }, 0],
    ['an error in a 200', 200, RECORDED_LICENCE, 'Malformed'],
    ['400', 400, graphError(400, 'BadRequest', '').body, 'Malformed'],
    ["Tomcat's page (microsoft-graph-docs#21064)", 500, '<!doctype html><html lang="en">', 'Unavailable'],
    ['500 with an error that is text', 500, { error: 'down' }, 'Unavailable'],
    ['500 with an error of nulls', 500, { error: { code: null, message: null, innerError: null } }, 'Unavailable'],
  ])('%s', (_, status, body, expected) => {
    expect(scoreOf(reading(body, status))).toBe(expected);
  });

  test('is that of a missing licence by its message, whatever else it has', () => {
    expect(reading(RECORDED_LICENCE, 500).kind).toBe('licence-or-outage');
    expect(reading({ error: { code: null, message: 'Error retrieving reputation' } }, 500).kind).toBe(
      'licence-or-outage',
    );
    expect(reading({ error: { code: 'generalException', message: 'Other' } }, 500).kind).toBe('failed');
  });
});

function answers(responses: unknown, hosts = 2): readonly (HostAnswer | null)[] {
  const reply: HttpReply = { status: 200, headers: {}, text: JSON.stringify({ responses }) };
  return batchCall('https://graph').answers(
    Array.from({ length: hosts }, (_, at) => `host-${at}.example.com`),
    reply,
    NOW,
  );
}

describe('the reply to $batch', () => {
  test('is read as it was recorded', () => {
    // (Source: learn.microsoft.com/graph/json-batching.)
    const body = { classification: 'malicious', score: 100, rules: [] };
    expect(answers([{ id: '0', status: 200, headers: {}, body }], 1)).toEqual([{ status: 200, headers: {}, body }]);
  });

  const body = { score: 80 };
  const good = { id: '0', status: 200, headers: {}, body };
  const read = { status: 200, headers: {}, body };
  test.each<[string, unknown, unknown]>([
    ['an id that is a number', [{ ...good, id: 0 }], read],
    ['a status that is text', [{ ...good, status: '200' }], read],
    ['no headers', [{ id: '0', status: 200, body }], read],
    ['headers that are null', [{ ...good, headers: null }], read],
    [
      'a header that is a number',
      [{ ...good, headers: { 'Retry-After': 4 } }],
      { ...read, headers: { 'retry-after': '4' } },
    ],
    ['a body in base64', [{ ...good, body: Buffer.from(JSON.stringify(body)).toString('base64') }], read],
    ['a body that is JSON as text', [{ ...good, body: JSON.stringify(body) }], read],
    ['a body that is text', [{ ...good, body: '<html>' }], { ...read, body: '<html>' }],
    ['no body', [{ id: '0', status: 404 }], { status: 404, headers: {}, body: undefined }],
    ['ids that nobody asked for', [{ ...good, id: '7', body: { score: 1 } }, good, { ...good, id: 'zero' }], read],
    ['the same answer twice', [good, { ...good }], read],
    ['two answers that differ', [good, { ...good, body: { score: 1 } }], null],
    ['two answers that differ, and a third', [good, { ...good, status: 404 }, good], null],
    ['members that are none', [null, 'x', 7, [], good, { id: '1' }], read],
    ['no id', [{ status: 200, body }], null],
    ['no status', [{ id: '0', body }], null],
    ['a status that is none', [{ ...good, status: 'OK' }], null],
    ['a status out of range', [{ ...good, status: 0 }], null],
  ])('%s', (_, responses, expected) => {
    expect(answers(responses)).toEqual([expected, null]);
  });

  test('has one date for all that it answers, by which a date to wait for is measured', () => {
    const at = { 'Retry-After': 'Wed, 25 Nov 2026 08:00:05 GMT' };
    const text = JSON.stringify({ responses: [{ id: '0', status: 429, headers: at }] });
    const headers = { date: 'Wed, 25 Nov 2026 08:00:00 GMT' };
    const [answer] = batchCall('https://graph').answers(['a.example.com'], { status: 200, headers, text }, NOW);
    expect(answer && readAnswer(answer, NOW)).toMatchObject({ fault: { kind: 'Throttled', retryAfterMs: 5_000 } });
  });

  test('with 429s inside is read alike, whether the batch is a 200 or a 424, which says for how long where they do not', () => {
    const responses = [
      { id: '0', status: 429, headers: { 'Retry-After': '7' } },
      { id: '1', status: 429 },
      { id: '2', status: 424 },
      { id: '3', status: 200, body: RECORDED },
    ];
    const hosts = responses.map(({ id }) => `${id}.example.com`);
    const text = JSON.stringify({ responses });
    const readings = (status: number) =>
      batchCall('')
        .answers(hosts, { status, headers: { 'retry-after': '9' }, text }, NOW)
        .map((answer) => (answer === null ? null : readAnswer(answer, NOW)));
    expect(readings(424)).toMatchObject([
      { fault: { kind: 'Throttled', retryAfterMs: 7_000 } },
      { fault: { kind: 'Throttled', retryAfterMs: 9_000 } },
      { fault: { kind: 'Unavailable' } },
      { kind: 'known' },
    ]);
    expect(readings(200).map((one) => one?.kind)).toEqual(readings(424).map((one) => one?.kind));
  });

  test.each(['', '<html>', '{"error":{"code":"FailedDependency","message":""}}'])(
    'as a 424 without answers (%j) is an outage, not a refusal',
    (text) => {
      const reply = { status: 424, headers: {}, text };
      expect(() => batchCall('').answers(['a.example.com'], reply, NOW)).toThrow(
        expect.objectContaining({ kind: 'Unavailable' }),
      );
    },
  );

  test.each([[null], [{}], ['x'], [undefined]])('without a list (%j) is an outage, not a refusal', (responses) => {
    expect(() => answers(responses)).toThrow(expect.objectContaining({ kind: 'Unavailable' }));
  });
});

const WAYS = [
  ['in $batch', (status: number, body: unknown) => answers([{ id: '0', status, headers: {}, body }], 1)],
  [
    'to a single request',
    (status: number, body: unknown) => {
      const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
      return singleCall('https://graph').answers(['host-0.example.com'], { status, headers: {}, text }, NOW);
    },
  ],
] as const;

test.each([201, 202, 204])('a success that says nothing (%i) is an outage, not a matter of the host', (status) => {
  for (const [, answer] of WAYS) {
    const [one] = answer(status, undefined);
    expect(one === undefined || one === null ? 'left out' : scoreOf(readAnswer(one, NOW))).toBe('Unavailable');
  }
  const whole = () => batchCall('https://graph').answers(['a.example.com'], { status, headers: {}, text: '' }, NOW);
  expect(whole).toThrow(expect.objectContaining({ kind: 'Unavailable' }));
});

describe.each(WAYS)('a 404 %s', (_, answer) => {
  const of = (body: unknown): number | string => {
    const [one] = answer(404, body);
    return one === undefined || one === null ? 'left out' : scoreOf(readAnswer(one, NOW));
  };

  // Nobody has recorded one for an unknown host; what is Graph's own is in the envelope that all its errors have.
  test.each<[string, unknown]>([
    ['of the sandbox', graphError(404, 'NotFound', 'The requested host was not found.').body],
    ['with another code', { error: { code: 'itemNotFound', message: 'x' } }],
    ['with a code that nobody knows', { error: { code: 'SomethingElse', message: 'x', innerError: {} } }],
    ['without a message', { error: { code: 'NotFound', message: null } }],
    ['without a code', { error: { message: 'The requested host was not found.' } }],
    ['as text', JSON.stringify({ error: { code: 'NotFound', message: 'x' } })],
  ])("in Graph's envelope says that there is no reputation: %s", (__, body) => {
    expect(of(body)).toBe('none');
  });

  test.each<[string, unknown]>([
    ['a page', '<html>not found</html>'],
    ['text', 'default backend - 404'],
    ['an empty text', ''],
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a list', []],
    ['an envelope of somebody else', { message: 'no Route matched with those values' }],
    ['an error that is text', { error: 'not found' }],
    ['an empty error', { error: {} }],
    ['an error of nulls', { error: { code: null, message: null } }],
    ['a reputation', RECORDED],
  ])('that is not of Graph says nothing of the host: %s', (__, body) => {
    expect(of(body)).toBe('Unavailable');
  });

  test('of a wrong path is about the settings', () => {
    expect(of({ error: { code: 'BadRequest', message: 'x' } })).toBe('Refused');
    expect(of({ error: { code: 'x', message: 'Resource not found for the segment.' } })).toBe('Refused');
  });
});
