import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CaFile {
  readonly path: string;
  /** Deletes it, unless it is kept. */
  remove(): Promise<void>;
}

/** Writes the authority's certificate where clients find it: in the folder that is kept, else in one of its own. */
export async function writeCaFile(certificate: string, keptIn: string | undefined): Promise<CaFile> {
  const folder = keptIn ?? (await mkdtemp(join(tmpdir(), 'mdti-sync-sandbox-')));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'ca.pem');
  await writeFile(path, certificate);
  return {
    path,
    remove: async () => {
      if (keptIn === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
