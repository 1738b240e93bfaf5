import { createHash } from 'node:crypto';

/** The namespace of OpenCTI's own ids. (Source: pycti, `Indicator.generate_id`.) */
const NAMESPACE = Buffer.from('00abedb4aa42466c9c01fed23315a9b7', 'hex');

/**
 * The id by which OpenCTI knows what has these properties, whatever id it came with: a UUIDv5 of their canonical JSON. Names of properties
 * are given in order. (Source: OpenCTI, schema/identifier; pycti, `generate_id` of the entities.)
 */
export function standardId(type: string, properties: Readonly<Record<string, string>>): string {
  const hash = createHash('sha1').update(NAMESPACE).update(JSON.stringify(properties)).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return `${type}--${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}`;
}
