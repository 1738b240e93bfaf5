import { expect, test } from 'vitest';
import { namedHosts } from '../../worker/named-hosts.ts';

const NOW = new Date('2026-11-24T12:00:00Z');

function named(column: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<readonly string[]> {
  const kql = { workspaceId: '11111111-2222-3333-4444-555555555555', query: 'SecurityAlert', column, lookBack: 60_000 };
  return namedHosts({ rows: async () => rows }, kql, NOW, new AbortController().signal);
}

test('the texts of the column are what is named', async () => {
  expect(await named('Host', [{ Host: 'a.example', Count: 1 }, { Host: null }, { Host: 'b.example' }])).toEqual([
    'a.example',
    'b.example',
  ]);
  expect(await named('Host', [])).toEqual([]);
});

test('a column that the answer does not have is a mistake in the settings, with those that it has', async () => {
  await expect(named('Hst', [{ Host: 'a.example', Count: 1 }])).rejects.toMatchObject({
    kind: 'Refused',
    message: expect.stringMatching(/no column Hst, as select\.kql\.column says; it has Host, Count\.$/),
  });
});
