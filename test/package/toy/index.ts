import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Destination, Send } from '../../../destinations/destination.ts';
import { destinationKind } from '../../../destinations/kind.ts';
import { setting, settingOf } from '../../../settings/setting.ts';

const section = z.strictObject({
  type: z.literal('toy').describe('A toy.'),
  folder: settingOf(z.string().min(1), 'Where it has its things.', { example: './toy' }),
  greeting: setting(z.string(), 'What it says.', 'hello'),
});

/** One text file for each value that it holds: the smallest destination that there can be. */
export const toy = destinationKind({
  title: 'Toy',
  stability: 'beta',
  section,
  hosts: () => [],
  permissions: ({ folder }) => [`to write to ${folder}`],
  account: ({ folder }) => `Toy ${folder}`,
  requestsPerSecond: () => 1_000,
  create: ({ folder, greeting }): Destination => {
    const fileOf = (value: string): string => join(folder, createHash('sha256').update(value).digest('hex'));
    const send: Send = async ({ items }, _signal, leaving) => {
      await leaving?.();
      await mkdir(folder, { recursive: true });
      for (const { value, hash } of items) await writeFile(fileOf(value), `${greeting} ${hash}`);
      return {};
    };
    return {
      describe: `a toy at ${folder}`,
      render: ({ id, indicator: { key, facts }, held }) => ({
        id,
        key,
        hash: String(facts.confidence),
        batchKey: (held?.remoteId ?? null) === null ? 'new' : 'held',
        value: key.value,
        form: {},
      }),
      plan: (items) => (items.length === 0 ? [] : [items]),
      requestsFor: () => 1,
      bring: send,
      change: send,
      find: async () => ({ kind: 'absent' }),
      async confirm({ items }) {
        const there = new Set(await readdir(folder));
        const held = async ({ value, hash }: (typeof items)[number]): Promise<boolean> =>
          there.has(fileOf(value).slice(folder.length + 1)) &&
          (await readFile(fileOf(value), 'utf8')) === `${greeting} ${hash}`;
        const accepted = [];
        const unknown = [];
        for (const item of items) {
          if (await held(item)) accepted.push(item.id);
          else unknown.push({ id: item.id, reason: 'it is not there' });
        }
        return { kind: 'settled', accepted, rejected: [], unknown, note: '' };
      },
      async withdraw(items) {
        for (const { key } of items) await rm(fileOf(key.value), { force: true });
        return { withdrawn: items.map(({ id }) => id), missing: [], unknown: [] };
      },
    };
  },
  demo: ({ folder }) => ({ destination: { type: 'toy' as const, folder }, env: {} }),
});
