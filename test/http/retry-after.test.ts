import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../http/retry-after.ts';

const now = new Date('2026-11-24T08:00:00Z');

describe('retryAfterMs', () => {
  it.each([
    [{ 'retry-after': '7' }, '', 7_000],
    [{ 'retry-after': ' 0.5 ' }, '', 500],
    [{ 'retry-after': 'Tue, 24 Nov 2026 08:01:30 GMT' }, '', 90_000],
    [{ 'retry-after': 'Tue, 24 Nov 2026 07:00:00 GMT' }, '', 0],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, '', 250],
    [{ 'x-ms-retry-after-ms': '1250' }, '', 1_250],
    [{}, '{"statusCode":429,"message":"Rate limit is exceeded. Try again in 21 seconds."}', 21_000],
    [{}, 'try again in 2 minutes', 120_000],
    [{}, 'Try again after 1500 milliseconds', 1_500],
    [{ 'retry-after': '999999999' }, '', 86_400_000],
    [{ 'retry-after': 'soon' }, '', undefined],
    [{ 'retry-after': '-5' }, '', undefined],
    [{}, 'Too many requests', undefined],
  ])('reads %j with %j as %s ms', (headers: Record<string, string>, text, expected) => {
    expect(retryAfterMs(headers, text, now)).toBe(expected);
  });

  it('is a whole number from nothing to a day, or says nothing, whatever comes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (seconds, ms, text) => {
        const wait = retryAfterMs({ 'retry-after': seconds, 'retry-after-ms': ms }, text, now);
        expect(wait === undefined || (Number.isInteger(wait) && wait >= 0 && wait <= 86_400_000)).toBe(true);
      }),
    );
  });
});
