import { takeRounds } from '../rounds.ts';
import { APPROVALS, drawSetup } from '../setup.ts';
import type { Story } from '../story.ts';

/** Everything that can happen to a request, in each mode of approval. */
export const WIRE_STORIES: readonly Story[] = APPROVALS.map((approval) => ({
  name: `wire-${approval}`,
  about: `Every form of 429, 5xx, resets, spoilt bodies and refusals on the way to all APIs, approval ${approval}.`,
  ledger: 'embedded',
  temporal: 'shared',
  short: true,
  setup: (draw) => drawSetup(draw, { approval }),
  happen: (world) => takeRounds(world, { rounds: 4, apis: ['entra', 'logs', 'graph', 'tip'], troubles: [] }),
}));
