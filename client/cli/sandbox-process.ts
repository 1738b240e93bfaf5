import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What the `sandbox` command says of itself, as one JSON line, once it serves. */
export const sandboxReady = z.object({
  urls: z.object({
    authority: z.string(),
    logs: z.string(),
    graph: z.string(),
    threatstream: z.string(),
    control: z.string(),
  }),
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
  /** When it has ended, however. */
  readonly ended: Promise<unknown>;
  /** Ends it cleanly: what it holds is saved first. */
  stop(): Promise<void>;
}

/**
 * Runs the sandbox as a process of its own, as the outside APIs are: it shares no memory and no processor time with the
 * worker. It ends by itself when this process does, since it watches its standard input.
 */
export async function startSandboxProcess(args: readonly string[]): Promise<SandboxProcess> {
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  // Its own process group: a terminal's Ctrl-C is for us, and we end it in order.
  const child = spawn(process.execPath, [main, 'sandbox', '--json', '--until-stdin-ends', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const exited = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(([code]) => {
      throw new Error(`The sandbox ended with exit code ${String(code)} before it served.`);
    }),
  ]);
  return {
    ...sandboxReady.parse(JSON.parse(String(line))),
    ended: exited,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
