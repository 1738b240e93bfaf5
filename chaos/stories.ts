import { OPERATOR_STORIES } from './stories/operator-stories.ts';
import { SERVER_STORIES } from './stories/server-stories.ts';
import { WIRE_STORIES } from './stories/wire-stories.ts';
import { WORKER_STORIES } from './stories/worker-stories.ts';
import type { Story } from './story.ts';

/** All of them, in the order in which they are told. */
export const STORIES: readonly Story[] = [...WIRE_STORIES, ...WORKER_STORIES, ...OPERATOR_STORIES, ...SERVER_STORIES];
