import { type Route, serve } from '../../sandbox/https/serve.ts';
import type { Given, StandIn, Tip } from '../../sandbox/stand-in.ts';
import { loopbackIdentity } from '../http/loopback-identity.ts';
import { asFetched, type Fetched } from './https-request.ts';

/** Faults by their names. */
export interface Patch {
  readonly [name: string]: unknown;
}

export interface TipServer<T extends Tip = Tip> {
  /** Where clients reach it, without a slash at its end. */
  readonly url: string;
  readonly ca: string;
  readonly tip: T;
  /** Over those that are set. */
  setFaults(patch: Patch): void;
  close(): Promise<void>;
}

/** What is different from a stand-in that is new, and serves alone. */
interface Setting<F, T extends Tip> {
  readonly given?: Partial<Given<F>>;
  /** What is reached on the same server. */
  readonly beside?: (tip: T) => readonly Route[];
}

/** Serves one stand-in of a TIP over HTTPS. */
export async function serveTip<F, T extends Tip>(
  standIn: Omit<StandIn<F>, 'open'> & { open(given: Given<F>): T },
  faults: Patch = {},
  { given = {}, beside = () => [] }: Setting<F, T> = {},
): Promise<TipServer<T>> {
  let set = standIn.faults.parse(faults);
  let address = '';
  const prefix = `/${standIn.name}`;
  const tip = standIn.open({ faults: () => set, now: () => new Date(), address: () => address, ...given });
  const { ca, identity } = await loopbackIdentity();
  const routes = [{ prefix, api: tip, latencyMs: 0 }, ...beside(tip)];
  const serving = await serve(routes, identity, { address: '127.0.0.1', port: 0 });
  address = `https://localhost:${serving.port}${prefix}`;
  return {
    url: address,
    ca,
    tip,
    setFaults(patch) {
      set = standIn.faults.parse({ ...set, ...patch });
    },
    close: () => serving.close(),
  };
}

interface TipRequest {
  readonly method?: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';
  /** With the query. */
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** One request to a stand-in that is served. */
export function request(
  server: { readonly url: string; readonly ca: string },
  { path, ...init }: TipRequest,
): Promise<Fetched> {
  return asFetched(server, `${server.url}${path}`, init);
}
