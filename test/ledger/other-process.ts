import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

const built = (file: string): string => pathToFileURL(join(process.cwd(), 'dist/ledger', file)).href;

/** Each folder that it is told of it holds, or says why it does not. */
const HOLDER = `
  import { holdFolder } from '${built('hold-folder.js')}';
  process.on('message', (folder) => holdFolder(folder).then(() => process.send('held'), ({ message }) => process.send(message)));
  process.send('ready');
`;
/** Opens the ledger of the folder that it is told of, says how often it has been opened, and does not close it. */
const LEDGER = `
  import { sql } from '${import.meta.resolve('kysely')}';
  import { openLedger } from '${built('open-ledger.js')}';
  const run = async (path) => {
    const ledger = await openLedger({ path });
    await sql\`insert into rate_budgets (api, next_at, interval_ms) select 'opened ' || count(*), now(), 1 from rate_budgets\`.execute(ledger);
    const { rows } = await sql\`select count(*)::int as times from rate_budgets\`.execute(ledger);
    return 'opened ' + rows[0].times;
  };
  process.on('message', (path) => run(path).then((said) => process.send(said), ({ message }) => process.send(message)));
  process.send('ready');
`;

export interface OtherProcess {
  readonly pid: number;
  /** Its answer to a folder. */
  ask(folder: string): Promise<string>;
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): Promise<void>;
}

/** Another process, of what the build has made; of another user, too. */
export async function startOther(
  what: 'holder' | 'ledger',
  cwd = process.cwd(),
  user: { readonly uid?: number; readonly gid?: number } = {},
): Promise<OtherProcess> {
  const place = await mkdtemp(join(tmpdir(), 'mdti-sync-process-'));
  await chmod(place, 0o755);
  const script = join(place, 'other.mjs');
  await writeFile(script, what === 'holder' ? HOLDER : LEDGER);
  const child = spawn(process.execPath, [script], { ...user, cwd, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(place, { recursive: true });
  });
  await answer(child);
  return {
    pid: child.pid ?? 0,
    async ask(folder) {
      const said = answer(child);
      child.send(folder);
      return said;
    },
    async signal(name) {
      const ended = name === 'SIGKILL' ? once(child, 'exit') : null;
      child.kill(name);
      await ended;
    },
  };
}

async function answer(child: ChildProcess): Promise<string> {
  const [said]: unknown[] = await once(child, 'message');
  return String(said);
}
