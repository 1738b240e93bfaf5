import { z } from 'zod';
import { sentenceOf } from '../sentences.ts';
import { THREATSTREAM } from '../setup.ts';
import type { World } from '../world.ts';

const reviewed = z.object({ sessions: z.number() });

/** An analyst approves every import session that is ready for it; returns how many there were. */
export async function approveSessions(world: World): Promise<number> {
  if (world.setup.kind !== THREATSTREAM) return 0;
  const { sessions } = reviewed.parse(
    await world.stack.control('POST', `/tips/${THREATSTREAM}/review`, { decision: 'approve' }),
  );
  if (sessions > 0) {
    world.say(`an analyst approves ${sessions} sessions`);
    world.troubles.add('approval by an analyst');
  }
  return sessions;
}

/** In the middle of a round; the sandbox itself may be out of reach then. */
export async function approveIfReached(world: World): Promise<void> {
  try {
    await approveSessions(world);
  } catch (error) {
    world.say(`an analyst could not approve: ${sentenceOf(error)}`);
  }
}
