import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { ExchangeSecret } from './keys.ts';

/** Which message of an exchange it is: one that was sealed for another place does not open. */
export interface Place {
  readonly exchange: string;
  /** From 1 on. */
  readonly part: number;
  readonly direction: 'question' | 'answer';
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals a message of an exchange between the command line and a worker, so that Temporal carries it without holding it: AES-256-GCM under a
 * key of that place alone (HKDF-SHA256), with a nonce of chance, since an activity that is tried again seals anew.
 *
 * It protects from whoever reads what Temporal keeps and shows: histories, the UI, exports, archives, backups, its database, then and later:
 * the secret is in the memory of the command and, until the exchange is closed or has expired, in the ledger, which holds the same
 * values anyway. It shows how long a message is, and so about how many values. It does not protect from who can change what Temporal
 * hands over, who could put own public keys in the place of both ends'; nor from who reads the ledger or the memory of either process.
 */
export function seal(secret: ExchangeSecret, place: Place, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(secret, place), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(nameOf(place));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
}

/** The message as it was sealed for that place; null for anything else. */
export function unseal(secret: ExchangeSecret, place: Place, sealed: string): string | null {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, keyOf(secret, place), nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(nameOf(place));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return text.toString('utf8');
  } catch {
    return null;
  }
}

function keyOf(secret: ExchangeSecret, place: Place): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'base64'), '', nameOf(place), 32));
}

function nameOf({ exchange, part, direction }: Place): Buffer {
  return Buffer.from(JSON.stringify(['mdti-sync', 1, exchange, part, direction]));
}
