import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { folderTrouble, makeFolder } from '../../ledger/make-folder.ts';
import { CommandError, EXIT } from './exit-codes.ts';

/** Where a demo has its state. */
export interface DemoFolder {
  readonly configFile: string;
  readonly ledger: string;
  readonly sandbox: string;
  /** Of a destination that has files. */
  readonly destination: string;
  readonly temporalState: string;
  readonly temporalLog: string;
  readonly workerLog: string;
}

function partsOf(folder: string): DemoFolder {
  return {
    configFile: join(folder, 'mdti-sync.yaml'),
    ledger: join(folder, 'ledger'),
    sandbox: join(folder, 'sandbox'),
    destination: join(folder, 'destination'),
    temporalState: join(folder, 'temporal.db'),
    temporalLog: join(folder, 'temporal.log'),
    workerLog: join(folder, 'worker.log'),
  };
}

/** The configuration's first line: by it a folder is known as a demo's. */
const OURS = '# Written by "mdti-sync demo", anew at each start. What lies beside it is the state of the demo.\n';

/** A folder for one demo, and how to remove it. */
export async function passingFolder(): Promise<DemoFolder & { remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-demo-')).catch((error: unknown) => {
    throw wrong(
      `No folder for the demo could be made in ${tmpdir()}: ${folderTrouble(error)}. Set TMPDIR to one that this user may write to, or name one with --keep.`,
    );
  });
  return { ...partsOf(folder), remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A folder that a demo had before, or that has nothing of the names that a demo writes: what is somebody's is never touched. */
export async function keptFolder(keep: string): Promise<DemoFolder> {
  const folder = resolve(keep);
  const parts = partsOf(folder);
  const unusable = (error: unknown): CommandError =>
    wrong(`--keep: ${folder} cannot be used: ${folderTrouble(error)}. Name a folder that this user may write to.`);
  try {
    await makeFolder(folder);
    if (await isOurs(parts)) return parts;
    const names = new Set(await readdir(folder));
    const others = Object.values(parts)
      .map((path) => path.slice(folder.length + 1))
      .filter((name) => names.has(name));
    if (others.length > 0) {
      throw wrong(
        `--keep: ${folder} has ${others.join(', ')} already, and not of a demo: nothing was touched. Name a new folder, or one that a demo has kept its state in.`,
      );
    }
    await writeFile(parts.configFile, OURS, { flag: 'wx', mode: 0o600 });
    return parts;
  } catch (error) {
    throw error instanceof CommandError ? error : unusable(error);
  }
}

/** Of a folder that was asked for above. */
export async function writeConfig({ configFile }: DemoFolder, text: string): Promise<void> {
  await writeFile(configFile, `${OURS}${text}`, { mode: 0o600 });
}

async function isOurs({ configFile }: DemoFolder): Promise<boolean> {
  const text = await readFile(configFile, 'utf8').catch(() => '');
  return text.startsWith(OURS);
}

function wrong(sentence: string): CommandError {
  return new CommandError(sentence, EXIT.usage);
}
