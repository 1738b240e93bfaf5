import { setTimeout as sleep } from 'node:timers/promises';
import { endWithUs } from '../client/dev-server/end-with-us.ts';
import type { Running } from '../test/e2e/command.ts';
import type { Stack } from '../test/e2e/stack.ts';
import { withClock } from './preloads.ts';

/** How a worker is started. */
export interface WorkerStart {
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Live {
  readonly running: Running;
  frozen: boolean;
}

/** The worker processes of a story. */
export class Workers {
  readonly #stack: Stack;
  readonly #most: number;
  readonly #live: Live[] = [];
  readonly #all: Running[] = [];
  #aheadMs = 0;

  constructor(stack: Stack, most: number) {
    this.#stack = stack;
    this.#most = most;
  }

  /** Starts as many as are missing. One that ends before it polls is started again by whoever calls next. */
  async start(how: WorkerStart = {}): Promise<void> {
    this.#forgetDead();
    while (this.#live.length < this.#most) {
      const clock = this.#aheadMs === 0 ? {} : withClock(this.#aheadMs);
      const nodeArgs = [...(clock.nodeArgs ?? []), ...(how.nodeArgs ?? [])];
      const running = await this.#stack.startWorker(nodeArgs, how.env);
      running.child.once('exit', endWithUs(running.child.pid ?? 0));
      this.#live.push({ running, frozen: false });
      this.#all.push(running);
    }
  }

  /** For those that start from now on it is so much later. */
  leap(ms: number): void {
    this.#aheadMs += ms;
  }

  /** Ends one of them. */
  async end(signal: 'SIGKILL' | 'SIGTERM', which = 0): Promise<void> {
    const [one] = this.#live.splice(which % Math.max(1, this.#live.length), 1);
    if (one === undefined) return;
    if (one.frozen) one.running.child.kill('SIGCONT');
    await one.running.stop(signal);
  }

  async endAll(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    while (this.#live.length > 0) await this.end(signal);
  }

  /** Stops one from doing anything for so long, without its noticing. */
  async freeze(forMs: number, which = 0): Promise<void> {
    const one = this.#live[which % Math.max(1, this.#live.length)];
    if (one === undefined) return;
    one.running.child.kill('SIGSTOP');
    one.frozen = true;
    await sleep(forMs);
    one.frozen = false;
    one.running.child.kill('SIGCONT');
  }

  /** True once one has ended by itself. */
  get isAnyDead(): boolean {
    return this.#live.some(({ running }) => hasEnded(running));
  }

  /** What each of them said. */
  logs(): readonly string[] {
    return this.#all.map(
      ({ child, stderr }) => `worker ${child.pid} (${child.signalCode ?? child.exitCode})\n${stderr()}`,
    );
  }

  #forgetDead(): void {
    for (const one of this.#live.filter(({ running }) => hasEnded(running))) {
      this.#live.splice(this.#live.indexOf(one), 1);
    }
  }
}

function hasEnded({ child }: Running): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
