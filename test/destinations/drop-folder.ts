import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Confirmation, Deliverable, Destination, Shipment } from '../../destinations/destination.ts';
import type { Disk } from '../../destinations/file/disk.ts';
import { createFile } from '../../destinations/file/file.ts';
import { type FileSettings, fileSection } from '../../destinations/file/file-settings.ts';
import { send } from '../../destinations/send.ts';
import { Fault } from '../../indicators/fault.ts';
import { domains } from './threatstream-indicators.ts';

export const SIGNAL = new AbortController().signal;

/** An empty folder, which is gone when the test has ended. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-drop-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The destination, with the defaults of the configuration. */
export function filesIn(
  folder: string,
  settings: Partial<FileSettings> = {},
  deps: { readonly disk?: Disk; readonly pipeline?: string; readonly now?: () => Date } = {},
): Destination {
  const { type: _, ...defaults } = fileSection.parse({ type: 'file', folder });
  return createFile(
    { ...defaults, ...settings },
    { deployment: 'a workspace', pipeline: 'soc', tlpDefault: 'green', now: () => new Date(), ...deps },
  );
}

export function shipmentsOf(files: Destination, items: readonly Deliverable[], name = 'soc:1'): Shipment[] {
  const rendered = items.map((item) => files.render(item));
  return files
    .plan(rendered)
    .map((part, index, { length }) => ({ name: length === 1 ? name : `${name}-${index}`, items: part }));
}

/** Sends and confirms all of it. */
export async function write(
  files: Destination,
  items: readonly Deliverable[],
  name?: string,
): Promise<readonly Extract<Confirmation, { kind: 'settled' }>[]> {
  const settled = [];
  for (const shipment of shipmentsOf(files, items, name)) {
    const confirmation = await files.confirm(shipment, await send(files, shipment, SIGNAL), SIGNAL);
    if (confirmation.kind === 'settled') settled.push(confirmation);
  }
  return settled;
}

/** An item as it comes again once what was written of it is known. */
export function heldAs(
  files: Destination,
  item: Deliverable,
  more: { readonly isSure?: boolean; readonly withdrawn?: 'maybe' | 'yes' } = {},
): Deliverable {
  const { form, held } = files.render(item);
  const { isSure = true, withdrawn } = more;
  return {
    ...item,
    held: {
      remoteId: 'an id',
      form: isSure ? form : (held?.form ?? null),
      maybes: isSure ? [] : [form, ...(held?.maybes ?? [])],
      awaits: false,
      ...(withdrawn === undefined ? {} : { withdrawn }),
    },
  };
}

const manifestShape = z.strictObject({
  version: z.literal(1),
  file: z.string(),
  shipment: z.string(),
  pipeline: z.string(),
  format: z.string(),
  indicators: z.int(),
  withdrawals: z.int(),
  first: z.string(),
  last: z.string(),
  bytes: z.int(),
  sha256: z.string(),
});

const stixShape = z.looseObject({ id: z.string(), type: z.string(), modified: z.string().optional() });
const bundleShape = z.strictObject({ type: z.literal('bundle'), id: z.string(), objects: z.array(stixShape) });
export type ReadObject = z.infer<typeof stixShape>;

/** Every file that a reader may look at, by its name. */
export async function visible(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

/** The files that have a manifest, as a careful reader takes them: those of which every figure is right. */
export async function complete(folder: string) {
  const files = await visible(folder);
  return [...files]
    .filter(([name]) => name.endsWith('.manifest'))
    .map(([, bytes]) => manifestShape.parse(JSON.parse(bytes.toString('utf8'))))
    .map((manifest) => {
      const data = files.get(manifest.file);
      if (data === undefined) throw new Error(`${manifest.file} is gone.`);
      const sha256 = createHash('sha256').update(data).digest('hex');
      if (sha256 !== manifest.sha256 || data.length !== manifest.bytes) throw new Error(`${manifest.file} differs.`);
      return { manifest, text: data.toString('utf8') };
    });
}

export function bundleIn(text: string): z.infer<typeof bundleShape> {
  return bundleShape.parse(JSON.parse(text));
}

/** The rows of a CSV by its header, as a strict parser reads it. */
export function rowsIn(text: string): readonly Readonly<Record<string, string>>[] {
  return z.array(z.record(z.string(), z.string())).parse(parse(text, { columns: true, record_delimiter: '\r\n' }));
}

/** All the objects of a folder of bundles, in every version. */
export async function objectsIn(folder: string): Promise<readonly ReadObject[]> {
  return (await complete(folder)).flatMap(({ text }) => bundleIn(text).objects);
}

/** What a reader of bundles believes in the end, whatever order it read them in: by value, how many ids of it stand. */
export async function standing(folder: string): Promise<Readonly<Record<string, number>>> {
  const newest = new Map<string, ReadObject>();
  for (const object of await objectsIn(folder)) {
    if (object.type !== 'indicator') continue;
    const known = newest.get(object.id);
    const [was, is] = [known?.modified ?? '', object.modified ?? ''];
    if (was === is && JSON.stringify(known) !== JSON.stringify(object)) {
      throw new Error(`Two objects are one version of ${object.id}.`);
    }
    if (was < is) newest.set(object.id, object);
  }
  const counts: Record<string, number> = {};
  for (const { name, revoked } of newest.values()) {
    counts[String(name)] = (counts[String(name)] ?? 0) + (revoked === true ? 0 : 1);
  }
  return counts;
}

export const LOST = { sentAfter: new Date(), endedAt: null };

export function onlyShipment(files: ReturnType<typeof filesIn>, count = 3): Shipment {
  const [first] = shipmentsOf(files, domains(count));
  if (first === undefined) throw new Error('There is a shipment.');
  return first;
}

export async function dataIn(folder: string): Promise<string> {
  const [first] = await complete(folder);
  return join(folder, first?.manifest.file ?? '');
}

export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    () => null,
    (fault: unknown) => fault,
  );
  if (!(error instanceof Fault)) throw new Error('There is a fault.', { cause: error });
  return error;
}
