import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
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
