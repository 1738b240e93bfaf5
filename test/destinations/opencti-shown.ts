import { nodes } from '../sandbox/opencti-caller.ts';
import type { OpenCtiBench } from './opencti-bench.ts';

const RULE = { lifetimeDays: 100, pound: 1, points: [30], revokeScore: 20 };

/** Without decay, and with both rules by which an update is passed over. */
export const DECAYS = [
  { name: 'no decay rule', faults: {} },
  { name: 'decay that passes over what its source has set', faults: { decay: { ...RULE, passesOver: 'source' } } },
  { name: 'decay that passes over its own beginning', faults: { decay: { ...RULE, passesOver: 'base-score' } } },
] as const;

/** What OpenCTI shows to anybody who asks. */
export function nodesOf({ tip }: OpenCtiBench) {
  return nodes(tip);
}
