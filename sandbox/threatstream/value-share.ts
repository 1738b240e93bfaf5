import { createHash } from 'node:crypto';

/** Whether a value is in the share that a purpose takes: chosen by hash, so the same value always is or never is. */
export function isInShare(purpose: string, value: string, share: number): boolean {
  if (share <= 0) return false;
  return createHash('sha256').update(`${purpose} ${value}`).digest().readUInt32BE(0) / 2 ** 32 < share;
}
