import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../client/dev-server/cache-folder.ts';
import { locateTemporal } from '../../client/dev-server/locate-temporal.ts';
import { type DevServer, DevServerFailed, startDevServer } from '../../client/dev-server/start-dev-server.ts';

let binary: string;
let folder: string;
const running: DevServer[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync-server-'));
  const located = await locateTemporal({ env: process.env, cacheDir: cacheFolder(process.env), say: () => undefined });
  binary = located.path;
}, 600_000);

afterAll(async () => {
  await Promise.all(running.map((server) => server.stop()));
});

async function start(options: Omit<Parameters<typeof startDevServer>[0], 'binary'>): Promise<DevServer> {
  const server = await startDevServer({ binary, ...options });
  running.push(server);
  return server;
}

async function withClient<T>({ address, namespace }: DevServer, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}

describe('a dev server', () => {
  test('answers, shows its UI, knows the search attributes, and takes up its file again', async () => {
    const dbFile = join(folder, 'state', 'temporal.db');
    const logFile = join(folder, 'logs', 'temporal.log');
    const options = {
      dbFile,
      logFile,
      searchAttributes: { MdtiPipeline: 'Keyword', MdtiWindowFrom: 'Datetime' },
    } as const;
    const first = await start(options);
    const page = await fetch(first.uiUrl);
    expect(page.status).toBe(200);
    const attributes = await withClient(first, ({ connection, options: { namespace } }) =>
      connection.operatorService.listSearchAttributes({ namespace }),
    );
    expect(Object.keys(attributes.customAttributes)).toEqual(
      expect.arrayContaining(['MdtiPipeline', 'MdtiWindowFrom']),
    );
    await withClient(first, (client) =>
      client.workflow.start('nobody-runs-it', { taskQueue: 'none', workflowId: 'kept', staticSummary: 'kept' }),
    );
    await first.stop();
    await first.stop();
    expect(await first.exited).toEqual({ code: expect.anything(), signal: null });

    const second = await start(options);
    const kept = await withClient(second, (client) => client.workflow.getHandle('kept').describe());
    expect(kept.status.name).toBe('RUNNING');
    await second.stop();
    expect(await readdir(join(folder, 'logs'))).toEqual(['temporal.log']);
  });

  test('has the namespace that was asked for, and stops when the signal says so', async () => {
    const ending = new AbortController();
    const server = await start({ searchAttributes: {}, namespace: 'elsewhere', signal: ending.signal });
    const described = await withClient(server, ({ connection }) =>
      connection.workflowService.describeNamespace({ namespace: 'elsewhere' }),
    );
    expect(described.namespaceInfo?.name).toBe('elsewhere');
    ending.abort();
    await server.exited;
    await expect(Connection.connect({ address: server.address, connectTimeout: '1s' })).rejects.toThrow();
  });

  test('that is stopped while it starts leaves nothing behind', async () => {
    const ending = new AbortController();
    const starting = startDevServer({ binary, searchAttributes: {}, signal: ending.signal });
    ending.abort(new Error('enough'));
    await expect(starting).rejects.toThrow('enough');
  });

  test('that is no program says so', async () => {
    const starting = startDevServer({ binary: join(folder, 'nothing'), searchAttributes: {} });
    await expect(starting).rejects.toThrow(/nothing could not be started/);
  });

  test('that lost one of its own ports to another process is started again, with others', async () => {
    // What it prints then: see the log of a server in a network with four ports.
    const panics = join(folder, 'panics-first');
    await writeFile(
      panics,
      `#!/bin/sh
if [ ! -e '${panics}.did' ]; then
  : > '${panics}.did'
  echo 'time=T level=ERROR msg="Failed to start gRPC listener" error="listen tcp 127.0.0.1:1: bind: address already in use"'
  printf 'panic: runtime error: invalid memory address\\n\\ngoroutine 1 [running]:\\nmain.main()\\n\\tmain.go:18 +0x8e\\n'
  exit 2
fi
exec '${binary}' "$@"
`,
      { mode: 0o755 },
    );
    const server = await startDevServer({ binary: panics, searchAttributes: {} });
    running.push(server);
    expect((await fetch(server.uiUrl)).status).toBe(200);
  });

  test('that panics ends with what the panic says, not with where, nor with what an earlier one left in the log', async () => {
    const panics = join(folder, 'panics');
    const logFile = join(folder, 'kept.log');
    await writeFile(logFile, 'panic: address already in use\n\ngoroutine 1 [running]:\nmain.go:18\n');
    await writeFile(
      panics,
      "#!/bin/sh\nprintf 'panic: no luck\\n\\ngoroutine 1 [running]:\\nmain.go:18\\n'\nexit 2\n",
      {
        mode: 0o755,
      },
    );
    const starting = startDevServer({ binary: panics, searchAttributes: {}, logFile });
    await expect(starting).rejects.toThrow('before it was ready (exit code 2): panic: no luck');
    expect((await readFile(logFile, 'utf8')).match(/no luck/g)).toHaveLength(1);
  });

  test('that cannot start says why, with its last words', async () => {
    const other = createServer();
    const uiPort = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const logFile = join(folder, 'taken.log');
    const failed = await startDevServer({ binary, searchAttributes: {}, uiPort, logFile }).catch(
      (error: unknown) => error,
    );
    other.close();
    expect(failed).toBeInstanceOf(DevServerFailed);
    expect(String(failed)).toContain(`can't set UI port ${uiPort}`);
    expect(await readFile(logFile, 'utf8')).toContain('address already in use');
  });
});
