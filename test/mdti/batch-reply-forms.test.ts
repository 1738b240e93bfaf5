import { describe, expect, test } from 'vitest';
import { batchCall } from '../../mdti/graph-calls.ts';
import { readAnswer } from '../../mdti/host-answer.ts';
import { answers, NOW, RECORDED } from './recorded-replies.ts';

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
