/** A forward proxy that speaks CONNECT, and who goes past it. */
export interface Proxy {
  /** `http://host:port`; it may hold a user and a password when it comes from the environment. */
  readonly address: string;
  readonly credentials?: { readonly user: string; readonly password: string };
  /** Hosts that are reached without it, each with the hosts below it: `example.com`, `.example.com`, `10.0.0.5:8443`; `*` for all. */
  readonly except: readonly string[];
}
