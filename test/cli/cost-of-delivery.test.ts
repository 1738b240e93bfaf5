import { expect, test } from 'vitest';
import { costOfDelivery } from '../../client/cli/cost-of-delivery.ts';

test('what a delivery costs is told for 1,000 indicators, in one line', () => {
  const counts = { requests: 1_062, holds: 3_243, duplicates: 0 };
  expect(costOfDelivery('Anomali ThreatStream', { ...counts, sessions: 27 }, 3_243)).toBe(
    'For 1,000 delivered indicators: 8.3 import sessions to approve, 327.5 requests to Anomali ThreatStream (of 27 and 1,062 in all).',
  );
  expect(costOfDelivery('a TIP', counts, 3_243)).toBe(
    'For 1,000 delivered indicators: 327.5 requests to a TIP (of 1,062 in all).',
  );
});
