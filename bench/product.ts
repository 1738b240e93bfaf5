import { endWithUs } from '../client/dev-server/end-with-us.ts';
import { triggerSchedule } from '../client/schedules.ts';
import type { Counts } from '../indicators/counts.ts';
import type { Window } from '../indicators/window.ts';
import type { Running } from '../test/e2e/command.ts';
import { type Stack, type StackOptions, startStack } from '../test/e2e/stack.ts';
import type { sync } from '../workflows/sync.ts';
import type { Ledger } from './ledgers.ts';
import type { Processes } from './process-cpu.ts';
import type { Scope } from './scope.ts';
import type { TemporalServer } from './temporal-server.ts';

export interface ProductOptions extends Omit<StackOptions, 'address'> {
  readonly temporal: TemporalServer;
  readonly ledger: Ledger;
}

export interface SyncRun {
  readonly workflowId: string;
  /** From the start of the run to its end, by Temporal's clock. */
  readonly seconds: number;
  readonly counts: Counts;
}

/** The product as its own commands bring it up, against a sandbox of its own and a fresh ledger. */
export interface Product {
  readonly stack: Stack;
  readonly startWorker: (nodeArgs?: readonly string[]) => Promise<Running>;
  /** New rows that give about so many indicators; returns when they were ingested. */
  readonly generate: (indicators: number) => Promise<Window>;
  /** Triggers the schedule and waits for the end of the run, without asking how far it is. */
  readonly sync: () => Promise<SyncRun>;
  /** What has a process of its own here, besides workers. */
  readonly processes: Processes;
}

export async function startProduct(scope: Scope, options: ProductOptions): Promise<Product> {
  const { temporal, ledger, ...rest } = options;
  const url = await ledger.url(scope);
  const stack = await startStack({
    ...rest,
    address: temporal.address,
    sandbox: ['--indicators', '0', '--until-stdin-ends', ...(options.sandbox ?? [])],
    ...(url === null
      ? {}
      : { config: { ...options.config, ledger: { url: { env: 'LEDGER_URL' } } }, env: { LEDGER_URL: url } }),
  });
  scope.add(() => stack.close());
  return {
    stack,
    async startWorker(nodeArgs) {
      const worker = await stack.startWorker(nodeArgs);
      const ended = endWithUs(pidOf(worker));
      worker.child.once('exit', ended);
      return worker;
    },
    generate: (indicators) => generate(stack, indicators),
    sync: () => syncOnce(stack),
    processes: { Temporal: temporal.pid, sandbox: pidOf(stack.sandboxProcess), ...ledger.processes },
  };
}

export function pidOf({ child }: Running): number {
  if (child.pid === undefined) throw new Error('The process was not started.');
  return child.pid;
}

async function generate({ control }: Stack, indicators: number): Promise<Window> {
  const from = new Date();
  await control('POST', '/generate', { indicators });
  // The rows have the sandbox's time, to the millisecond; the window's end is not part of it.
  return { from: from.toISOString(), to: new Date(Date.now() + 2).toISOString() };
}

async function syncOnce({ temporal, pipeline }: Stack): Promise<SyncRun> {
  const { workflowId } = await triggerSchedule(temporal, pipeline);
  const handle = temporal.client.workflow.getHandle<typeof sync>(workflowId);
  const counts = await handle.result();
  const { startTime, closeTime } = await handle.describe();
  if (closeTime === undefined) throw new Error('A run that has ended has no end.');
  return { workflowId, seconds: (closeTime.getTime() - startTime.getTime()) / 1_000, counts };
}
