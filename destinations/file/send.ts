import { z } from 'zod';
import type { Confirmation, Destination, Receipt, Send, Shipment } from '../destination.ts';
import type { Drop } from './drop.ts';
import { stemOf } from './file-names.ts';
import type { FileSettings } from './file-settings.ts';
import { fileForm } from './form.ts';
import type { Layout } from './layout.ts';
import type { Manifest } from './manifest.ts';
import { contentOf, kindOfFile } from './render.ts';

/** What a folder of files is used with. */
export interface Using {
  readonly settings: Pick<FileSettings, 'format' | 'readers' | 'maxObjects' | 'maxBytes'>;
  readonly pipeline: string;
  readonly drop: Drop;
  readonly layout: Layout;
}

/** Writes the file of a shipment, with what is new or has changed; one that is there, or that a reader has taken, is not written again. */
export function sender({ settings, pipeline, drop, layout }: Using): Send {
  return async (shipment, signal, leaving) => {
    const stem = stemOf(shipment.name);
    const contents = shipment.items.map(contentOf);
    signal.throwIfAborted();
    await drop.open();
    const there = await whole(drop, settings, stem, shipment.name);
    if (there !== null) return receiptOf(there);
    const [first] = shipment.items;
    const pieces = contents.flatMap((content) => content.pieces);
    const versions = shipment.items.map(({ form }) => fileForm.parse(form).modified).toSorted();
    const manifest = await drop.put(
      {
        stem,
        kind: kindOfFile(first?.batchKey ?? ''),
        extension: layout.extension,
        text: layout.file(pieces, new Set(contents.flatMap(({ tlps }) => tlps))),
        about: {
          shipment: shipment.name,
          pipeline,
          format: settings.format,
          indicators: shipment.items.length,
          withdrawals: pieces.length - shipment.items.length,
          first: versions[0] ?? '',
          last: versions.at(-1) ?? '',
        },
      },
      leaving,
    );
    return receiptOf(manifest);
  };
}

/** The file whose name is the shipment's, if it is whole, or was and has been taken. */
export function finder({ settings, drop }: Using): Destination['find'] {
  return async ({ name }) => {
    const manifest = await whole(drop, settings, stemOf(name), name);
    return manifest === null ? { kind: 'absent' } : { kind: 'found', receipt: receiptOf(manifest) };
  };
}

/** Its manifest, when the data that it speaks of is there, or need not be there any more. Else null: it is to be written. */
export async function whole(
  drop: Drop,
  { readers }: Pick<FileSettings, 'readers'>,
  stem: string,
  shipment: string,
): Promise<Manifest | null> {
  const manifest = await drop.manifest(stem, shipment);
  if (manifest === null) return null;
  const data = await drop.data(manifest);
  return data === 'same' || (data === 'missing' && readers === 'take') ? manifest : null;
}

const receipt = z.object({ file: z.string(), bytes: z.int(), sha256: z.string() });

function receiptOf({ file, bytes, sha256 }: Manifest): Receipt {
  return { file, bytes, sha256 };
}

/**
 * Reads the file back. One that is gone was taken by a reader, where readers do that: that it had been there, whole and on the medium, is
 * what the receipt says.
 */
export async function confirmFile(
  { settings, drop }: Using,
  shipment: Shipment,
  given: Receipt,
  remoteIdOf: (item: Shipment['items'][number]) => string | null,
): Promise<Confirmation> {
  const known = receipt.parse(given);
  const data = await drop.data(known);
  const isTaken = data === 'missing' && settings.readers === 'take';
  const hasManifest =
    settings.readers === 'take' || (await drop.manifest(stemOf(shipment.name), shipment.name))?.sha256 === known.sha256;
  if (isTaken || (data === 'same' && hasManifest)) {
    return {
      kind: 'settled',
      accepted: shipment.items.map(({ id }) => id),
      rejected: [],
      unknown: [],
      given: shipment.items.flatMap((item) => {
        const remoteId = remoteIdOf(item);
        return remoteId === null ? [] : [{ id: item.id, remoteId }];
      }),
      note: isTaken ? `${known.file} was taken` : `${known.file} is there`,
    };
  }
  const reason = data === 'other' ? 'its file was changed by somebody else' : 'its file, or its manifest, is gone';
  return {
    kind: 'settled',
    accepted: [],
    rejected: [],
    unknown: shipment.items.map(({ id }) => ({ id, reason, isAbsent: true })),
    note: reason,
  };
}
