import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { expect, test } from 'vitest';
import { startProcess } from '../../client/dev-server/server-process.ts';

const folder = () => mkdtemp(join(tmpdir(), 'mdti-sync-process-'));

test('a process is stopped once, and politely', async () => {
  const started = await startProcess('/bin/sleep', ['600'], join(await folder(), 'log'), process.env);
  await Promise.all([started.stop(), started.stop()]);
  expect(await started.exited).toEqual({ code: null, signal: 'SIGTERM' });
});

test('what a process makes is its user’s alone', async () => {
  const at = await folder();
  const [log, made, inside] = [join(at, 'log'), join(at, 'made'), join(at, 'folder')];
  const started = await startProcess('/bin/sh', ['-c', `mkdir '${inside}'; echo > '${made}'`], log, process.env);
  await started.exited;
  const modes = await Promise.all([log, made, inside].map(async (path) => (await stat(path)).mode & 0o777));
  expect(modes).toEqual([0o600, 0o600, 0o700]);
});

test('a process ends with the one that started it, even when that is killed', async () => {
  const at = await folder();
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: 'client/dev-server/server-process.ts',
      outDir: at,
      rollupOptions: { output: { entryFileNames: 'process.mjs' } },
    },
  });
  const script = join(at, 'parent.mjs');
  const log = join(at, 'log');
  const untilEnded = `trap 'echo ended; exit 0' TERM; echo begun; while :; do sleep 0.05; done`;
  await writeFile(
    script,
    `import { startProcess } from './process.mjs';
     await startProcess('/bin/sh', ['-c', ${JSON.stringify(untilEnded)}], ${JSON.stringify(log)}, process.env);
     process.stdout.write('started');
     setInterval(() => undefined, 1_000);`,
  );
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(parent.stdout, 'data');
  await expect.poll(() => readFile(log, 'utf8')).toBe('begun\n');
  parent.kill('SIGKILL');
  await expect.poll(() => readFile(log, 'utf8'), { timeout: 10_000 }).toBe('begun\nended\n');
});
