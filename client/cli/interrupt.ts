import { CommandError, EXIT } from './exit-codes.ts';

/** Aborted by Ctrl-C or SIGTERM. A second Ctrl-C ends the process at once. */
export function interruptSignal(say: (sentence: string) => void): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    say('Stopping; press Ctrl-C again to stop at once.');
    controller.abort(new CommandError('The command was interrupted.', EXIT.interrupted));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
