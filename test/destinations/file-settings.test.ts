import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { file } from '../../destinations/file/index.ts';
import { POLICY } from '../indicators/arbitraries.ts';
import { emptyFolder, filesIn } from './drop-folder.ts';

const chosen = (settings: object) => file.section.parse({ type: 'file', ...settings });

test('a folder is all that has to be said', () => {
  const { hosts, permissions, settings } = chosen({ folder: 'out' });
  expect(hosts).toEqual([]);
  expect(permissions).toEqual([`The user that the worker runs as: to read, write and list ${resolve('out')}`]);
  expect(settings).toMatchObject({ folder: 'out', format: 'stix', readableBy: 'group', readers: 'take' });
});

test.each([{}, { folder: '' }, { folder: 'a\0b' }, { folder: 'out', format: 'xml' }, { folder: 'out', maxObjects: 0 }])(
  'is refused: %j',
  (settings) => {
    expect(() => chosen(settings)).toThrow();
  },
);

test('the same folder is the same account, however it is written', () => {
  const account = (folder: string) =>
    chosen({ folder }).ready(() => expect.fail('There are no secrets.'), 'a workspace').account;
  expect(account('out')).toBe(account(`${process.cwd()}/x/../out/`));
});

test.each([
  ['everyone', 'amber', 1],
  ['everyone', 'green', 0],
  ['group', 'red', 0],
] as const)('files for %s warn of a ceiling of %s: %i', (readableBy, tlpCeiling, count) => {
  expect(chosen({ folder: 'out', readableBy }).warnings({ ...POLICY, tlpCeiling })).toHaveLength(count);
});

test('it says where it writes, and withdraws what has come to its end', async () => {
  const folder = await emptyFolder();
  const files = filesIn(folder, { maxObjects: 10 });
  expect(files).toMatchObject({ describe: `Files in ${folder}`, exactEnd: true, fullLoad: 10, withdrawLoad: 10 });
});
