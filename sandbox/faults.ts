import { z } from 'zod';
import { entraFaults } from './entra/entra-faults.ts';
import { graphFaults } from './graph/graph-faults.ts';
import { logsFaults } from './logs/logs-faults.ts';
import { threatStreamFaults } from './threatstream/threatstream-faults.ts';

/** Everything that can be made to go wrong, by API. All of it is off by default. */
export const sandboxFaults = z.strictObject({
  entra: entraFaults.prefault({}),
  logs: logsFaults.prefault({}),
  graph: graphFaults.prefault({}),
  threatstream: threatStreamFaults.prefault({}),
});
export type SandboxFaults = z.infer<typeof sandboxFaults>;
/** Any part of it. */
export type FaultsPatch = z.input<typeof sandboxFaults>;

/** The faults with what the patch names set; all else stays. Throws a ZodError for what is no fault. */
export function patchFaults(faults: SandboxFaults, patch: FaultsPatch): SandboxFaults {
  return sandboxFaults.parse({
    ...patch,
    entra: { ...faults.entra, ...patch.entra },
    logs: { ...faults.logs, ...patch.logs },
    graph: { ...faults.graph, ...patch.graph },
    threatstream: { ...faults.threatstream, ...patch.threatstream },
  });
}
