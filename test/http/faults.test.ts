import { describe, expect, it } from 'vitest';
import { faultOf, parseJson } from '../../http/faults.ts';
import { Fault } from '../../indicators/fault.ts';

const now = new Date('2026-11-24T08:00:00Z');

function reply(status: number, text = '', headers: Record<string, string> = {}) {
  return { status, text, headers };
}

describe('faultOf', () => {
  it.each([
    [200, null],
    [204, null],
    [302, 'Refused'],
    [400, null],
    [401, 'Refused'],
    [403, 'Refused'],
    [404, null],
    [407, 'Refused'],
    [408, 'Unavailable'],
    [413, 'TooLarge'],
    [422, null],
    [429, 'Throttled'],
    [500, 'Unavailable'],
    [504, 'Unavailable'],
    [599, 'Unavailable'],
  ])('takes %i for %s', (status, kind) => {
    const fault = faultOf('The API', reply(status), now);
    expect(fault?.kind ?? null).toBe(kind);
    if (fault !== null) expect(fault.message).toMatch(new RegExp(`^The API answered ${status}.*\\.$`));
  });

  it('carries the wait that the answer asks for', () => {
    expect(faultOf('The API', reply(429, '', { 'retry-after': '3' }), now)?.retryAfterMs).toBe(3_000);
    expect(faultOf('The API', reply(429), now)?.retryAfterMs).toBeUndefined();
    expect(faultOf('The API', reply(503, '', { 'retry-after': '30' }), now)?.retryAfterMs).toBe(30_000);
  });

  it('waits after a failure no longer than it would unasked, for nobody could lift that', () => {
    const headers = { 'retry-after': '86400' };
    expect(faultOf('The API', reply(503, '', headers), now)?.retryAfterMs).toBe(300_000);
    expect(faultOf('The API', reply(429, '', headers), now)?.retryAfterMs).toBe(86_400_000);
  });

  it("repeats the body's code and nothing else of it", () => {
    const body = JSON.stringify({ error: { code: 'Forbidden', message: 'evil.example may not be read' } });
    const message = faultOf('The API', reply(403, body, { authorization: 'Bearer abc' }), now)?.message;
    expect(message).toContain('(Forbidden)');
    expect(message).not.toMatch(/evil|Bearer/);
  });
});

describe('parseJson', () => {
  it.each([
    ['<html><body>evil.example</body></html>', 'an HTML page'],
    ['', 'an empty body'],
    ['{"value":"evil.exam', 'a body that is not JSON'],
  ])('is Unavailable for %j', (text, what) => {
    let thrown: unknown;
    try {
      parseJson('The API', reply(200, text));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Fault);
    expect(thrown).toMatchObject({ kind: 'Unavailable', message: expect.stringContaining(what) });
    expect(String(thrown)).not.toContain('evil');
  });

  it('reads JSON', () => {
    expect(parseJson('The API', reply(200, ' {"a":[1]} '))).toEqual({ a: [1] });
  });
});
