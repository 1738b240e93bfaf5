interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock whose time passes only when nothing else is left to do: hours take milliseconds, and every run is the same. */
export interface VirtualClock {
  /** Milliseconds since it began. */
  readonly ms: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Lets the time pass until then. */
  readonly runUntil: (ms: number) => Promise<void>;
}

export function virtualClock(): VirtualClock {
  let now = 0;
  let timers: Timer[] = [];
  return {
    ms: () => now,
    sleep: (ms) =>
      new Promise((wake) => {
        const at = now + Math.max(0, ms);
        const before = timers.findLastIndex((timer) => timer.at <= at);
        timers.splice(before + 1, 0, { at, wake });
      }),
    async runUntil(end) {
      for (;;) {
        // Whatever can go on without time passing goes on first.
        await new Promise((resolve) => setImmediate(resolve));
        const next = timers[0]?.at;
        if (next === undefined || next > end) break;
        now = next;
        const due = timers.filter(({ at }) => at <= now);
        timers = timers.slice(due.length);
        for (const { wake } of due) wake();
      }
      now = end;
    },
  };
}
