import type { Pipeline } from '../../activities/parts.ts';

const HOUR = 3_600_000;

/** Of a pipeline whose source has nothing new. */
export const QUIET_SOURCE = {
  since: (now) => new Date(now.getTime() - HOUR),
  windowMs: 6 * HOUR,
  sliceRows: 18_000,
  warnAfterEmptyWindows: 96,
  reader: {
    count: async () => ({ rows: 0, clock: null, emptyWorkspace: false }),
    estimate: async () => ({ rows: 0, hosts: 0 }),
    read: async () => ({ rows: [], malformed: [] }),
    close: async () => undefined,
  },
} satisfies Partial<Pipeline>;
