import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { authorityShape } from './https/certificates.ts';
import { savedRows } from './rows/workspace-rows.ts';
import { WrongInput } from './wrong-input.ts';

const common = { authority: authorityShape, rows: savedRows };

/** What a sandbox goes on from, also what an earlier one kept, which had one TIP. */
const keptState = z.discriminatedUnion('version', [
  z.object({
    ...common,
    version: z.literal(2),
    /** What each stand-in of a TIP gave, by its name; only it can read that. */
    tips: z.record(z.string(), z.unknown()),
  }),
  z
    .object({ ...common, version: z.literal(1), threatstream: z.unknown() })
    .transform(({ threatstream, ...kept }) => ({ ...kept, version: 2 as const, tips: { threatstream } })),
]);

export interface KeptState {
  readonly version: 2;
  readonly authority: z.output<typeof authorityShape>;
  readonly rows: z.output<typeof savedRows>;
  readonly tips: Readonly<Record<string, unknown>>;
}

/** Null when nothing is kept there yet. Throws `WrongInput` that names the file when it holds something else. */
export async function loadState(directory: string): Promise<KeptState | null> {
  const file = stateFile(directory);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    return keptState.parse(JSON.parse(text));
  } catch (error) {
    throw new WrongInput(`${file} is not what a sandbox keeps: delete it, or keep the state elsewhere.`, {
      cause: error,
    });
  }
}

/** Whole or not at all: a process that dies while it writes leaves what was there. */
export async function saveState(directory: string, state: KeptState): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = stateFile(directory);
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, JSON.stringify(state), { mode: 0o600 });
  await rename(fresh, file);
}

function stateFile(directory: string): string {
  return join(directory, 'sandbox.json');
}
