import { ENRICH_STORIES } from './stories/enrich-stories.ts';
import { OPERATOR_STORIES } from './stories/operator-stories.ts';
import { SERVER_STORIES } from './stories/server-stories.ts';
import { WIRE_STORIES } from './stories/wire-stories.ts';
import { WORKER_STORIES } from './stories/worker-stories.ts';
import type { Story } from './story.ts';

/** By what the product does in them, in the order in which they are told. */
export const STORIES = {
  deliver: [...WIRE_STORIES, ...WORKER_STORIES, ...OPERATOR_STORIES, ...SERVER_STORIES],
  enrich: ENRICH_STORIES,
} as const satisfies Record<string, readonly Story[]>;

export const ALL_STORIES: readonly Story[] = Object.values(STORIES).flat();
