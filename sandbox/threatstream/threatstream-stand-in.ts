import { CREDENTIALS } from '../credentials.ts';
import type { Given, StandIn } from '../stand-in.ts';
import { createThreatStreamApi } from './threatstream-api.ts';
import { type ThreatStreamFaults, threatStreamFaults } from './threatstream-faults.ts';

const credentials = { user: CREDENTIALS.threatstreamUser, apiKey: CREDENTIALS.threatstreamApiKey };

/** Anomali ThreatStream. */
export const THREATSTREAM_STAND_IN = {
  name: 'threatstream',
  credentials,
  faults: threatStreamFaults,
  open: (given: Given<ThreatStreamFaults>) => createThreatStreamApi({ ...given, ...credentials }),
} satisfies StandIn<ThreatStreamFaults>;
