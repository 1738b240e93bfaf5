import type { StandIn } from '../stand-in.ts';
import { TAXII_CREDENTIALS } from './collections.ts';
import { createTaxiiApi } from './taxii-api.ts';
import { type TaxiiFaults, taxiiFaults } from './taxii-faults.ts';

/** A TAXII 2.1 server with three collections: one to read and write, one to read only, one to write only. */
export const TAXII_STAND_IN: StandIn<TaxiiFaults> = {
  name: 'taxii',
  credentials: TAXII_CREDENTIALS,
  faults: taxiiFaults,
  open: createTaxiiApi,
};
