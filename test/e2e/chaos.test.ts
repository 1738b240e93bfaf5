import { test } from 'vitest';
import { STORIES } from '../../chaos/stories.ts';
import { tellShortPart } from './short-chaos.ts';

/** `npm run chaos -- --short --seed 9` tells the same. */
const SEED = 9;
/** Else it is the chaos that has nothing to say, and not the product that bears it. */
const INJECTIONS = 60;

test('whatever goes wrong in the stories of the short part, nothing is lost, stuck or sent twice', () =>
  tellShortPart(STORIES.deliver, SEED, INJECTIONS));
