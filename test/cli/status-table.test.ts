import { expect, test } from 'vitest';
import { type Status, statusTable } from '../../client/cli/status-table.ts';

const STATUS: Status = {
  pipeline: 'threatstream',
  coverage: { from: '2026-11-01T00:00:00.000Z', to: '2026-11-24T12:00:00.000Z' },
  gaps: [],
  open: [
    {
      from: '2026-11-24T06:00:00.000Z',
      to: '2026-11-24T12:00:00.000Z',
      state: 'abandoned',
      reason: null,
      owner: 'sync/threatstream-2026-11-24T12:00:00Z',
    },
  ],
  windows: 93,
  indicators: 1_234_567,
  deliveries: { confirmed: 1_000_000, rejected: 1_000, pending: 0, retracted: 12 },
  setAside: [],
  due: 0,
  rejectedBy: [{ reason: 'x'.repeat(100), items: 1_000 }],
  quarantined: 3,
  unread: [],
  unreadSlices: 0,
  waiting: [],
  emptyWindows: 0,
  running: [],
  shipmentName: 'import session',
  review: { shipments: 3, indicators: 2_871, oldest: '2026-11-23T08:00:10.000Z' },
  gathered: { indicators: 412, since: '2026-11-24T09:00:00.000Z', due: '2026-11-25T09:00:00.000Z' },
  wouldLeave: { indicators: 412, shipments: 6, requests: 14 },
};

/** The texts of a table, without its frame and the breaks of its lines. */
function plain(table: string): string {
  return table.replaceAll(/[┌┬┐├┼┤└┴┘─]+\n?/g, '').replaceAll(/[\s│]+/g, ' ');
}

test('what waits for an analyst, what is gathered and what would leave are told by the name of sessions', () => {
  const table = plain(statusTable(STATUS, null));
  expect(table).toContain(
    '3 import sessions with 2,871 indicators wait for an analyst, the first since 2026-11-23T08:00Z',
  );
  expect(table).toContain(
    '412 since 2026-11-24T09:00Z; they go at 2026-11-25T09:00Z at the latest at once: mdti-sync redeliver --pipeline threatstream --set-aside',
  );
  expect(table).toContain('412 indicators: now that would be 6 import sessions, about 14 requests in all');
  const { shipmentName: _, ...nameless } = STATUS;
  expect(plain(statusTable(nameless, null))).toContain('6 requests that bring indicators, about 14 requests in all');
});

test('nothing is said of what there is none of, or of what a worker of an earlier release does not tell', () => {
  const { review: _, gathered: __, wouldLeave: ___, ...earlier } = STATUS;
  for (const status of [
    earlier,
    {
      ...earlier,
      review: { shipments: 0, indicators: 0, oldest: null },
      gathered: { indicators: 0, since: null, due: null },
      wouldLeave: { indicators: 0, shipments: 0, requests: 0 },
    },
  ]) {
    expect(statusTable(status, null)).not.toMatch(/review|gathered/);
  }
});

test('in a terminal the table fits its columns, and says the same', () => {
  const table = statusTable(STATUS, 80);
  const lines = table.split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBe(80);
  const letters = (text: string): string =>
    text
      .replaceAll(/[^\w:]/g, '')
      .split('')
      .toSorted()
      .join('');
  expect(letters(table)).toBe(letters(statusTable(STATUS, null)));
  expect(plain(table)).toContain('wait for an analyst');
});
