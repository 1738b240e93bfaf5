import { chmod, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../destinations/destination.ts';
import { Fault } from '../../indicators/fault.ts';
import {
  complete,
  dataIn,
  emptyFolder,
  faultOf,
  filesIn,
  LOST,
  onlyShipment,
  SIGNAL,
  visible,
  write,
} from './drop-folder.ts';
import { failingDisk } from './mortal-disk.ts';
import { deliverable, domains } from './threatstream-indicators.ts';

describe('a folder', () => {
  test('is made for its owner alone, and what is above it is not', async () => {
    const above = await emptyFolder();
    await write(filesIn(join(above, 'out')), domains(1));
    expect((await stat(join(above, 'out'))).mode & 0o777).toBe(0o700);
    const fault = await faultOf(write(filesIn(join(above, 'a', 'b')), domains(1)));
    expect(fault).toMatchObject({ kind: 'Refused', message: expect.stringContaining('it is not there (ENOENT)') });
  });

  test('that is there stays as it is, and may be a link', async () => {
    const folder = await emptyFolder();
    await chmod(folder, 0o750);
    await symlink(folder, join(await emptyFolder(), 'link'));
    await write(filesIn(folder), domains(1));
    expect((await stat(folder)).mode & 0o777).toBe(0o750);
  });

  test.each([
    ['owner', 0o600],
    ['group', 0o640],
    ['everyone', 0o644],
  ] as const)('has files for %s, whatever the umask', async (readableBy, mode) => {
    const folder = await emptyFolder();
    const umask = process.umask(0o077);
    await write(filesIn(folder, { readableBy }), domains(1)).finally(() => process.umask(umask));
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(mode);
  });

  test('that is a file, or a link to nothing, is refused', async () => {
    const folder = await emptyFolder();
    const [file, link, below] = ['file', 'link', 'file/out'].map((name) => join(folder, name));
    await writeFile(file ?? '', '');
    await symlink(join(folder, 'nothing'), link ?? '');
    for (const path of [file, link, below]) {
      const fault = await faultOf(write(filesIn(path ?? ''), domains(1)));
      expect(fault).toMatchObject({ kind: 'Refused', message: expect.stringContaining(path ?? '-') });
    }
  });

  test('that is gone says nothing of what was in it', async () => {
    const folder = join(await emptyFolder(), 'out');
    const files = filesIn(folder);
    const receipt = await files.bring(onlyShipment(files), SIGNAL);
    await rm(folder, { recursive: true });
    for (const work of [
      () => files.confirm(onlyShipment(files), receipt, SIGNAL),
      () => files.find(onlyShipment(files), LOST, SIGNAL),
      () => files.find({ name: 'never', items: [] }, LOST, SIGNAL),
    ]) {
      expect(await faultOf(work())).toMatchObject({ kind: 'Refused' });
    }
  });

  test.each([
    ['ENOSPC', 'Refused', 'its disk is full'],
    ['EDQUOT', 'Refused', 'quota'],
    ['EACCES', 'Refused', 'may not read and write'],
    ['EROFS', 'Refused', 'can only be read'],
    ['ENAMETOOLONG', 'Refused', 'too long'],
    ['EIO', 'Unavailable', 'EIO'],
    ['ESTALE', 'Unavailable', 'ESTALE'],
  ] as const)('that answers %s is %s, and shows nothing', async (code, kind, words) => {
    const folder = await emptyFolder();
    for (const isMet of [(path: string) => path.includes('.json'), (path: string) => path.includes('.manifest')]) {
      const files = filesIn(folder, {}, { disk: failingDisk('write', code, isMet) });
      const fault = await faultOf(files.bring(onlyShipment(files), SIGNAL));
      expect(fault).toMatchObject({ kind, inPart: false, message: expect.stringContaining(words) });
      expect(fault.message).toContain(folder);
      expect(fault.message).not.toContain('host0');
      expect(await readdir(folder)).toEqual([]);
    }
    await write(filesIn(folder), domains(3));
    expect(await complete(folder)).toHaveLength(1);
  });

  test('that fails once something could be seen is said to have taken it in part', async () => {
    const folder = await emptyFolder();
    const disk = failingDisk('rename', 'ENOSPC', (path) => path.endsWith('.manifest'));
    const files = filesIn(folder, {}, { disk });
    expect(await faultOf(files.bring(onlyShipment(files), SIGNAL))).toMatchObject({ kind: 'Refused', inPart: true });
    expect(await files.find(onlyShipment(files), LOST, SIGNAL)).toEqual({ kind: 'absent' });
  });

  test('that holds a folder of the name of a file is refused', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    await files.bring(onlyShipment(files), SIGNAL);
    const path = await dataIn(folder);
    await rm(path);
    await mkdir(join(path, 'x'), { recursive: true });
    const again = filesIn(folder, { readers: 'leave' });
    expect(await faultOf(again.bring(onlyShipment(again), SIGNAL))).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining('Remove that.'),
    });
  });
});

describe('leaving', () => {
  test('is told before anything can be seen', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    let seen: number | null = null;
    const receipt: Receipt = await files.bring(onlyShipment(files), SIGNAL, async () => {
      seen = (await visible(folder)).size;
    });
    expect([seen, receipt['bytes']]).toEqual([0, expect.any(Number)]);
  });

  test('that fails leaves nothing', async () => {
    const folder = await emptyFolder();
    const files = filesIn(folder);
    const taken = new Fault('Unavailable', 'Another attempt has taken this request up.');
    const fault = await faultOf(files.bring(onlyShipment(files), SIGNAL, () => Promise.reject(taken)));
    expect(fault).toBe(taken);
    expect(await readdir(folder)).toEqual([]);
  });

  test('is not told of what cannot be put into its form', async () => {
    const files = filesIn(await emptyFolder());
    const rendered = files.render(deliverable(1, 'domain', 'a.example'));
    const shipment = { name: 'soc:1', items: [{ ...rendered, content: { pieces: [1] } }] };
    const fault = await faultOf(files.bring(shipment, SIGNAL, () => Promise.reject(new Error('It left.'))));
    expect(fault.kind).toBe('Rejected');
  });
});
