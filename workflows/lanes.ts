import { condition } from '@temporalio/workflow';

/**
 * Works through what `next` hands out, `width` at a time, until it hands out nothing; then waits for the last. Both `width`
 * and `open` are asked again at every step, so they may change while it runs. `work` does not throw for a failed item:
 * what it throws ends the run once the others have ended.
 */
export async function runLanes<T>(options: {
  readonly width: () => number;
  readonly open: () => boolean;
  readonly next: () => T | undefined;
  readonly work: (item: T) => Promise<void>;
}): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | null = null;
  try {
    for (;;) {
      await condition(() => failure !== null || (options.open() && running.size < options.width()));
      if (failure !== null) break;
      const item = options.next();
      if (item === undefined) {
        if (running.size === 0) break;
        // What runs may still add to what there is to do.
        await Promise.race(running);
        continue;
      }
      const one: Promise<void> = options
        .work(item)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(one));
      running.add(one);
    }
  } finally {
    await Promise.all(running);
  }
  throwIfFailed(failure);
}

function throwIfFailed(failure: { readonly error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}
