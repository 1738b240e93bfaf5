import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { CommandError, EXIT } from './exit-codes.ts';

/** What the `sandbox` command says of itself, as one JSON line, once it serves. */
export const sandboxReady = z.object({
  urls: z.object({
    authority: z.string(),
    logs: z.string(),
    graph: z.string(),
    threatstream: z.string(),
    control: z.string(),
  }),
  /** The stand-ins of TIPs, by their names. */
  tips: z.record(z.string(), z.object({ url: z.string(), credentials: z.record(z.string(), z.string()) })),
  caFile: z.string(),
  credentials: z.object({
    tenantId: z.string(),
    clientId: z.string(),
    clientSecret: z.string(),
    workspaceId: z.string(),
    threatstreamUser: z.string(),
    threatstreamApiKey: z.string(),
  }),
});
export type SandboxReady = z.infer<typeof sandboxReady>;

export interface SandboxProcess extends SandboxReady {
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<unknown>;
  /** Ends it cleanly: what it holds is saved first. */
  stop(): Promise<void>;
}

/**
 * Runs the sandbox as a process of its own, as the outside APIs are: it shares no memory and no processor time with the
 * worker. It ends by itself when this process does, since it watches its standard input.
 * When it does not come up, the error is its own sentence and exit code.
 */
export async function startSandboxProcess(args: readonly string[]): Promise<SandboxProcess> {
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  // Its own process group: a terminal's Ctrl-C is for us, and we end it in order.
  const child = spawn(process.execPath, [main, 'sandbox', '--json', '--until-stdin-ends', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = once(child, 'close');
  let said = '';
  const hear = (text: string): void => {
    said += text;
  };
  child.stderr.setEncoding('utf8').on('data', hear);
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(([code, signal]) => {
      const sentence = said.trim().replace(/^mdti-sync: /, '');
      const nothing = `The sandbox ended before it served (${code === null ? String(signal) : `exit code ${String(code)}`}).`;
      throw new CommandError(sentence === '' ? nothing : sentence, code === EXIT.usage ? EXIT.usage : EXIT.failed);
    }),
  ]);
  child.stderr.off('data', hear).pipe(process.stderr, { end: false });
  return {
    ...sandboxReady.parse(JSON.parse(String(line))),
    exited,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
