import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Deliverable, Destination, Held, Withdrawable } from '../../destinations/destination.ts';
import type { Facts } from '../../indicators/indicator.ts';
import {
  complete,
  emptyFolder,
  filesIn,
  heldAs,
  objectsIn,
  rowsIn,
  SIGNAL,
  standing,
  visible,
  write,
} from './drop-folder.ts';
import { deliverable, domains } from './threatstream-indicators.ts';

const A = deliverable(1, 'domain', 'a.example');

function toWithdraw(files: Destination, item: Deliverable, held?: Held | null): Withdrawable {
  return { id: item.id, key: item.indicator.key, held: held === undefined ? (heldAs(files, item).held ?? null) : held };
}

/** The same item, of which the source says something else. */
function changedTo(item: Deliverable, facts: Partial<Facts>): Deliverable {
  return { ...item, indicator: { ...item.indicator, facts: { ...item.indicator.facts, ...facts } } };
}

async function versionsOf(folder: string) {
  const objects = await objectsIn(folder);
  return objects
    .filter(({ type }) => type === 'indicator')
    .map(({ id, created, modified, revoked }) => ({ id, created, modified, revoked }))
    .sort((a, b) => (String(a.modified) < String(b.modified) ? -1 : 1));
}

describe('a change', () => {
  test('is a later version of the same object', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    const [first] = await write(files, [A], 'soc:1');
    const [second] = await write(files, [changedTo(heldAs(files, A), { confidence: 95 })], 'soc:2');
    const [was, is] = await versionsOf(folder);
    expect(is).toMatchObject({ id: was?.id, created: was?.created, revoked: false });
    expect(String(is?.modified) > String(was?.modified)).toBe(true);
    expect([first?.given, second?.given]).toEqual([[{ id: 1, remoteId: is?.id }], [{ id: 1, remoteId: is?.id }]]);
  });

  test('is later than whatever may have been written, and began when the first did', () => {
    const files = filesIn('nowhere');
    const once = heldAs(files, A);
    const twice = heldAs(files, heldAs(files, once), { isSure: false });
    const thrice = heldAs(files, twice, { isSure: false });
    const earlier = changedTo(heldAs(files, thrice), { validFrom: '2020-01-01T00:00:00.0000000Z' });
    const forms = [A, once, twice, thrice, earlier].map((item) => files.render(item).form);
    const modified = forms.map((form) => String(form['modified']));
    expect(modified).toEqual([...new Set(modified)].toSorted());
    expect(new Set(forms.map((form) => form['created'])).size).toBe(1);
  });
});

describe('a withdrawal', () => {
  test('is a revoked version in a file of its own kind', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    await write(files, domains(3));
    const withdrawn = await files.withdraw(
      domains(3)
        .slice(1)
        .map((item) => toWithdraw(files, item)),
      SIGNAL,
    );
    expect(withdrawn).toEqual({ withdrawn: [2, 3], missing: [], unknown: [] });
    expect(await standing(folder)).toEqual({ 'host0.example.com': 1, 'host1.example.com': 0, 'host2.example.com': 0 });
    const manifests = (await complete(folder)).map(({ manifest }) => manifest);
    expect(manifests.map(({ indicators, withdrawals }) => `${indicators} and ${withdrawals}`).sort()).toEqual([
      '0 and 2',
      '3 and 0',
    ]);
    expect([...(await visible(folder)).keys()].filter((name) => name.startsWith('mdti-soc-withdrawn-'))).toHaveLength(
      2,
    );
  });

  test('that is asked for again writes nothing, in whatever order', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    const items = domains(5).map((item) => toWithdraw(files, item));
    await files.withdraw(items, SIGNAL);
    const before = await visible(folder);
    expect(await filesIn(folder).withdraw(items.toReversed(), SIGNAL)).toMatchObject({ withdrawn: [1, 2, 3, 4, 5] });
    expect(await visible(folder)).toEqual(before);
  });

  test('says it of every version that may have been written', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    const back = heldAs(files, A, { withdrawn: 'maybe' });
    await write(files, [A], 'soc:1');
    await write(files, [back], 'soc:2');
    const unsure: Held = {
      remoteId: null,
      form: null,
      maybes: [files.render(back).form, ...(back.held?.form ? [back.held.form] : [])],
      awaits: false,
    };
    await files.withdraw([toWithdraw(files, A, unsure)], SIGNAL);
    expect(await standing(folder)).toEqual({ 'a.example': 0 });
  });

  test('of what was never written writes nothing, and of what nobody wrote down neither', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    const formless: Held = { remoteId: 'an id', form: null, maybes: [], awaits: false };
    const items = [toWithdraw(files, A, null), { ...toWithdraw(files, A, formless), id: 2 }];
    expect(await files.withdraw(items, SIGNAL)).toEqual({
      withdrawn: [],
      missing: [1],
      unknown: [{ id: 2, reason: 'nothing is written down of what was written of it' }],
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test('that is too large for a file is divided', async () => {
    const files = filesIn(await emptyFolder(), { maxBytes: 65_536 });
    const large = Array.from({ length: 20 }, (_, at) =>
      deliverable(at + 1, 'url', `http://${at}.example/${'x'.repeat(8_000)}`),
    );
    const items = large.map((item) => toWithdraw(files, item));
    await expect(files.withdraw(items, SIGNAL)).rejects.toMatchObject({ kind: 'TooLarge' });
    expect(await files.withdraw(items.slice(0, 1), SIGNAL)).toMatchObject({ withdrawn: [1] });
  });

  test('whose file is taken at once is done, and is missed where files stay', async () => {
    const folder = await emptyFolder();
    const items = [toWithdraw(filesIn(folder), A)];
    await filesIn(folder).withdraw(items, SIGNAL);
    const name = [...(await visible(folder)).keys()].find((one) => one.endsWith('.json'));
    await rm(join(folder, name ?? ''));
    await filesIn(folder).withdraw(items, SIGNAL);
    expect((await visible(folder)).has(name ?? '')).toBe(false);
    await filesIn(folder, { readers: 'leave' }).withdraw(items, SIGNAL);
    expect((await visible(folder)).has(name ?? '')).toBe(true);
  });

  test.each(['csv', 'spreadsheet-csv'] as const)('is a row of status withdrawn (%s)', async (format) => {
    const folder = await emptyFolder();
    const files = filesIn(folder, { format });
    await write(files, [A]);
    await files.withdraw([toWithdraw(files, A)], SIGNAL);
    const rows = (await complete(folder)).flatMap(({ text }) => rowsIn(text));
    const byTime = rows.toSorted((a, b) => ((a['modified'] ?? '') < (b['modified'] ?? '') ? -1 : 1));
    expect(byTime.map(({ status }) => status)).toEqual(['active', 'withdrawn']);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(1);
    expect(byTime[1]).toMatchObject({ value: 'a.example', type: 'domain', tlp: 'amber', threat: 'malware' });
  });
});

describe('what comes back', () => {
  test('has a new id, since a revoked one is over', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    await write(files, [A], 'soc:1');
    await files.withdraw([toWithdraw(files, A)], SIGNAL);
    await write(files, [heldAs(files, A, { withdrawn: 'yes' })], 'soc:2');
    const versions = await versionsOf(folder);
    expect(versions.map(({ revoked }) => revoked)).toEqual([false, true, false]);
    expect(new Set(versions.map(({ id }) => id)).size).toBe(2);
    expect(versions[2]?.id).not.toBe(versions[0]?.id);
    expect(await standing(folder)).toEqual({ 'a.example': 1 });
  });

  test.each([true, false])('ends the old id beside it when that may stand (withdrawn: %s)', async (isWithdrawn) => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    await write(files, [A], 'soc:1');
    if (isWithdrawn) await files.withdraw([toWithdraw(files, A)], SIGNAL);
    await write(files, [heldAs(files, A, { withdrawn: 'maybe' })], 'soc:2');
    expect(await standing(folder)).toEqual({ 'a.example': 1 });
    expect(new Set((await versionsOf(folder)).map(({ id }) => id)).size).toBe(2);
  });

  test('never stands twice, whatever was lost on the way', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    await write(files, [A], 'soc:1');
    await files.withdraw([toWithdraw(files, A)], SIGNAL);
    const back = heldAs(files, A, { withdrawn: 'yes' });
    await write(files, [back], 'soc:2');
    // Nobody was told that it was written.
    const again = heldAs(files, back, { isSure: false, withdrawn: 'yes' });
    const maybes = [...(again.held?.maybes ?? []), files.render(A).form];
    if (again.held === undefined) expect.fail();
    const changed = changedTo({ ...again, held: { ...again.held, form: null, maybes } }, { confidence: 95 });
    await write(files, [changed], 'soc:3');
    expect(await standing(folder)).toEqual({ 'a.example': 1 });
  });
});
