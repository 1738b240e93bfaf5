import type { Owner } from '../../activities/window-ref.ts';
import { NOTHING } from '../../indicators/counts.ts';
import type { Script } from './open-workflows.ts';
import { planned, windowOf } from './planned.ts';

type Standing = { readonly state: 'running' | 'failed' | 'done'; readonly owner: string };

/** What the ledger promises of windows, in memory: one for each hour of a day, in whose lease time does not count. */
export function coverageModel() {
  const windows = new Map<number, Standing>();
  /** By window: the runs that closed it as done. */
  const closed: string[] = [];
  const name = ({ workflowId }: Owner): string => workflowId;
  const hoursOf = (from: string, to: string): readonly number[] =>
    Array.from({ length: 24 }, (_, hour) => hour).filter(
      (hour) => windowOf(hour).from >= from && windowOf(hour).to <= to,
    );

  const script: Script = {
    async plan(input) {
      if (input.kind !== 'backfill') throw new Error('The model has no beginning of coverage.');
      const owner = name(input.owner);
      const hours = hoursOf(input.from, input.to);
      const free = hours.filter((hour) => {
        const { state, owner: of } = windows.get(hour) ?? { state: 'failed', owner: '' };
        return state === 'failed' ? of !== owner : state === 'running' && of === owner;
      });
      for (const hour of free) windows.set(hour, { state: 'running', owner });
      const others = hours.filter(
        (hour) => windows.get(hour)?.state === 'running' && windows.get(hour)?.owner !== owner,
      );
      return planned(free.map(windowOf), { others: others.length });
    },
    async closeWindow(input) {
      const hour = input.windowId - 1;
      windows.set(hour, { state: input.failure === null ? 'done' : 'failed', owner: name(input.owner) });
      if (input.failure === null) closed.push(`${hour} by ${name(input.owner)}`);
      return { ...NOTHING, windows: 1 };
    },
    async releaseWindows(input) {
      const mine = [...windows].filter(([, one]) => one.state === 'running' && one.owner === name(input.owner));
      for (const [hour, one] of mine) windows.set(hour, { ...one, state: 'failed' });
      return mine.length;
    },
  };
  return {
    script,
    windows,
    closed,
    states: () => [...windows].sort(([a], [b]) => a - b).map(([, { state }]) => state),
  };
}
