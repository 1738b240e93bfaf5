import { readFile, stat } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Dockerfile, readDockerfile } from './dockerfile.ts';
import { isKnownVariable } from './known-variables.ts';

let dockerfile: Dockerfile;

beforeAll(async () => {
  dockerfile = await readDockerfile();
});

const all = (wanted: string): readonly string[] =>
  dockerfile.instructions.filter(([name]) => name === wanted).map(([, rest]) => rest);

test('every stage has the same version of Node.js, which is pinned', () => {
  const images = all('FROM').map((from) => from.replace(/ AS \w+$/, ''));
  expect(all('ARG')).toContainEqual(expect.stringMatching(/^NODE_VERSION=\d+\.\d+\.\d+$/));
  // glibc, for the Temporal SDK's core; slim at the end.
  expect(images).toEqual(['node:${NODE_VERSION}-bookworm', 'node:${NODE_VERSION}-bookworm-slim']);
});

test('it runs as a user without rights, by number, and is told to stop by SIGTERM', () => {
  expect(all('USER')).toEqual(['1000:1000']);
  expect(all('STOPSIGNAL')).toEqual(['SIGTERM']);
  expect([all('ENTRYPOINT'), all('CMD')]).toEqual([['["mdti-sync"]'], ['["worker"]']]);
});

test('it exposes, and asks for its health, where the worker listens', () => {
  const { environment, ports } = dockerfile;
  expect(Object.keys(environment).filter((name) => !isKnownVariable(name))).toEqual([]);
  const port = (name: string): number => Number(/^0\.0\.0\.0:(\d+)$/.exec(environment[name] ?? '')?.[1]);
  expect(ports).toEqual([port('MDTI_SYNC_HEALTH_LISTEN'), port('MDTI_SYNC_METRICS_LISTEN')]);
  expect(all('HEALTHCHECK')).toEqual([expect.stringContaining(`http://127.0.0.1:${ports[0]}/healthz`)]);
});

test('the command on its path is the one that the package has', async () => {
  const { bin } = z
    .looseObject({ bin: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile('package.json', 'utf8')));
  expect(all('RUN')).toContain(`ln -s /app/${bin['mdti-sync']} /usr/local/bin/mdti-sync`);
});

test('the build gets what it is built from, and nothing else', async () => {
  const allowed = (await readFile('.dockerignore', 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  await Promise.all(allowed.map((path) => stat(path)));
  const { include } = z
    .looseObject({ include: z.array(z.string()) })
    .parse(JSON.parse(await readFile('tsconfig.build.json', 'utf8')));
  const files = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'LICENSE', 'bin'];
  expect([...allowed].sort()).toEqual([...files, ...include].sort());
});
