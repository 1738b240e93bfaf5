import { expect, test } from 'vitest';
import { runReport } from '../../client/run-report.ts';
import { addCounts, NOTHING } from '../../indicators/counts.ts';

test('a run says how many it read otherwise than they are written, and why', () => {
  const window = { ...NOTHING, rows: 3, new: 3, confirmed: 3, notedBy: { 'hash-kind-by-length': 1, 'empty-date': 1 } };
  const report = runReport(addCounts(addCounts(window, window), { ...NOTHING, rows: 1, unchanged: 1 }));
  const lines = report.split('\n').map((line) => line.replaceAll(/\s*│\s*/g, '|'));
  expect(lines).toContain(
    '|read as meant|4|2 a hash whose length is that of another kind than it is labelled as: taken for that kind|',
  );
  expect(report).toContain('2 a date that stands for none (0001-01-01 and the like): left out');
  expect(runReport(NOTHING)).not.toContain('read as meant');
});
