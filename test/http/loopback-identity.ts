import { createAuthority, createServerIdentity, type Identity } from '../../sandbox/https/certificates.ts';

let made: Promise<{ readonly ca: string; readonly identity: Identity }> | null = null;

/** Of a server on this machine, with the authority that has signed it: one for a test process, since making them takes longer than most tests. */
export function loopbackIdentity(): Promise<{ readonly ca: string; readonly identity: Identity }> {
  made ??= make();
  return made;
}

async function make() {
  const authority = await createAuthority();
  return { ca: authority.certificate, identity: await createServerIdentity(authority) };
}
