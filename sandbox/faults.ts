import { z } from 'zod';
import { entraFaults } from './entra/entra-faults.ts';
import { graphFaults } from './graph/graph-faults.ts';
import { logsFaults } from './logs/logs-faults.ts';
import { TIP_FAULTS } from './stand-ins.ts';
import { wireFault } from './wire-faults/wire-fault.ts';

/** Everything that can be made to go wrong, by API. All of it is off by default. */
export const sandboxFaults = z.strictObject({
  entra: entraFaults.prefault({}),
  logs: logsFaults.prefault({}),
  graph: graphFaults.prefault({}),
  ...TIP_FAULTS,
  /** What happens to requests on their way, whatever they ask for. A patch that names them replaces them all. */
  wire: z.array(wireFault).default([]),
});
export type SandboxFaults = z.infer<typeof sandboxFaults>;
/** Any part of it. */
export type FaultsPatch = z.input<typeof sandboxFaults>;

/** The faults with what the patch names set; all else stays. Throws a ZodError for what is no fault. */
export function patchFaults(faults: SandboxFaults, patch: FaultsPatch): SandboxFaults {
  const { wire: set, ...kept } = faults;
  const { wire: wanted, ...changes } = patch;
  const before = new Map<string, object>(Object.entries(kept));
  const merged = Object.entries(changes).map(([api, change]) => [api, { ...before.get(api), ...partOf(change) }]);
  const { wire, ...apis } = sandboxFaults.parse({ ...kept, ...Object.fromEntries(merged), wire: wanted });
  // Those that stay are the same list: they count on.
  return { ...apis, wire: wanted === undefined ? set : wire };
}

/** What is no object is left to the schema to refuse. */
function partOf(change: unknown): object {
  return typeof change === 'object' && change !== null ? change : { unreadable: change };
}
