import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseInstant } from '../../config/instant.ts';
import { since } from '../../config/since.ts';

const NOW = new Date('2026-11-29T12:00:00Z');

/** Where a time without a zone would be read as local, it would be nine hours off. */
const zone = process.env['TZ'];
beforeAll(() => {
  process.env['TZ'] = 'Asia/Tokyo';
});
afterAll(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

test.each([
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['2026-01-31T08:00Z', '2026-01-31T08:00:00.000Z'],
  ['2026-01-31T08:00:07Z', '2026-01-31T08:00:07.000Z'],
  ['2026-01-31 08:00:07z', '2026-01-31T08:00:07.000Z'],
  ['2026-01-31T08:00:00.1234567Z', '2026-01-31T08:00:00.123Z'],
  ['2026-01-31T08:00:00+02:00', '2026-01-31T06:00:00.000Z'],
  ['2026-01-31T00:30-09:30', '2026-01-31T10:00:00.000Z'],
  ['2026-01-31T08:00:00+14:00', '2026-01-30T18:00:00.000Z'],
  ['2026-11-30', '2026-11-30T00:00:00.000Z'],
])('%s is %s, wherever it is read', (text, expected) => {
  expect(parseInstant(text, NOW)).toEqual({ ok: true, at: new Date(expected) });
});

test.each([
  ['', 'found ""'],
  ['10', 'found "10"'],
  ['2026', 'found'],
  ['2026-01', 'found'],
  ['1767225600', 'found'],
  ['1e3', 'found'],
  ['yesterday', 'found'],
  ['now', 'found'],
  ['Jan 31 2026', 'found'],
  ['31/01/2026', 'found'],
  ['2026-1-31', 'found'],
  [' 2026-01-31', 'found'],
  ['2026-01-31Z', 'found'],
  ['+012026-01-31', 'found'],
  ['2026-02-31', 'there is no day 2026-02-31'],
  ['2026-02-29', 'there is no day'],
  ['2026-13-01', 'there is no day'],
  ['2026-00-10', 'there is no day'],
  ['2026-01-00', 'there is no day'],
  ['2026-02-31T08:00:00Z', 'there is no day'],
  ['2026-01-31T08:00', 'has no zone: end it with Z'],
  ['2026-01-31T08:00:00', 'has no zone'],
  ['2026-01-31 08:00:00', 'has no zone'],
  ['2026-01-31T24:00:00Z', 'there is no time 24:00:00'],
  ['2026-01-31T24:00Z', 'there is no time'],
  ['2026-01-31T08:60Z', 'there is no time'],
  ['2026-01-31T08:00:60Z', 'there is no time'],
  ['2026-01-31T08Z', 'found'],
  ['2026-01-31T08:00:00+25:00', 'there is no zone +25:00'],
  ['2026-01-31T08:00:00+14:01', 'there is no zone'],
  ['2026-01-31T08:00:00-12:30', 'there is no zone'],
  ['2026-01-31T08:00:00+02:60', 'there is no zone'],
  ['2026-01-31T08:00:00+2', 'found'],
  ['2026-01-31T08:00:00 CET', 'found'],
  ['0001-01-01', 'before 2000'],
  ['1970-01-01', 'before 2000'],
  ['2206-01-31', 'in the future'],
  ['9999-12-31T23:59:59Z', 'in the future'],
])('%j is refused: %s', (text, problem) => {
  const parsed = parseInstant(text, NOW);
  expect(parsed.ok ? parsed.at : parsed.problem).toMatch(new RegExp(problem.replaceAll('+', '\\+')));
});

test('what is taken is the instant that every other reader of ISO 8601 takes it for', () => {
  const times = fc.date({ min: new Date('2000-01-02'), max: NOW, noInvalidDate: true });
  fc.assert(
    fc.property(times, fc.integer({ min: -12 * 60, max: 14 * 60 }), (at, offset) => {
      const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, -1);
      const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60];
      const named = `${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
      expect(parseInstant(`${local}${named}`, NOW)).toEqual({ ok: true, at });
    }),
  );
});

test('a pipeline begins at such an instant, or so far back', () => {
  expect(since.parse('30d')).toEqual({ back: 30 * 86_400_000 });
  expect(since.parse('2026-01-31T08:00+02:00')).toEqual({ at: new Date('2026-01-31T06:00:00Z') });
  for (const wrong of ['2026-02-31', '2026-01-31T08:00', '9999-01-01', '0001-01-01', '99999999d', '', '10']) {
    expect(since.safeParse(wrong).success, wrong).toBe(false);
  }
});
