import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planShipments } from '../../delivery/plan-shipments.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { takeApart } from '../../ledger/shipment-steps.ts';
import { openShipments } from '../../ledger/shipments.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited } from './delivery.ts';
import { startScripted } from './scripted-destination.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const A = 'a.example.com';
const B = 'b.example.com';
const REVOKED = { ended: 'revoked' } as const;
const form = (confidence: number) => ({ confidence, threat: 'malware' });

type Scripted = ReturnType<typeof startScripted>;

async function standing({ name }: Scripted): Promise<readonly unknown[]> {
  const { rows } = await sql`select d.state, d.remote_id, d.held->'form' as held, d.asked->'form' as asked
    from deliveries d join indicators i on i.id = d.indicator_id where i.pipeline = ${name} order by i.value`.execute(
    ledger,
  );
  return rows;
}

describe('what the destination holds of an item', () => {
  test('is what it was asked for, by the id that it gave: from then on it is changed', async () => {
    const one = startScripted(ledger);
    await one.bring(edited(1));
    expect(await standing(one)).toEqual([{ state: 'confirmed', remote_id: `${A}#1`, held: form(80), asked: null }]);
    await one.bring(edited(2, { confidence: 90 }));
    expect(one.sent).toEqual([
      { act: 'bring', values: [A], held: [null] },
      { act: 'change', values: [A], held: [{ remoteId: `${A}#1`, form: form(80), maybes: [], awaits: false }] },
    ]);
    expect(await standing(one)).toEqual([{ state: 'confirmed', remote_id: `${A}#1`, held: form(90), asked: null }]);
  });

  test('is what it was before, when a change of it is rejected', async () => {
    const one = startScripted(ledger);
    await one.bring(edited(1));
    one.script.said = { [A]: 'rejected' };
    await one.bring(edited(2, { confidence: 90 }));
    expect(await standing(one)).toEqual([{ state: 'rejected', remote_id: `${A}#1`, held: form(80), asked: null }]);
  });

  test('may be what it was asked for, when it does not say', async () => {
    const one = startScripted(ledger);
    await one.bring(edited(1));
    one.script.said = { [A]: 'unknown' };
    one.script.generation = 2;
    await one.bring(edited(2, { confidence: 90 }));
    const unsure = { state: 'set-aside', remote_id: `${A}#2`, held: form(80), asked: form(90) };
    expect(await standing(one)).toEqual([unsure]);
    one.script.said = {};
    await one.bring(edited(3, { confidence: 95 }));
    expect(one.sent.at(-1)?.held).toEqual([{ remoteId: `${A}#2`, form: form(80), maybes: [form(90)], awaits: false }]);
    expect(await standing(one)).toMatchObject([{ state: 'confirmed', held: form(95), asked: null }]);
  });

  test.each([
    ['is there', 'accepted', []],
    // What it was asked for may have left something.
    ['is not there', 'absent', [{ remoteId: `${A}#1`, form: form(80), maybes: [form(90)], awaits: false }]],
  ] as const)('comes out when it is asked again: what %s', async (_, said, more) => {
    const one = startScripted(ledger);
    await one.bring(edited(1));
    one.script.said = { [A]: 'unknown' };
    await one.bring(edited(2, { confidence: 90 }));
    one.script.said = { [A]: said };
    one.script.generation = 2;
    const windowId = await readWindow(ledger, one.name, [edited(3, { confidence: 90, description: 'new' })]);
    await decideWindow(ledger, windowId);
    one.sent.length = 0;
    await one.deliver(windowId);
    expect(one.sent.map(({ act }) => act)).toEqual(more.map(() => 'change'));
    expect(one.sent.flatMap(({ held }) => held)).toEqual(more);
    one.script.said = {};
    await one.confirm(windowId);
    expect(await standing(one)).toEqual([{ state: 'confirmed', remote_id: `${A}#2`, held: form(90), asked: null }]);
  });

  test('is found out before another form is sent, and that is rendered by what came out', async () => {
    const one = startScripted(ledger);
    await one.bring(edited(1));
    one.script.said = { [A]: 'unknown' };
    await one.bring(edited(2, { confidence: 90 }));
    one.script.said = {};
    await one.bring(edited(3));
    expect(one.sent.at(-1)?.held).toEqual([{ remoteId: `${A}#1`, form: form(90), maybes: [], awaits: false }]);
    expect(await standing(one)).toMatchObject([{ state: 'confirmed', held: form(80), asked: null }]);
  });

  test('is no longer sure once it is withdrawn, and its id is kept', async () => {
    const one = startScripted(ledger);
    await one.bring(edited(1));
    await one.bring(edited(2, REVOKED));
    expect(one.withdrawn).toMatchObject([{ key: { value: A }, held: { remoteId: `${A}#1` }, awaiting: null }]);
    expect(await standing(one)).toEqual([{ state: 'retracted', remote_id: `${A}#1`, held: form(80), asked: null }]);
    await one.bring(edited(3));
    expect(one.sent.at(-1)).toEqual({
      act: 'change',
      values: [A],
      held: [{ remoteId: `${A}#1`, form: null, maybes: [form(80)], awaits: false, withdrawn: 'yes' }],
    });
  });

  test('may be what it was, while nobody can say that it is withdrawn', async () => {
    const one = startScripted(ledger);
    await one.bring(edited(1));
    one.script.stuck = [A];
    await one.bring(edited(2, REVOKED));
    expect(await standing(one)).toEqual([{ state: 'set-aside', remote_id: `${A}#1`, held: null, asked: form(80) }]);
    await one.bring(edited(3));
    expect(one.sent.at(-1)?.held).toEqual([
      { remoteId: `${A}#1`, form: null, maybes: [form(80)], awaits: false, withdrawn: 'maybe' },
    ]);
  });

  test('is not taken from what a worker of the release before has left behind', async () => {
    const one = startScripted(ledger);
    await one.bring(edited(1));
    await sql`update deliveries d set hash = 'another' from indicators i
      where i.id = d.indicator_id and i.pipeline = ${one.name}`.execute(ledger);
    await one.bring(edited(2, { confidence: 90 }));
    expect(one.sent.at(-1)?.held).toEqual([{ remoteId: `${A}#1`, form: null, maybes: [], awaits: false }]);
  });

  test.each([
    ['confirmed', {}],
    ['retracted', REVOKED],
  ] as const)('is what it was, %s, when a request for it is taken back before it has left', async (state, facts) => {
    const one = startScripted(ledger);
    await one.bring(edited(1));
    if (state === 'retracted') await one.bring(edited(2, facts));
    const before = await standing(one);
    const windowId = await readWindow(ledger, one.name, [edited(3, { confidence: 90 })]);
    await decideWindow(ledger, windowId);
    await planShipments(one.parts, one.parts.pipeline(one.name), { pipeline: one.name, windowId, batch: 1 });
    const [shipment] = await openShipments(ledger, windowId, 1, 'planned');
    if (shipment === undefined) throw new Error('Nothing was planned.');
    expect(await standing(one)).toMatchObject([{ state: 'pending', asked: form(90) }]);
    await takeApart(ledger, shipment, one.clock.at);
    expect(await standing(one)).toEqual(before);
    expect(before).toMatchObject([{ state }]);
  });

  test('is the same for another pipeline that delivers the same to the same organisation', async () => {
    const one = startScripted(ledger);
    await one.bring(edited(1));
    const other = startScripted(ledger, { sharing: [one.name] });
    await other.bring(edited(1));
    expect(other.sent).toEqual([]);
    expect(await standing(other)).toEqual(await standing(one));
  });
});

describe('a request that is asked about', () => {
  test('brings what it was planned to bring, though some of it has an id by now', async () => {
    const one = startScripted(ledger);
    one.script.said = { [B]: 'waiting' };
    const windowId = await readWindow(ledger, one.name, [edited(1), edited(1, {}, B)]);
    await decideWindow(ledger, windowId);
    await one.deliver(windowId);
    // As if a release that wrote the ids down in another way had done so while it was on its way.
    await sql`update deliveries d set remote_id = 'an-id', held = d.asked, hash = d.asked->>'hash' from indicators i
      where i.id = d.indicator_id and i.pipeline = ${one.name}`.execute(ledger);
    one.script.said = {};
    await one.confirm(windowId);
    expect(one.asked).toEqual([{ act: 'bring', values: [A, B], held: [null, null] }]);
  });

  test('changes what it was planned to change, though it has no id any more', async () => {
    const one = startScripted(ledger);
    await one.bring(edited(1), edited(1, {}, B));
    one.script.said = { '*': 'unknown' };
    await one.bring(edited(2, { confidence: 90 }), edited(2, { confidence: 90 }, B));
    await sql`update deliveries d set remote_id = null from indicators i
      where i.id = d.indicator_id and i.pipeline = ${one.name}`.execute(ledger);
    one.script.said = {};
    one.asked.length = 0;
    await one.bring(edited(3, { confidence: 90, description: 'new' }));
    const held = [A, B].map((value) => ({ remoteId: `${value}#1`, form: form(80), maybes: [], awaits: false }));
    expect(one.asked).toEqual([{ act: 'change', values: [A, B], held }]);
  });
});
