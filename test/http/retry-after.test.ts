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

  const answered = 'Wed, 25 Nov 2026 08:00:00 GMT';
  it.each([
    ['as HTTP has it', 'Wed, 25 Nov 2026 08:00:05 GMT', answered, 5_000],
    ['of a clock that is behind', 'Mon, 23 Nov 2026 08:00:05 GMT', 'Mon, 23 Nov 2026 08:00:00 GMT', 5_000],
    ['that has passed by then', 'Wed, 25 Nov 2026 07:59:00 GMT', answered, 0],
    ['in the form of RFC 850', 'Wednesday, 25-Nov-26 08:00:05 GMT', answered, 5_000],
    ['in the form of asctime', 'Wed Nov 25 08:00:05 2026', answered, 5_000],
    ['beside a date in the form of asctime', 'Wed, 25 Nov 2026 08:00:05 GMT', 'Wed Nov 25 08:00:00 2026', 5_000],
    ["without a date, by the worker's clock", 'Tue, 24 Nov 2026 08:01:30 GMT', undefined, 90_000],
    ["beside a date that is none, by the worker's clock", 'Tue, 24 Nov 2026 08:01:30 GMT', 'today', 90_000],
    ["beside an empty date, by the worker's clock", 'Tue, 24 Nov 2026 08:01:30 GMT', '', 90_000],
  ])('measures a date from the date of the same answer: %s', (_, at, date, expected) => {
    expect(retryAfterMs({ 'retry-after': at, ...(date === undefined ? {} : { date }) }, '', now)).toBe(expected);
  });

  it('reads a date alike wherever the worker stands', () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'America/New_York';
    try {
      expect(retryAfterMs({ 'retry-after': 'Tue Nov 24 08:00:05 2026' }, '', now)).toBe(5_000);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it('is a whole number from nothing to a day, or says nothing, whatever comes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (seconds, ms, date, text) => {
        const wait = retryAfterMs({ 'retry-after': seconds, 'retry-after-ms': ms, date }, text, now);
        expect(wait === undefined || (Number.isInteger(wait) && wait >= 0 && wait <= 86_400_000)).toBe(true);
      }),
    );
  });
});
