import { createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';

/** What both ends of an exchange have in common, and nobody else: 32 bytes as base64. */
export type ExchangeSecret = string;

export interface ExchangeKeys {
  /** For the other end; anybody may see it. */
  readonly publicKey: string;
  /** What both ends come to by the other one's public key; null when that is no such key. */
  readonly agree: (otherPublicKey: string) => ExchangeSecret | null;
}

/** Keys for one end of one exchange (X25519, RFC 7748). The private one never leaves the process. */
export function newExchangeKeys(): ExchangeKeys {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const own = publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
  return {
    publicKey: own,
    agree(other) {
      const shared = sharedWith(privateKey, other);
      if (shared === null) return null;
      // Both ends name both keys in one order.
      const info = ['mdti-sync exchange 1', ...[own, other].toSorted()].join(' ');
      return Buffer.from(hkdfSync('sha256', shared, '', info, 32)).toString('base64');
    },
  };
}

function sharedWith(privateKey: KeyObject, other: string): Buffer | null {
  try {
    const publicKey = createPublicKey({ key: Buffer.from(other, 'base64url'), format: 'der', type: 'spki' });
    // A point of small order, which would make a secret that everybody knows, is refused by the library.
    return publicKey.asymmetricKeyType === 'x25519' ? diffieHellman({ privateKey, publicKey }) : null;
  } catch {
    return null;
  }
}
