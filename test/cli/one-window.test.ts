import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { oneWindow } from '../../client/cli/one-window.ts';
import { split } from '../../indicators/coverage.ts';

const HOUR_MS = 3_600_000;
const since2026 = fc.date({ min: new Date('2026-01-01'), max: new Date('2036-01-01'), noInvalidDate: true });

test('whatever the time, the last three hours are in one window', () => {
  fc.assert(
    fc.property(since2026, (now) => {
      const span = { from: new Date(now.getTime() - 3 * HOUR_MS).toISOString(), to: now.toISOString() };
      expect(split(span, Number.parseInt(oneWindow(now), 10) * HOUR_MS)).toHaveLength(1);
    }),
    { numRuns: 10_000, examples: [[new Date('2026-11-26T00:30:00Z')]] },
  );
});
