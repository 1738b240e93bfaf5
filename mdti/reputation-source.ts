import type { Fault } from '../indicators/fault.ts';
import type { Reputation } from '../indicators/reputation.ts';

export type HostOutcome =
  | { readonly host: string; readonly kind: 'known'; readonly reputation: Reputation }
  | { readonly host: string; readonly kind: 'failed'; readonly fault: Fault };

/** MDTI's reputation of hosts (canonical IPv4, IPv6 or domain). */
export interface ReputationSource {
  /** Hosts of one call at most: 20 by `$batch`, 1 by single requests. */
  readonly hostsPerCall: number;
  /**
   * One outcome for each host, in any order. Throws a `Fault` when the call as a whole failed; `Refused` when the licence or
   * a permission is missing (the same 500 many times running, whatever the host, is how a missing licence shows).
   */
  lookUp(hosts: readonly string[], signal: AbortSignal): Promise<readonly HostOutcome[]>;
  /**
   * Whether MDTI answers at all, by a host that is not in doubt: so a failure is known to be a host's own. Throws why not:
   * `Refused` also when that host's answer cannot be read either.
   */
  probe(signal: AbortSignal): Promise<void>;
}
