import { z } from 'zod';

const shape = z.object({
  version: z.literal(1),
  /** The data, in the same folder. */
  file: z.string(),
  /** The shipment's name; of what was withdrawn, what its files begin with. */
  shipment: z.string(),
  pipeline: z.string(),
  format: z.string(),
  /** Indicators that stand in it, and that are withdrawn in it. */
  indicators: z.int(),
  withdrawals: z.int(),
  /** The first and the last `modified` in it. */
  first: z.string(),
  last: z.string(),
  bytes: z.int(),
  sha256: z.string(),
});

/** Says of a file of data that it is whole, and what is in it. It is written last, and the same each time. */
export type Manifest = Readonly<z.infer<typeof shape>>;

export const LONGEST_MANIFEST = 65_536;

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest)}\n`;
}

/** Null when the text is not the manifest of this shipment, as when somebody has changed it. */
export function readManifest(text: string, { stem, shipment }: { stem: string; shipment: string }): Manifest | null {
  try {
    const manifest = shape.parse(JSON.parse(text));
    const isOurs = manifest.file.startsWith(stem) && !/[/\\]/.test(manifest.file);
    return isOurs && manifest.shipment === shipment ? manifest : null;
  } catch {
    return null;
  }
}
