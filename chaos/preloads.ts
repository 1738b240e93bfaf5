import type { WorkerStart } from './workers.ts';

/** A worker whose clock is ahead by so much, or behind when it is negative; the clocks of all others are right. */
export function withClock(aheadMs: number): WorkerStart {
  return preload(`
    const Real = Date;
    const now = () => Real.now() + ${aheadMs};
    globalThis.Date = new Proxy(Real, {
      construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made),
      apply: () => new Real(now()).toString(),
      get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    });`);
}

/**
 * A worker that dies by SIGKILL at one of its writes: a statement for the embedded ledger is a message to a thread, one for a server is
 * a write to a socket, and so is a request. `afterMs` null: before the write, else so soon after it.
 */
export function dyingAt(write: number, afterMs: number | null): WorkerStart {
  return preload(`
    import { isMainThread, Worker } from 'node:worker_threads';
    import { Socket } from 'node:net';
    const die = () => process.kill(process.pid, 'SIGKILL');
    let left = ${write};
    const counting = (prototype, name) => {
      const real = prototype[name];
      prototype[name] = function (...args) {
        left -= 1;
        if (left !== 0) return real.apply(this, args);
        ${afterMs === null ? 'die();' : `setTimeout(die, ${afterMs});`}
        return real.apply(this, args);
      };
    };
    if (isMainThread) {
      counting(Worker.prototype, 'postMessage');
      counting(Socket.prototype, '_writeGeneric');
    }`);
}

/** A worker whose embedded ledger's thread, the first that it starts, ends at one of its statements. */
export function losingItsLedgerAt(statement: number): WorkerStart {
  return preload(`
    process.once('worker', (ledger) => {
      let left = ${statement};
      const { postMessage } = ledger;
      ledger.postMessage = (...args) => {
        left -= 1;
        return left === 0 ? ledger.terminate() : postMessage.apply(ledger, args);
      };
    });`);
}

/** Runs before the worker's own code, in its process. */
function preload(code: string): WorkerStart {
  return { nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(code)}`] };
}
