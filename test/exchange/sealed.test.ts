import { describe, expect, test } from 'vitest';
import { newExchangeKeys } from '../../exchange/keys.ts';
import { type Place, seal, unseal } from '../../exchange/sealed.ts';

function agreed(): { readonly ours: string; readonly theirs: string } {
  const [command, worker] = [newExchangeKeys(), newExchangeKeys()];
  const [ours, theirs] = [command.agree(worker.publicKey), worker.agree(command.publicKey)];
  return { ours: ours ?? expect.fail(), theirs: theirs ?? expect.fail() };
}

const PLACE: Place = { exchange: 'e1', part: 3, direction: 'question' };
const TEXT = JSON.stringify({ hosts: ['bücher.example.com', '203.0.113.9'] });

describe('the keys', () => {
  test('of both ends come to one secret, which another exchange does not have', () => {
    const { ours, theirs } = agreed();
    expect(ours).toBe(theirs);
    expect(Buffer.from(ours, 'base64')).toHaveLength(32);
    expect(agreed().ours).not.toBe(ours);
  });

  test('of anybody else come to another one', () => {
    const [command, worker, other] = [newExchangeKeys(), newExchangeKeys(), newExchangeKeys()];
    expect(other.agree(worker.publicKey)).not.toBe(command.agree(worker.publicKey));
  });

  test.each([
    ['nothing', ''],
    ['no key', 'bm8ga2V5'],
    // RFC 8410: an Ed25519 key, by its object identifier.
    ['one of another kind', Buffer.from(`302a300506032b6570032100${'11'.repeat(32)}`, 'hex').toString('base64url')],
    // A point of small order: whatever the other key, the secret would be zero. (Source: RFC 7748, section 6.1.)
    [
      'one that makes a secret that all know',
      Buffer.from(`302a300506032b656e032100${'00'.repeat(32)}`, 'hex').toString('base64url'),
    ],
    ['one cut off', newExchangeKeys().publicKey.slice(0, -3)],
  ])('%s is no public key', (_, text) => {
    expect(newExchangeKeys().agree(text)).toBeNull();
  });
});

describe('a sealed message', () => {
  const { ours, theirs } = agreed();

  test('opens at the other end as it was, and shows nothing of it', () => {
    const sealed = seal(ours, PLACE, TEXT);
    expect(unseal(theirs, PLACE, sealed)).toBe(TEXT);
    expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toMatch(/example|hosts|203/);
  });

  test('is another one each time, so that nothing is sealed twice alike', () => {
    const nonces = Array.from({ length: 1_000 }, () => seal(ours, PLACE, TEXT).slice(0, 16));
    expect(new Set(nonces).size).toBe(1_000);
  });

  test.each([
    ['another part', { part: 4 }],
    ['another exchange', { exchange: 'e2' }],
    ['the other direction', { direction: 'answer' }],
  ] as const)('does not open as that of %s', (_, other) => {
    expect(unseal(theirs, { ...PLACE, ...other }, seal(ours, PLACE, TEXT))).toBeNull();
  });

  test('does not open by another secret', () => {
    expect(unseal(agreed().theirs, PLACE, seal(ours, PLACE, TEXT))).toBeNull();
  });

  test('does not open once any byte of it is another one, or is missing', () => {
    const bytes = Buffer.from(seal(ours, PLACE, TEXT), 'base64');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(unseal(theirs, PLACE, changed.toString('base64')), String(at)).toBeNull();
      expect(unseal(theirs, PLACE, bytes.subarray(0, at).toString('base64')), String(at)).toBeNull();
    }
  });
});
