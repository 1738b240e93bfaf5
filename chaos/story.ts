import type { Draw } from './draw.ts';
import type { Setup } from './setup.ts';
import type { World } from './world.ts';

/** What goes wrong, from the first row on. How it ends is the same for all: everything recovers, and is judged. */
export interface Story {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  /** `own`: of this story alone, because the story stops it. */
  readonly ledger: 'embedded' | 'PostgreSQL' | 'own PostgreSQL';
  readonly temporal: 'shared' | 'own';
  /** The embedded ledger is on a disk of so many megabytes. Left out where this process may not mount one. */
  readonly diskMegabytes?: number;
  /** Part of the short run. */
  readonly short?: true | undefined;
  readonly setup: (draw: Draw) => Setup;
  readonly happen: (world: World) => Promise<void>;
}
