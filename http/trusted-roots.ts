import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

/**
 * The roots to trust when `ca` is added: Node's own, those of NODE_EXTRA_CA_CERTS (which Node forgets once a list is given), and
 * `ca`. Undefined without `ca`: Node's own choice stands.
 */
export function trustedRoots(ca: string | undefined): string[] | undefined {
  if (ca === undefined) return undefined;
  return [...rootCertificates, ...environmentRoots(), ca];
}

function environmentRoots(): readonly string[] {
  const path = process.env['NODE_EXTRA_CA_CERTS'];
  if (path === undefined || path === '') return [];
  try {
    return [readFileSync(path, 'utf8')];
  } catch {
    // Node itself only warns of a file that it cannot read.
    return [];
  }
}
