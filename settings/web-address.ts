import { z } from 'zod';

const asked = 'expected an https address such as https://api.example.com';

/** An address of a service: https (http only on this machine), no credentials, no query; a slash at its end is left out. */
export const webAddress = z.string({ error: expected }).transform((text, context) => {
  const problem = problemOf(text);
  if (problem === null) return text.replace(/(?<!\/)\/+$/, '');
  context.addIssue({ code: 'custom', message: `${asked}, ${problem}` });
  return z.NEVER;
});

function expected({ input }: { readonly input?: unknown }): string {
  return input === undefined ? `${asked}, but it is missing` : asked;
}

/** The same for all ways to write one address: hosts in any case, ports that need not be said. */
export function sameAddress(address: string): string {
  return new URL(address).href.replace(/(?<!\/)\/+$/, '');
}

/** Never repeats the address: it could hold a password. */
export function problemOf(text: string): string | null {
  if (!URL.canParse(text)) return 'and what is there is no address';
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '') return 'without a user or password in it: a secret is never in this file';
  if (search !== '' || hash !== '') return 'without a query or fragment';
  if (protocol === 'https:') return null;
  if (protocol === 'http:') return isThisMachine(hostname) ? null : 'and http would show credentials to the network';
  return 'and it does not begin with https://';
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
