import { describe, expect, test } from 'vitest';
import { batchCall, singleCall } from '../../mdti/graph-calls.ts';
import { type Reading, readAnswer } from '../../mdti/host-answer.ts';
import { graphError } from '../../sandbox/graph/graph-error.ts';
import { madeUpReputation } from '../../sandbox/graph/made-up-reputation.ts';
import { answers, NOW, RECORDED } from './recorded-replies.ts';

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
