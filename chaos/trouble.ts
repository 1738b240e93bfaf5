import type { Draw } from './draw.ts';
import type { World } from './world.ts';

/** Something that goes wrong, or that a person does, while a run is going. What it draws, it draws from its own draws. */
export type Trouble = (world: World, draw: Draw) => Promise<void>;
