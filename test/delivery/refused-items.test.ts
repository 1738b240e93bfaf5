import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BringRefused } from '../../indicators/refusal.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { redeliver } from '../../ledger/redeliver.ts';
import { windowCounts } from '../../ledger/window-counts.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited } from './delivery.ts';
import { startScripted } from './scripted-destination.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

let hosts = 0;
/** A host that an analyst has rejected when MDTI called it neutral. */
async function refused(bringRefused: BringRefused) {
  hosts += 1;
  const host = `host${hosts}.example.com`;
  const one = startScripted(ledger, { bringRefused });
  const classify = async (classification: string): Promise<void> => {
    await sql`insert into reputations (host, kind, score, classification, rules, fetched_at, expires_at)
      values (${host}, 'scored', 80, ${classification}, '[]', now(), now() + interval '1 day')
      on conflict (host) do update set classification = excluded.classification`.execute(ledger);
  };
  await classify('neutral');
  one.script.reviews = true;
  await one.bring(edited(1, {}, host));
  const { rows } = await sql<{ id: number }>`select s.id from shipments s join windows w on w.id = s.window_id
    where w.pipeline = ${one.name}`.execute(ledger);
  one.script.decided = rows.map(({ id }) => id);
  one.script.said = { [host]: 'rejected' };
  one.script.reviews = false;
  await one.review();
  one.script.said = {};
  one.sent.length = 0;
  return {
    ...one,
    classify,
    /** Edits it; the window that reads that. */
    change: (edit: number, facts: Parameters<typeof edited>[1]) => one.bring(edited(edit, facts, host)),
  };
}

async function standing({ name }: { readonly name: string }): Promise<unknown> {
  const { rows } = await sql`select d.state, d.reason from deliveries d join indicators i on i.id = d.indicator_id
    where i.pipeline = ${name}`.execute(ledger);
  return rows[0];
}

const NOT_AGAIN = { state: 'rejected', reason: 'rejected by an analyst before; it is not brought again' };

test.each<{ setting: BringRefused; what: string; change: Parameters<typeof edited>[1]; becomes: string; sent: number }>(
  [
    { setting: 'rise', what: 'its confidence changes', change: { confidence: 90 }, becomes: 'neutral', sent: 0 },
    { setting: 'rise', what: 'its classification rises', change: { confidence: 90 }, becomes: 'malicious', sent: 1 },
    { setting: 'rise', what: 'its classification falls', change: { confidence: 90 }, becomes: 'unknown', sent: 0 },
    { setting: 'rise', what: 'its threat says more', change: { threat: 'phishing' }, becomes: 'neutral', sent: 1 },
    { setting: 'rise', what: 'its threat says less', change: { threat: 'suspicious' }, becomes: 'neutral', sent: 0 },
    { setting: 'change', what: 'its confidence changes', change: { confidence: 90 }, becomes: 'neutral', sent: 1 },
    {
      setting: 'change',
      what: 'what is not shown there changes',
      change: { description: 'x' },
      becomes: 'neutral',
      sent: 0,
    },
    { setting: 'never', what: 'all of it rises', change: { threat: 'phishing' }, becomes: 'malicious', sent: 0 },
  ],
)(
  'with $setting: when $what, what an analyst rejected is brought $sent times',
  async ({ setting, change, becomes, sent }) => {
    const one = await refused(setting);
    await one.classify(becomes);
    const windowId = await one.change(2, change);
    expect(one.sent.map(({ act, held }) => ({ act, held }))).toEqual(
      Array.from({ length: sent }, () => ({ act: 'bring', held: [null] })),
    );
    expect(await standing(one)).toMatchObject(sent === 1 ? { state: 'confirmed' } : NOT_AGAIN);
    expect(await windowCounts(ledger, windowId)).toMatchObject({ confirmed: sent, rejected: 1 - sent, pending: 0 });
  },
);

test('what an analyst rejected, and let in later, is changed like anything else', async () => {
  const one = await refused('change');
  await one.change(2, { confidence: 90 });
  await one.change(3, { confidence: 80 });
  expect(one.sent.map(({ act }) => act)).toEqual(['bring', 'change']);
  expect(await standing(one)).toMatchObject({ state: 'confirmed' });
});

test('a person who has it delivered again overrules that, once', async () => {
  const one = await refused('never');
  const ask = { pipeline: one.name, rejected: true, setAside: false, windowId: null, now: one.clock.at };
  await one.change(2, { confidence: 90 });
  expect(await redeliver(ledger, ask)).toEqual({ rejected: 1, setAside: 0 });
  await one.bring();
  expect(one.sent).toMatchObject([{ act: 'bring' }]);
  expect(await standing(one)).toMatchObject({ state: 'confirmed' });
});
