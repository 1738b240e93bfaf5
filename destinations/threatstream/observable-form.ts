import { z } from 'zod';
import { TLP_LEVELS } from '../../indicators/indicator.ts';
import { KINDS } from '../threatstream-csv/itypes.ts';

/** What is sent of one indicator; `value` is in `Rendered`. */
export const observableForm = z.object({
  kind: z.enum(KINDS),
  itype: z.string(),
  threatType: z.string(),
  confidence: z.number(),
  /** Null where ThreatStream gives the itype's own. */
  severity: z.string().nullable(),
  tlp: z.enum(TLP_LEVELS).nullable(),
  tags: z.array(z.string()).readonly(),
  expiration: z.string(),
});
export type ObservableForm = Readonly<z.infer<typeof observableForm>>;
