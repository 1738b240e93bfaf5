import { beforeAll, describe, expect, test } from 'vitest';
import { ROOMS, readSources, type SourceFile } from './source-files.ts';

const LONGEST = 300;
/** Names that say nothing of what is inside. */
const EMPTY_NAMES = /(^|[-/])(utils?|helpers?|common|managers?|misc|shared|stuff)([-./]|$)/;
const NAME = /^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/;

describe('a file', () => {
  let files: readonly SourceFile[];

  beforeAll(async () => {
    files = await readSources([...ROOMS, 'bench', 'chaos', 'test']);
  });

  test(`has at most ${LONGEST} lines`, () => {
    const long = files.filter(({ path, text }) => !path.startsWith('test/') && lines(text) > LONGEST);
    expect(long.map(({ path, text }) => `${path}: ${lines(text)}`)).toEqual([]);
  });

  test('is named for what is in it, in lower-case words', () => {
    expect(files.map(({ path }) => path).filter((path) => !wellNamed(path))).toEqual([]);
  });

  test('does not switch off a check', () => {
    const off =
      /@ts-ignore|@ts-expect-error|@ts-nocheck|(ox|es)lint-disable|biome-ignore|\b(test|it|describe)\.(skip|only)\(/;
    const found = files.filter(({ path, text }) => path !== 'test/architecture/files.test.ts' && off.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });
});

test('the rule of names finds a bad one', () => {
  const bad = [
    'ledger/utils.ts',
    'client/helpers/x.ts',
    'http/retry-helper.ts',
    'a/SyncManager.ts',
    'config/common.ts',
  ];
  expect(bad.filter(wellNamed)).toEqual([]);
  expect(['ledger/migrations/0001-first.ts', 'client/cli/main.ts', 'a/uncommon.ts'].every(wellNamed)).toBe(true);
});

function wellNamed(path: string): boolean {
  return NAME.test(path) && !EMPTY_NAMES.test(path);
}

function lines(text: string): number {
  return text.trimEnd().split('\n').length;
}
