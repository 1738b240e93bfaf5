import { expect, test } from 'vitest';
import { costOfDelivery } from '../../client/cli/cost-of-delivery.ts';

test('what a delivery costs is told for 1,000 indicators, in one line', () => {
  const counts = { sessions: 27, requestsByApi: { threatstream: 1_062, graph: 129 } };
  expect(costOfDelivery(counts, 3_243)).toBe(
    'For 1,000 delivered indicators: 8.3 import sessions to approve, 327.5 requests to ThreatStream (of 27 and 1,062 in all).',
  );
});
