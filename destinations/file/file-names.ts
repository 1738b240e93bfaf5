import { createHash } from 'node:crypto';

/** How the names of our files begin. */
const PREFIX = 'mdti-';
const LONGEST_SLUG = 80;

/** What the files of a shipment begin with: its name in letters that every system takes, and a digest that tells two of those apart. */
export function stemOf(shipmentName: string): string {
  return `${PREFIX}${slug(shipmentName)}-${digest(shipmentName, 10)}`;
}

/** The same of versions that are withdrawn together: those, in whatever order, always give the same. */
export function withdrawalStem(
  pipeline: string,
  versions: readonly (readonly [id: string, modified: string])[],
): string {
  const sorted = versions.map(([id, modified]) => `${id} ${modified}`).toSorted();
  return `${PREFIX}${slug(pipeline)}-withdrawn-${digest(JSON.stringify([pipeline, sorted]), 20)}`;
}

/** Its content is in the name, so that nothing else can ever come under it. */
export function dataName(stem: string, kind: string, sha256: string, extension: string): string {
  return `${stem}${kind}.${sha256.slice(0, 12)}${extension}`;
}

/** No pattern for data (`*.json`, `*.csv`) meets it. */
export function manifestName(stem: string): string {
  return `${stem}.manifest`;
}

/** A file on its way: hidden, and of one writer alone. */
export function partName(name: string, writer: string): string {
  return `.${name}.${writer}.part`;
}

export function isPart(name: string): boolean {
  return name.startsWith(`.${PREFIX}`) && name.endsWith('.part');
}

function slug(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9-]/g, '-').slice(0, LONGEST_SLUG);
}

function digest(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
