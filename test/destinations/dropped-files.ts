import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { TipItem } from '../../sandbox/stand-in.ts';
import type { Judge } from './contract-bench.ts';

const bundle = z.object({ objects: z.array(z.looseObject({ type: z.string(), id: z.string() })) });
const indicator = z.object({
  type: z.literal('indicator'),
  id: z.string(),
  name: z.string(),
  modified: z.string(),
  revoked: z.boolean().default(false),
});
type Version = z.infer<typeof indicator>;

/** Whoever reads the bundles of a folder. */
export function readerOf(folder: string): Judge {
  return readerOfVersions(() => objectsIn(folder));
}

/** Whoever reads all objects that were ever written: the newest version of an id counts. */
export function readerOfVersions(objects: () => Promise<readonly unknown[]>): Judge {
  const versions = async (): Promise<readonly Version[]> =>
    (await objects()).flatMap((object) => indicator.safeParse(object).data ?? []);
  return {
    async items() {
      const newest = new Map<string, Version>();
      for (const one of await versions()) {
        if ((newest.get(one.id)?.modified ?? '') < one.modified) newest.set(one.id, one);
      }
      return [...newest.values()].map(
        ({ id, name, revoked }): TipItem => ({ id, value: name, state: revoked ? 'gone' : 'held' }),
      );
    },
    async counts() {
      const all = await versions();
      const different = new Set(all.map(({ id, modified }) => `${id} ${modified}`));
      const ids = new Set(all.map(({ id }) => id));
      const revoked = all.filter((one) => one.revoked).length;
      return { duplicates: all.length - different.size, updates: different.size - ids.size - revoked };
    },
  };
}

async function objectsIn(folder: string): Promise<readonly unknown[]> {
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => readFile(join(folder, name), 'utf8')),
  );
  return texts.flatMap((text) => bundle.parse(JSON.parse(text)).objects);
}
