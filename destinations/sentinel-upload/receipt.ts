import { z } from 'zod';
import type { Receipt } from '../destination.ts';

/** What is known of a request once it was sent. */
export interface UploadReceipt {
  readonly sentAt: Date;
  /** `modified` of what was sent for each item, in milliseconds since 1970. */
  readonly versions: ReadonlyMap<number, number>;
  readonly declined: ReadonlyMap<number, string>;
}

const versions = z.array(z.tuple([z.number(), z.number()]));
const declined = z.array(z.tuple([z.number(), z.string()]));
const receiptShape = z.object({ sentAt: z.string(), versions: z.string(), declined: z.string() });

export function writeReceipt({ sentAt, ...maps }: UploadReceipt): Receipt {
  return {
    sentAt: sentAt.toISOString(),
    versions: JSON.stringify([...maps.versions]),
    declined: JSON.stringify([...maps.declined]),
  };
}

export function readReceipt(receipt: Receipt): UploadReceipt {
  const read = receiptShape.parse(receipt);
  return {
    sentAt: new Date(read.sentAt),
    versions: new Map(versions.parse(JSON.parse(read.versions))),
    declined: new Map(declined.parse(JSON.parse(read.declined))),
  };
}
