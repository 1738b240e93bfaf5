import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openExclusionLists } from '../../config/exclusion-lists.ts';
import { exclusionSection } from '../../config/exclusion-section.ts';
import { lookOnce, watchLists } from '../../worker/watch-lists.ts';

const NOW = new Date('2026-01-20T12:00:00Z');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync-watch-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Two pipelines, of which the second has no list; what is told of them. */
async function watched(exclude: object) {
  const lists = await openExclusionLists({
    p: { policy: { exclude: exclusionSection.parse(exclude) } },
    q: { policy: { exclude: exclusionSection.parse({}) } },
  });
  const told: [level: string, message: string, fields: unknown][] = [];
  const gauge: Record<string, number> = {};
  const log = (level: string) => (message: string, fields?: unknown) => {
    told.push([level, message, fields]);
  };
  return {
    told,
    gauge,
    watch: {
      lists,
      pipelines: ['p', 'q'],
      logger: { info: log('info'), warn: log('warn'), error: log('error') },
      metrics: {
        staleLists(pipeline: string, files: number) {
          gauge[pipeline] = files;
        },
      },
    },
  };
}

test('a file that cannot be used is told of once in the log, and by the gauge for as long as it lasts', async () => {
  const file = join(folder, 'own.txt');
  await writeFile(file, 'a.com\n');
  const { told, gauge, watch } = await watched({ domains: [{ file }] });
  await lookOnce(watch, NOW);
  expect([told, gauge]).toEqual([[], { p: 0, q: 0 }]);

  await rm(file);
  await lookOnce(watch, NOW);
  await lookOnce(watch, NOW);
  const problem = `the file ${file} is not there`;
  expect(told).toEqual([['warn', 'the last good list of a file is kept in force', { file, problem }]]);
  expect(gauge).toEqual({ p: 1, q: 0 });

  await writeFile(file, 'a.com\nb.com\n');
  await lookOnce(watch, NOW);
  await lookOnce(watch, NOW);
  expect(told.slice(1)).toEqual([['info', 'the list of a file is in force', { file }]]);
  expect(gauge).toEqual({ p: 0, q: 0 });
});

test('the worker looks by itself until it stops', async () => {
  const file = join(folder, 'own.txt');
  await writeFile(file, 'a.com\n');
  const { told, watch } = await watched({ domains: [{ file }] });
  const stop = new AbortController();
  const watching = watchLists({ ...watch, signal: stop.signal }, 1);
  await writeFile(`${file}.new`, 'a.com\nb.com\n');
  await rename(`${file}.new`, file);
  await expect.poll(() => told.length).toBe(1);
  stop.abort();
  await watching;
  expect(told[0]?.[1]).toBe('the list of a file is in force');
});

test('without files there is nothing to look at', async () => {
  const { watch } = await watched({ domains: ['a.com'] });
  await watchLists({ ...watch, signal: new AbortController().signal });
});
