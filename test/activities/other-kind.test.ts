import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import { plan } from '../../activities/plan.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { edited } from '../delivery/delivery.ts';
import { startScripted } from '../delivery/scripted-destination.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';
import { RUN } from '../ledger/run.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { QUIET_SOURCE } from './quiet-source.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const HOUR = 3_600_000;

/** A pipeline whose source has nothing new; `planned` plans its next run, as one that delivers to a kind of destination. */
function start() {
  const one = startScripted(ledger, QUIET_SOURCE);
  const planned = (destinationKind: string, kind: 'live' | 'backfill' = 'live') => {
    const parts = { ...one.parts, pipeline: () => ({ ...one.parts.pipeline(one.name), destinationKind }) };
    const at = one.clock.at.getTime();
    const stretch = { from: new Date(at - HOUR).toISOString(), to: new Date(at).toISOString(), windowMs: null };
    const ref = { pipeline: one.name, limit: 1, owner: RUN };
    return new MockActivityEnvironment().run(() =>
      plan(parts, kind === 'live' ? { ...ref, kind } : { ...ref, kind, ...stretch }),
    );
  };
  const asOf = (act: typeof deliver | typeof confirm, destinationKind: string, windowId: number) => {
    const parts = { ...one.parts, pipeline: () => ({ ...one.parts.pipeline(one.name), destinationKind }) };
    return new MockActivityEnvironment().run(async () => act(parts, { pipeline: one.name, windowId, batch: 1 }));
  };
  return { ...one, planned, asOf };
}

test.each(['live', 'backfill'] as const)(
  'what a destination holds is not left there by another type in its place (%s)',
  async (kind) => {
    const { planned, bring, name } = start();
    await planned('threatstream');
    await bring(edited(1, {}, 'a.example.com'));
    await planned('threatstream');
    await expect(planned('misp', kind)).rejects.toMatchObject({
      kind: 'Refused',
      message: expect.stringMatching(
        new RegExp(`^pipelines\\.${name}\\.destination\\.type is misp, .* of type threatstream: .*Set the type back`),
      ),
    });
    await planned('threatstream');
  },
);

test('a run that is under way while the type changes goes no further, and goes on once that is back', async () => {
  const { planned, bring, asOf, name, clock } = start();
  await planned('threatstream');
  await bring(edited(1, {}, 'd.example.com'));
  const second = await readWindow(ledger, name, [edited(1, {}, 'e.example.com')], clock.at);
  await decideWindow(ledger, second);
  await expect(asOf(deliver, 'misp', second)).rejects.toMatchObject({ kind: 'Refused' });
  expect(await asOf(deliver, 'threatstream', second)).toMatchObject({ requests: 1 });
  await expect(asOf(confirm, 'misp', second)).rejects.toMatchObject({ kind: 'Refused' });
  expect(await asOf(confirm, 'threatstream', second)).toMatchObject({ confirmed: 1 });
});

test('where nothing has been delivered the type may change', async () => {
  const { planned, bring } = start();
  await planned('threatstream');
  await planned('misp');
  await bring(edited(1, {}, 'b.example.com'));
  await expect(planned('threatstream')).rejects.toMatchObject({ kind: 'Refused' });
});

test('what has been withdrawn is left nowhere', async () => {
  const { planned, bring } = start();
  await planned('threatstream');
  await bring(edited(1, {}, 'c.example.com'));
  await bring(edited(2, { ended: 'revoked' }, 'c.example.com'));
  await planned('misp');
});
