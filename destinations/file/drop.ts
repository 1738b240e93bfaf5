import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Fault } from '../../indicators/fault.ts';
import type { Disk } from './disk.ts';
import { dataName, isPart, manifestName, partName } from './file-names.ts';
import { folderFault } from './folder-fault.ts';
import { LONGEST_MANIFEST, type Manifest, manifestText, readManifest } from './manifest.ts';

/** What is to be in the folder: the data, and of its manifest what is not of the data's bytes. */
export interface Whole {
  readonly stem: string;
  /** What stands in the data's name behind that. */
  readonly kind: string;
  readonly extension: string;
  readonly text: string;
  readonly about: Omit<Manifest, 'version' | 'file' | 'bytes' | 'sha256'>;
}

/** `other`: there is something else in its place. */
type There = 'same' | 'missing' | 'other';

/** What a writer that was killed has left is removed after this. */
const LEFT_FOR_MS = 24 * 3_600_000;

/** The folder that readers look into. */
export class Drop {
  readonly #folder: string;
  readonly #mode: number;
  readonly #disk: Disk;
  readonly #now: () => Date;
  #isSwept = false;

  constructor(folder: string, mode: number, disk: Disk, now: () => Date) {
    this.#folder = folder;
    this.#mode = mode;
    this.#disk = disk;
    this.#now = now;
  }

  /** Has it be there, for what is written next; makes it if it alone is missing. */
  async open(): Promise<void> {
    await this.#trying(() => this.#disk.makeFolder(this.#folder));
    await this.#sweep();
  }

  /** The manifest of a shipment, if it is there; throws where there is no folder. */
  async manifest(stem: string, shipment: string): Promise<Manifest | null> {
    return this.#trying(async () => {
      const text = await this.#disk.read(this.#path(manifestName(stem)), LONGEST_MANIFEST);
      if (text === 'missing') await this.#disk.openFolder(this.#folder);
      return typeof text === 'string' ? null : readManifest(text.toString('utf8'), { stem, shipment });
    });
  }

  /** Whether the data is there as it was written; throws where there is no folder. */
  async data({ file, bytes, sha256 }: Pick<Manifest, 'file' | 'bytes' | 'sha256'>): Promise<There> {
    return this.#trying(async () => {
      const read = await this.#disk.read(this.#path(file), bytes);
      if (read === 'missing') await this.#disk.openFolder(this.#folder);
      if (typeof read === 'string') return read;
      return read.length === bytes && digestOf(read) === sha256 ? 'same' : 'other';
    });
  }

  /**
   * Puts the data and then its manifest into the folder: each is whole from the moment that it can be seen, and on the medium before the
   * next one can. Data that is there as it would be written is not touched. A fault says whether anything could be seen already
   * (`inPart`). `leaving` has ended before anything can be seen.
   */
  async put({ stem, kind, extension, text, about }: Whole, leaving?: () => Promise<void>): Promise<Manifest> {
    const bytes = Buffer.from(text, 'utf8');
    const sha256 = digestOf(bytes);
    const file = dataName(stem, kind, sha256, extension);
    const manifest: Manifest = { version: 1, file, ...about, bytes: bytes.length, sha256 };
    const writer = randomBytes(6).toString('hex');
    const [data, last] = [file, manifestName(stem)].map((name) => ({
      part: this.#path(partName(name, writer)),
      path: this.#path(name),
    }));
    if (data === undefined || last === undefined) throw new TypeError('There are two names.');
    const isThere = (await this.data(manifest)) === 'same';
    const progress = { isSeen: false };
    try {
      // Both, so that a disk that is full is met while nothing can be seen.
      if (!isThere) await this.#disk.write(data.part, bytes, this.#mode);
      await this.#disk.write(last.part, Buffer.from(manifestText(manifest)), this.#mode);
      await leaving?.();
      progress.isSeen = true;
      if (!isThere) await this.#disk.rename(data.part, data.path);
      await this.#disk.sync(this.#folder);
      await this.#disk.rename(last.part, last.path);
      await this.#disk.sync(this.#folder);
      return manifest;
    } catch (error) {
      for (const { part } of [data, last]) await this.#disk.remove(part).catch(() => undefined);
      const fault = folderFault(error, this.#folder);
      throw progress.isSeen && fault instanceof Fault ? fault.afterAPart() : fault;
    }
  }

  /** Once for each start: removes what writers have left that were killed long ago. */
  async #sweep(): Promise<void> {
    if (this.#isSwept) return;
    this.#isSwept = true;
    const until = this.#now().getTime() - LEFT_FOR_MS;
    await this.#trying(async () => {
      for (const name of (await this.#disk.names(this.#folder)).filter(isPart)) {
        const at = await this.#disk.changedAt(this.#path(name));
        if (at !== null && at.getTime() < until) await this.#disk.remove(this.#path(name));
      }
    });
  }

  async #trying<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw folderFault(error, this.#folder);
    }
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
