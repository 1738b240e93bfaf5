import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { complete, objectsIn, standing, visible } from '../destinations/drop-folder.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited } from './delivery.ts';
import { startFileDelivery } from './file-delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const [A, B] = ['a.example.com', 'b.example.com'];
const REVOKED = { ended: 'revoked' } as const;

async function filesWritten(folder: string): Promise<number> {
  return (await complete(folder)).length;
}

async function versionsWritten(folder: string): Promise<number> {
  return (await objectsIn(folder)).filter(({ type }) => type === 'indicator').length;
}

test('brought, the same again, changed, withdrawn, and back: a file each but for the same again', async () => {
  const { folder, bring } = await startFileDelivery(ledger);
  expect(await bring(edited(1), edited(1, {}, B))).toMatchObject({
    delivered: { requests: 1 },
    confirmed: { confirmed: 2 },
  });
  expect(await bring(edited(2), edited(2, {}, B))).toMatchObject({ delivered: { requests: 0 } });
  // A bundle calls both the same.
  expect(await bring(edited(2, { threat: 'c2' }))).toMatchObject({ delivered: { requests: 0, confirmed: 1 } });
  expect(await filesWritten(folder)).toBe(1);
  expect(await bring(edited(3, { confidence: 95 }))).toMatchObject({
    delivered: { requests: 1 },
    confirmed: { confirmed: 1 },
  });
  expect(await standing(folder)).toEqual({ [A]: 1, [B]: 1 });
  expect(await bring(edited(4, REVOKED))).toMatchObject({ delivered: { retracted: 1 } });
  expect(await standing(folder)).toEqual({ [A]: 0, [B]: 1 });
  expect(await bring(edited(5, { confidence: 95 }))).toMatchObject({ confirmed: { confirmed: 1 } });
  expect(await standing(folder)).toEqual({ [A]: 1, [B]: 1 });
  expect(await filesWritten(folder)).toBe(4);
  expect(await versionsWritten(folder)).toBe(5);
});

describe.each(['before', 'after'] as const)('a file of which nobody was told, %s it was written,', (lost) => {
  test('is written once', async () => {
    const { folder, trouble, decided, deliver, confirm } = await startFileDelivery(ledger);
    trouble.lost = lost;
    const windowId = await decided(edited(1), edited(1, {}, B));
    expect(await deliver(windowId)).toBe('Unavailable');
    expect(await deliver(windowId)).toMatchObject({ requests: 1 });
    expect(await confirm(windowId)).toMatchObject({ confirmed: 2 });
    expect((await visible(folder)).size).toBe(2);
  });

  test('is a version that the next one is later than, when the item has changed since', async () => {
    const { folder, trouble, decided, deliver, confirm, bring } = await startFileDelivery(ledger);
    trouble.lost = lost;
    const windowId = await decided(edited(1));
    expect(await deliver(windowId)).toBe('Unavailable');
    const changed = await decided(edited(2, { confidence: 95 }));
    for (const each of [windowId, changed]) {
      await deliver(each);
      await confirm(each);
    }
    await bring(edited(3, { confidence: 96 }));
    expect(await standing(folder)).toEqual({ [A]: 1 });
    const newest = (await objectsIn(folder)).toSorted((a, b) => (String(a.modified) < String(b.modified) ? 1 : -1));
    expect(newest.find(({ type }) => type === 'indicator')).toMatchObject({ confidence: 96 });
  });
});

test('a file that a reader takes at once is confirmed, also when nobody was told of it', async () => {
  const { folder, trouble, decided, deliver, confirm } = await startFileDelivery(ledger);
  trouble.taken = async () => {
    for (const name of (await visible(folder)).keys()) if (name.endsWith('.json')) await rm(join(folder, name));
  };
  trouble.lost = 'after';
  const windowId = await decided(edited(1));
  expect(await deliver(windowId)).toBe('Unavailable');
  expect(await deliver(windowId)).toMatchObject({ requests: 1 });
  expect(await confirm(windowId)).toMatchObject({ confirmed: 1 });
  expect((await visible(folder)).size).toBe(1);
});

test('a file that is missing is written anew by the next run, where readers leave them', async () => {
  const { folder, trouble, bring } = await startFileDelivery(ledger, { readers: 'leave' });
  trouble.taken = async () => {
    for (const name of (await visible(folder)).keys()) await rm(join(folder, name));
  };
  expect(await bring(edited(1))).toMatchObject({ confirmed: { confirmed: 0, rejected: 0, pending: 0 } });
  trouble.taken = async () => undefined;
  expect(await bring(edited(2, { confidence: 81 }))).toMatchObject({ confirmed: { confirmed: 1 } });
  expect(await standing(folder)).toEqual({ [A]: 1 });
});

test('what cannot be put into its form is rejected by itself', async () => {
  const { folder, bring } = await startFileDelivery(ledger);
  const poisoned = edited(1, { validFrom: 'not a time' }, 'poisoned.example.com');
  expect(await bring(edited(1), poisoned)).toMatchObject({ confirmed: { confirmed: 1, rejected: 1 } });
  expect(await standing(folder)).toEqual({ [A]: 1 });
});

test('a withdrawal of many is one file, which is written once', async () => {
  const { folder, bring } = await startFileDelivery(ledger);
  const values = Array.from({ length: 30 }, (_, index) => `${index}.example.com`);
  await bring(...values.map((value) => edited(1, {}, value)));
  expect(await bring(...values.map((value) => edited(2, REVOKED, value)))).toMatchObject({
    delivered: { retracted: 30 },
  });
  await bring(...values.map((value) => edited(3, REVOKED, value)));
  expect(await filesWritten(folder)).toBe(2);
  expect(Object.values(await standing(folder))).toEqual(values.map(() => 0));
});
