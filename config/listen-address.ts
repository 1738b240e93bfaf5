import { isIP } from 'node:net';
import { z } from 'zod';

/** Where to listen, taken apart. */
export interface ListenAddress {
  /** An IP address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const asked = 'expected an IP address and a port such as 127.0.0.1:9464 or 0.0.0.0:9464';

/** `127.0.0.1:9464` or `[::1]:9464`. Names are not looked up: Temporal's exporter of metrics takes addresses only. */
export const listenAddress = z
  .string({ error: asked })
  .transform((text, context): ListenAddress => {
    const at = text.lastIndexOf(':');
    const host = text.slice(0, at).replace(/^\[(.*)\]$/, '$1');
    const port = Number(text.slice(at + 1));
    const bracketed = text.startsWith('[');
    if (isIP(host) === (bracketed ? 6 : 4) && /:\d{1,5}$/.test(text) && port > 0 && port < 65_536)
      return { host, port };
    context.addIssue({ code: 'custom', message: `${asked}, found "${text.slice(0, 60)}"` });
    return z.NEVER;
  })
  .meta({ examples: ['127.0.0.1:9464'] });

/** As it is written in an address: IPv6 in brackets. */
export function hostAndPort({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
