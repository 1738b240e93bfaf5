import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  complete,
  dataIn,
  emptyFolder,
  filesIn,
  LOST,
  onlyShipment,
  SIGNAL,
  standing,
  visible,
  write,
} from './drop-folder.ts';
import { failingDisk, Killed, MOMENTS, mortalDisk } from './mortal-disk.ts';
import { domains } from './threatstream-indicators.ts';

/** Every visible file of data is already what it will be. */
async function wholeData(folder: string, whole: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [name, bytes] of await visible(folder)) expect(bytes.equals(whole.get(name) ?? Buffer.of())).toBe(true);
}

describe('a writer that is killed', () => {
  test.each(MOMENTS)('%s any step leaves nothing that is not whole, and the next one ends it', async (moment) => {
    const model = await emptyFolder();
    await write(filesIn(model), domains(3));
    const files = await visible(model);
    let steps = 0;
    for (let killedAt = 0; killedAt <= steps; killedAt += 1) {
      const folder = join(await emptyFolder(), 'out');
      const disk = mortalDisk(killedAt, moment);
      const dying = filesIn(folder, {}, { disk });
      const shipment = onlyShipment(dying);
      const end = await dying.bring(shipment, SIGNAL).catch((error: unknown) => error);
      steps = disk.steps();
      if (killedAt === steps) break;
      expect(end).toBeInstanceOf(Killed);
      if (await stat(folder).catch(() => null)) await wholeData(folder, files);
      else await mkdir(folder);
      const next = filesIn(folder);
      const found = await next.find(shipment, LOST, SIGNAL);
      const receipt = found.kind === 'found' ? found.receipt : await next.bring(shipment, SIGNAL);
      expect(await next.confirm(shipment, receipt, SIGNAL)).toMatchObject({ accepted: [1, 2, 3] });
      expect(await visible(folder)).toEqual(files);
    }
    expect(steps).toBeGreaterThan(10);
  });

  test.each(MOMENTS)('%s any step of a withdrawal does likewise', async (moment) => {
    const items = domains(3).map(({ id, indicator }) => ({ id, key: indicator.key, held: heldNow(id) }));
    const model = await emptyFolder();
    await filesIn(model).withdraw(items, SIGNAL);
    const files = await visible(model);
    let steps = 1;
    for (let killedAt = 0; killedAt < steps; killedAt += 1) {
      const folder = await emptyFolder();
      const disk = mortalDisk(killedAt, moment);
      await filesIn(folder, {}, { disk })
        .withdraw(items, SIGNAL)
        .catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
      steps = disk.steps() + 1;
      await wholeData(folder, files);
      expect(await filesIn(folder).withdraw(items, SIGNAL)).toMatchObject({ withdrawn: [1, 2, 3] });
      expect(await visible(folder)).toEqual(files);
    }
    expect(steps).toBeGreaterThan(8);
  });

  function heldNow(id: number) {
    const item = domains(3).find((one) => one.id === id);
    if (item === undefined) throw new Error('It is one of them.');
    return { remoteId: 'an id', form: filesIn('nowhere').render(item).form, maybes: [], awaits: false };
  }

  test('has what it left removed once nobody can be writing it any more', async () => {
    const folder = await emptyFolder();
    const left = { ours: '.mdti-soc-1.manifest.aa.part', fresh: '.mdti-soc-2.manifest.bb.part', foreign: '.x.part' };
    for (const name of Object.values(left)) await writeFile(join(folder, name), 'half');
    const old = new Date(Date.now() - 25 * 3_600_000);
    for (const name of [left.ours, left.foreign]) await utimes(join(folder, name), old, old);
    await write(filesIn(folder), domains(1));
    const hidden = (await readdir(folder)).filter((name) => name.startsWith('.'));
    expect(hidden.sort()).toEqual([left.fresh, left.foreign].sort());
  });
});

test('a reader that looks all the time never sees half a file', async () => {
  const folder = await emptyFolder();
  const state = { isWriting: true };
  let looked = 0;
  const reading = (async () => {
    while (state.isWriting) {
      for (const [name, bytes] of await visible(folder)) {
        if (name.endsWith('.json')) expect(() => JSON.parse(bytes.toString('utf8')), name).not.toThrow();
      }
      await complete(folder);
      looked += 1;
    }
  })();
  const large = domains(400, { description: 'x'.repeat(4_000) });
  const files = filesIn(folder);
  for (let at = 0; at < 8; at += 1) await write(files, large, `soc:${at}`);
  state.isWriting = false;
  await reading;
  expect(looked).toBeGreaterThan(3);
});

test('two workers at once write one file', async () => {
  const folder = await emptyFolder();
  const workers = Array.from({ length: 6 }, () => filesIn(folder));
  const receipts = await Promise.all(workers.map((files) => files.bring(onlyShipment(files), SIGNAL)));
  expect(new Set(receipts.map((receipt) => JSON.stringify(receipt))).size).toBe(1);
  expect((await readdir(folder)).length).toBe(2);
});

test('pipelines share a folder, and nothing in it', async () => {
  const folder = await emptyFolder();
  for (const pipeline of ['soc', 'soc-2']) {
    await write(filesIn(folder, {}, { pipeline }), domains(2), `${pipeline}:1`);
  }
  expect(await standing(folder)).toEqual({ 'host0.example.com': 2, 'host1.example.com': 2 });
});

test('odd names of shipments are names of files', async () => {
  const folder = await emptyFolder();
  const names = ['soc:1', 'soc-1', 'SOC:1', '../../etc/passwd', 'CON', 'ä'.repeat(300), `${'ä'.repeat(299)}ö`, ''];
  for (const name of names) await write(filesIn(folder), domains(1), name);
  const written = [...(await visible(folder)).keys()];
  expect(new Set(written.map((name) => name.toLowerCase())).size).toBe(2 * names.length);
  expect(written.every((name) => /^mdti-[a-zA-Z0-9-]*(\.[a-f0-9]{12}\.json|\.manifest)$/.test(name))).toBe(true);
});

describe('the same shipment', () => {
  test('is written once', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    const receipt = await files.bring(onlyShipment(files), SIGNAL);
    const before = await stat(join(folder, String(receipt['file'])), { bigint: true });
    expect(await filesIn(folder).bring(onlyShipment(files), SIGNAL)).toEqual(receipt);
    expect(await files.find(onlyShipment(files), LOST, SIGNAL)).toEqual({ kind: 'found', receipt });
    expect((await stat(join(folder, String(receipt['file'])), { bigint: true })).ino).toBe(before.ino);
    expect(await readdir(folder)).toHaveLength(2);
  });

  test('never has its name on anything else', async () => {
    const folder = await emptyFolder();
    const disk = failingDisk('rename', 'EIO', (path) => path.endsWith('.manifest'));
    await filesIn(folder, {}, { disk })
      .bring(onlyShipment(filesIn(folder)), SIGNAL)
      .catch(() => undefined);
    const [first] = await visible(folder);
    // The next try is made with other settings.
    const other = filesIn(folder, { markings: 'tlp-1' });
    await other.bring(onlyShipment(other), SIGNAL);
    const files = await visible(folder);
    expect(files.size).toBe(3);
    expect(files.get(first?.[0] ?? '')).toEqual(first?.[1]);
    expect(await complete(folder)).toHaveLength(1);
  });
});

describe('a file that a reader', () => {
  const gone = async (folder: string) => rm(await dataIn(folder));

  test('has taken is confirmed, and not written again', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    const receipt = await files.bring(onlyShipment(files), SIGNAL);
    await gone(folder);
    expect(await files.confirm(onlyShipment(files), receipt, SIGNAL)).toMatchObject({ accepted: [1, 2, 3] });
    expect(await files.find(onlyShipment(files), LOST, SIGNAL)).toEqual({ kind: 'found', receipt });
    await files.bring(onlyShipment(files), SIGNAL);
    expect((await visible(folder)).size).toBe(1);
  });

  test('is to leave is missed, and written again', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder, { readers: 'leave' });
    const receipt = await files.bring(onlyShipment(files), SIGNAL);
    await gone(folder);
    const missed = { accepted: [], unknown: [{ id: 1, isAbsent: true }, { id: 2 }, { id: 3 }] };
    expect(await files.confirm(onlyShipment(files), receipt, SIGNAL)).toMatchObject(missed);
    expect(await files.find(onlyShipment(files), LOST, SIGNAL)).toEqual({ kind: 'absent' });
    expect(await files.bring(onlyShipment(files), SIGNAL)).toEqual(receipt);
    expect(await files.confirm(onlyShipment(files), receipt, SIGNAL)).toMatchObject({ accepted: [1, 2, 3] });
  });

  test.each(['take', 'leave'] as const)('has changed is not confirmed (%s)', async (readers) => {
    const folder = await emptyFolder();
    const files = filesIn(folder, { readers });
    const receipt = await files.bring(onlyShipment(files), SIGNAL);
    const path = await dataIn(folder);
    const text = await readFile(path, 'utf8');
    for (const changed of [`${text} `, text.slice(1), text.replace('host0', 'hostX')]) {
      await writeFile(path, changed);
      expect(await files.confirm(onlyShipment(files), receipt, SIGNAL)).toMatchObject({
        accepted: [],
        unknown: [{ id: 1, reason: 'its file was changed by somebody else' }, { id: 2 }, { id: 3 }],
      });
    }
    await files.bring(onlyShipment(files), SIGNAL);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('has put a link in the place of is written beside what the link leads to', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    const receipt = await files.bring(onlyShipment(files), SIGNAL);
    const path = await dataIn(folder);
    const elsewhere = join(await emptyFolder(), 'precious');
    await writeFile(elsewhere, await readFile(path));
    await rm(path);
    await symlink(elsewhere, path);
    expect(await files.confirm(onlyShipment(files), receipt, SIGNAL)).toMatchObject({ accepted: [] });
    await files.bring(onlyShipment(files), SIGNAL);
    expect((await stat(path)).isFile()).toBe(true);
    expect(await files.confirm(onlyShipment(files), receipt, SIGNAL)).toMatchObject({ accepted: [1, 2, 3] });
  });

  test.each(['no JSON', '{}', 'elsewhere'])('has written a manifest for (%s) is written again', async (text) => {
    const folder = join(await emptyFolder(), 'out');
    const files = filesIn(folder);
    await files.bring(onlyShipment(files), SIGNAL);
    const manifest = [...(await visible(folder)).keys()].find((name) => name.endsWith('.manifest'));
    const path = join(folder, manifest ?? '');
    const real: unknown = JSON.parse(await readFile(path, 'utf8'));
    const isOfElsewhere = text === 'elsewhere';
    await writeFile(join(folder, '..', 'elsewhere.json'), '');
    const led = { file: '../elsewhere.json', bytes: 0, sha256: createHash('sha256').digest('hex') };
    await writeFile(path, isOfElsewhere ? JSON.stringify(Object.assign({}, real, led)) : text);
    expect(await files.find(onlyShipment(files), LOST, SIGNAL)).toEqual({ kind: 'absent' });
    await files.bring(onlyShipment(files), SIGNAL);
    expect(await complete(folder)).toHaveLength(1);
  });
});
